// The manual of the interface, from the source of the specification:
// npx tsx proofs/manual/render.ts [FILE] (build/manual.md if none is named).

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { invariants } from "../../spec/invariants/index.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import { type Chapter, chapters, type ManualClause, type Section } from "./clauses.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const title = (file: string): string =>
  file
    .replace(/^spec\/|\.ts$/g, "")
    .replace(/_/g, " ")
    .replace(/^./, (one) => one.toUpperCase());

function clauseLine(file: string, { id, says, line, refusals }: ManualClause): string {
  const otherwise = refusals.length === 0 ? "" : ` Otherwise: ${refusals.join(", ")}.`;
  return `- <a id="${id}"></a>**${id}** ${says}${otherwise} ([${file}:${line}](../${file}#L${line}))\n`;
}

function sectionText(file: string, section: Section): string {
  const heading = `\n### ${section.name}\n\n${section.title === "" ? "" : `${section.title}\n\n`}`;
  return heading + section.clauses.map((clause) => clauseLine(file, clause)).join("");
}

function chapterText({ file, about, sections }: Chapter): string {
  return `\n## ${title(file)}\n\n${about}\n${sections.map((one) => sectionText(file, one)).join("")}`;
}

const invariantLine = ({ id, says, table, counted }: Invariant): string => {
  const how = counted ? " (from exact counts)" : "";
  return `- <a id="${id}"></a>**${id}** (${table}) ${says}${how}\n`;
};

/** The manual as Markdown. */
export function manual(): string {
  const all = chapters();
  const count = all.reduce(
    (sum, { sections }) => sum + sections.reduce((own, { clauses }) => own + clauses.length, 0),
    0,
  );
  const contents = all.map(({ file }) => {
    const anchor = title(file).toLowerCase().replace(/ /g, "-");
    return `- [${title(file)}](#${anchor})\n`;
  });
  return (
    "# What Xenolith does\n\n" +
    `${count} clauses and ${invariants.length} invariants, as \`spec/\` says them. In an operation, ` +
    "clauses hold in the order in which they stand; the first that does not hold ends it with its " +
    "refusal. The notation is explained in spec/README.md.\n\n" +
    `${contents.join("")}- [Invariants](#invariants)\n` +
    all.map(chapterText).join("") +
    "\n## Invariants\n\nBetween any two operations, for ever.\n\n" +
    invariants.map(invariantLine).join("")
  );
}

if (process.argv[1]?.endsWith("render.ts")) {
  const file = process.argv[2] ?? join(root, "build/manual.md");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, manual());
  process.stdout.write(`${file}\n`);
}
