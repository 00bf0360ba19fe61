/** Small policies and folders to lint. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderDiagnostic } from "../../../xsm-policy/compiler/diagnostic.ts";
import { type LintResult, lint } from "../../../xsm-policy/lint/lint.ts";
import { type LintOptions, loadForLint } from "../../../xsm-policy/lint/load.ts";

/** What every folder below starts from: the initial SIDs' types, one role, one user. */
export const BASE = `attribute domains;
type xen_t;
type dom0_t, domains;
type domxen_t;
type security_t;
role r;
role r types { dom0_t };
allow dom0_t domxen_t:resource { use plug unplug };
allow dom0_t xen_t:{ xen xen2 } *;
allow dom0_t xen_t:version *;
allow dom0_t xen_t:resource setup;
allow dom0_t xen_t:mmu memorymap;
allow domains xen_t:argo { enable register_any_source };
allow dom0_t domxen_t:domain getdomaininfo;
allow dom0_t security_t:security *;
`;

const USERS = "user u roles { r };\n";

const CONTEXTS = ["xen", "dom0", "domxen", "security"]
  .map((sid) => `sid ${sid} u:object_r:${sid}_t\n`)
  .join("");

/** Writes a folder of modules below a new temporary folder. */
export function writeFolder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), "xenolith-lint-"));
  const all = { users: USERS, initial_sid_contexts: CONTEXTS, "0base.te": BASE, ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

/** Lints a folder of these files; fails if it does not compile. */
export function lintFolder(
  files: Readonly<Record<string, string>>,
  options: LintOptions = {},
): { readonly result: LintResult; readonly lines: string[] } {
  const root = writeFolder(files);
  try {
    const { context, diagnostics } = loadForLint(root, options);
    if (context === undefined) {
      throw new Error(diagnostics.map((each) => renderDiagnostic(each)).join("\n"));
    }
    const result = lint(context);
    return { result, lines: result.findings.map((finding) => lineOf(finding, root)) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** `L011 a.te:3 message`, for one module `a.te` on top of the base. */
export function findingsOf(module: string, options: LintOptions = {}): string[] {
  return lintFolder({ "a.te": `${module}\n` }, options).lines;
}

function lineOf({ rule, span, message }: LintResult["findings"][number], root: string): string {
  return `${rule.id} ${span.file.replace(`${root}/`, "")}:${span.line} ${message}`;
}
