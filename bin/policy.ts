// The policy that an appliance is built with: compiled, and held to what it promises.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { problemHere } from "../disaggregation/appliance/config-syntax.ts";
import type { Placed } from "../disaggregation/appliance/config-values.ts";
import { type PolicyMaker, tableFor } from "../disaggregation/appliance/policy.ts";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { checkPolicy } from "../xsm-policy/analysis/check.ts";
import { checkText } from "../xsm-policy/analysis/check-command.ts";
import { loadForAnalysis } from "../xsm-policy/analysis/input.ts";
import { renderDiagnostic } from "../xsm-policy/compiler/diagnostic.ts";
import type { AccessRelation } from "../xsm-policy/compiler/relation.ts";
import { TABLE_MAGIC } from "../xsm-policy/compiler/table.ts";

/** The policy of an appliance that names none. */
export const shippedPolicy = fileURLToPath(
  new URL("../xsm-policy/policy/xenolith", import.meta.url),
);

/** A policy whose every promise holds. Throws a Problem that shows how one is broken. */
export function soundPolicy(path: string): AccessRelation {
  const { loaded, diagnostics, ready } = loadForAnalysis(path);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const shown = errors.map((each) => renderDiagnostic(each, loaded.tree?.source)).join("\n");
  if (ready === undefined) {
    throw new Problem(`${path}: the policy does not compile, so nothing is built\n${shown}`);
  }
  const { verdicts, diagnostics: misspelt } = checkPolicy(ready.relation, ready.assertions);
  if (misspelt.length > 0) {
    const text = misspelt.map((each) => renderDiagnostic(each)).join("\n");
    throw new Problem(`${path}: a promise cannot be decided, so nothing is built\n${text}`);
  }
  const broken = verdicts.filter(({ holds }) => !holds);
  if (broken.length === 0) return ready.relation;
  const count = `${broken.length} of its ${verdicts.length} promises`;
  const shownPaths = checkText(broken).trimEnd();
  throw new Problem(`${path}: the policy breaks ${count}, so nothing is built\n${shownPaths}`);
}

function isTable(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  const bytes = Buffer.alloc(8);
  const file = openSync(path, "r");
  try {
    return readSync(file, bytes) === 8 && bytes.readBigUInt64LE() === TABLE_MAGIC;
  } finally {
    closeSync(file);
  }
}

/** The path that an appliance names. Throws a Problem where nothing that can be checked is there. */
function namedPath(named: Placed<string>): string {
  const path = named.value;
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw problemHere(named, `policy ${path}: there is no such file or folder`);
  }
  if (!isTable(path)) return path;
  const advice = "name the folder or policy.conf that it was made from";
  throw problemHere(
    named,
    `policy ${path}: a compiled table shows no promises to check; ${advice}`,
  );
}

/** Compiles and checks the policy of an appliance for its guests. */
export const appliancePolicy: PolicyMaker = (named, guests) => {
  const path = named === undefined ? shippedPolicy : namedPath(named);
  return tableFor(soundPolicy(path), path, guests);
};
