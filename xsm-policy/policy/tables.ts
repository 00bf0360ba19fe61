/**
 * Writes the tables of classes, permissions and initial SIDs that the policies stand on, from the
 * core's hook table: `npx tsx xsm-policy/policy/tables.ts`.
 */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { classNames, hooks, type Party, permissionsOf } from "../../tcb/core/hooks.ts";
import { XEN_INITIAL_SIDS } from "../compiler/policydb-format.ts";

/** The class that Xen does not have. */
const OWN_CLASS = "xenolith";

const LINE_WIDTH = 96;

const NOTE =
  "# Written by xsm-policy/policy/tables.ts from the core's hook table; change it there.\n";

/** The tables' texts, by file name relative to this folder. */
export function tables(): ReadonlyMap<string, string> {
  const ofXen = classNames.filter((name) => name !== OWN_CLASS);
  const sids = XEN_INITIAL_SIDS.map((name) => `sid ${name}\n`).join("");
  return new Map([
    ["flask/security_classes", `${NOTE}\n${declarations(ofXen)}`],
    ["flask/access_vectors", `${NOTE}\n${vectors(ofXen)}`],
    ["flask/initial_sids", `${NOTE}\n${sids}`],
    ["base/security_classes", `${NOTE}\n${declarations([OWN_CLASS])}`],
    ["base/access_vectors", `${NOTE}\n${vectors([OWN_CLASS])}`],
    ["operations.md", operations()],
  ]);
}

/** What stands on a side of a question, in the words of a policy's author. */
const PARTIES: Readonly<Record<Party, string>> = {
  caller: "the domain that calls",
  domain: "the domain that is named",
  self: "the caller's own `_self` label",
  channel: "the channel's label",
  xen: "the hypervisor (initial SID xen)",
  label: "the label that a domain is about to get",
};

/** Every question of the core, for people. */
function operations(): string {
  const rows = hooks.map(
    ({ name, source, target, class: of, permissions }) =>
      `| ${name} | ${PARTIES[source]} | ${PARTIES[target]} | ${of} | ${permissions.join(" ")} |\n`,
  );
  return `# What the core asks the policy

Written by \`tables.ts\` from the core's hook table, \`tcb/core/hooks.ts\`: every operation of the core that asks, whom it asks about, and the permission that decides. What is not here is not asked, and a permission that is not here decides nothing on Xenolith (rule L011 or L016 of the linter).

| operation | source | target | class | permissions |
|---|---|---|---|---|
${rows.join("")}`;
}

function declarations(classes: readonly string[]): string {
  return classes.map((name) => `class ${name}\n`).join("");
}

function vectors(classes: readonly string[]): string {
  return classes
    .map(
      (name) => `class ${name} {\n${wrap(permissionsOf(name as (typeof classNames)[number]))}}\n`,
    )
    .join("\n");
}

/** Words in lines, each indented by a tab. */
function wrap(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(`\t${word}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, text] of tables()) writeFileSync(path.join(import.meta.dirname, name), text);
}
