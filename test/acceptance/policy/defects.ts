// [policy.defects]: the known defects of Xen's policy and hooks are found, with the line.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasXenData, xenDataPath } from "../../xsm-policy/compiler/sample.ts";
import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";
import { withoutData } from "./data.ts";

interface Finding {
  readonly id: string;
  readonly message: string;
  readonly span?: { readonly file: string; readonly line: number };
}

/** What Xen's documentation says of a guest; its policy lets any two domains talk by Argo. */
const DOCUMENTED = `# isolated_domU_t can only communicate with dom0.
neverflow isolated_domU_t -> domU_t except through { dom0_t xenstore_t };
`;

const ARGO_RULE = /modules\/guest_features\.te:\d+:\d+: allow domain_type domain_type:argo/;

/** Operations of plugging, each of which asks about domxen_t, where nobody has the permission. */
const PLUGGING = ["plug", "unplug", "use"];

/** `file:line: message` of the first finding of a rule that speaks of something. */
function findingOf(findings: readonly Finding[], id: string, text: string): string | undefined {
  const found = findings.find((each) => each.id === id && each.message.includes(text));
  if (found?.span === undefined) return undefined;
  return `${found.span.file}:${found.span.line}: ${found.message} [${id}]`;
}

async function assertedFlow(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-defects-"));
  try {
    const file = join(folder, "documented.assert");
    writeFileSync(file, DOCUMENTED);
    const words = ["policy", "check", xenDataPath("policy.conf"), "--assert", file];
    const { code, stdout } = await xenolith(words);
    return code === 1 ? ARGO_RULE.exec(stdout)?.[0] : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const defects: Check = {
  name: "policy.defects",
  claim: "the three semantic defects of Xen's policy and hooks are found, with the line",
  short: false,
  async run() {
    if (!hasXenData) return withoutData();
    const linted = await xenolith(["policy", "lint", xenDataPath("policy.conf"), "--json"]);
    const { findings } = JSON.parse(linted.stdout) as { findings: Finding[] };
    const places: Record<string, string | undefined> = {
      setvnumainfo_checks_another_permission: findingOf(findings, "L012", "setvnumainfo"),
      isolated_guest_reaches_another_by_argo: await assertedFlow(),
    };
    for (const permission of PLUGGING) {
      const text = `resource ${permission} about domxen_t`;
      places[`resource_${permission}_is_nobodys`] = findingOf(findings, "L014", text);
    }
    const missed = Object.keys(places).filter((name) => places[name] === undefined);
    const found = Object.keys(places).length - missed.length;
    const summary =
      missed.length === 0 ? `all found (${found} findings)` : `missed: ${missed.join(", ")}`;
    return { passed: missed.length === 0, figures: { places, missed }, summary };
  },
};
