// Writes README.md from rules.ts and the examples: `npx tsx tcb/subset/readme.ts`.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Example, examples } from "./examples.ts";
import { type Rule, rules } from "./rules.ts";

const INTRODUCTION = `# The restricted subset

The core is AssemblyScript, and only as much of it as compiles to what a person can read and a
prover can follow. These are its rules. One half reads the sources, through AssemblyScript's own
parser and type checker; the other half reads the binary that ships, because that is what runs.

    npx tsx tcb/subset/check.ts [BINARY]    # judges tcb/core and build/core.wasm

It prints \`file:line:column\`, the rule, why it is one, and what to do; exit status 0 when all
rules are kept, 1 when not, 2 when there is no binary. \`checkSource(files)\` and
\`checkBinary(bytes)\` of check.ts do the same for the build.

| room | what |
|---|---|
| rules.ts | the rules as data; this page is written from it: \`npx tsx tcb/subset/readme.ts\` |
| source/ | the source half: a function for each rule; exceptions.ts: the exceptions, as data |
| binary/ | the binary half: a reader of its own, the list of allowed instructions, the rules |
| examples/ | for each rule what it allows and what it refuses; tests judge each of them |

A rule changes in rules.ts, in its function, and in its two examples, in one commit. An exception is
a line of data with a reason, and a decision about the trusted core.
`;

function fence(example: Example): string {
  const language = example.rule.half === "source" ? "ts" : "wat";
  return [`\`\`\`${language}`, example.text.trimEnd(), "```"].join("\n");
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function section(rule: Rule, all: readonly Example[]): string {
  const own = all.filter((example) => example.rule === rule);
  const example = (allowed: boolean) => fence(own.find((one) => one.allowed === allowed)!);
  return [
    `## ${String(rule.number).padStart(2, "0")} ${rule.name}`,
    `${rule.title} (${rule.half})`,
    `Why: ${sentence(rule.reason)} Instead: ${sentence(rule.remedy)}`,
    `Allowed:\n\n${example(true)}`,
    `Forbidden:\n\n${example(false)}`,
  ].join("\n\n");
}

/** The text of README.md. */
export function readmeText(): string {
  const all = examples();
  return `${[INTRODUCTION.trimEnd(), ...rules.map((rule) => section(rule, all))].join("\n\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("README.md", import.meta.url), readmeText());
}
