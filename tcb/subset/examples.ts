// The examples of the rules: each allowed one keeps all rules, each forbidden one breaks its own.

import { existsSync, readFileSync } from "node:fs";
import wabt from "wabt";
import { checkModule, type Expectation } from "./binary/check.ts";
import { coreFiles } from "./core-files.ts";
import type { Finding } from "./finding.ts";
import { exampleFolder, type Rule, rules } from "./rules.ts";
import { checkSource } from "./source/check.ts";

export interface Example {
  readonly rule: Rule;
  readonly allowed: boolean;
  /** Path relative to this folder. */
  readonly path: string;
  readonly text: string;
}

/** What the binary examples are judged against: a small machine and small budgets. */
const EXPECTED: Expectation = {
  file: "example.wasm",
  linearBytes: 16 * 65536,
  firstColumn: 65536,
  codeBytesMax: 256,
  stackLocalsMax: 32,
  imports: [
    { name: "load8", parameters: ["i64"], results: ["i32"] },
    { name: "halt", parameters: ["i32"], results: [] },
  ],
};

function read(rule: Rule, allowed: boolean): Example {
  const extension = rule.half === "source" ? "ts" : "wat";
  const name = `${allowed ? "allowed" : "forbidden"}.${extension}`;
  const path = `examples/${exampleFolder(rule)}/${name}`;
  const url = new URL(path, import.meta.url);
  if (!existsSync(url)) throw new Error(`rule ${rule.number} has no example ${path}`);
  return { rule, allowed, path, text: readFileSync(url, "utf8") };
}

/** All examples: for each rule an allowed and a forbidden one. */
export function examples(): Example[] {
  return rules.flatMap((rule) => [read(rule, true), read(rule, false)]);
}

/** A source example stands for a file of the core: the one that its first line names, or a new
 *  one. */
function judgeSource({ text }: Example): Finding[] {
  const path = /^\/\/ (tcb\/core\/\w+\.ts)\n/.exec(text)?.[1] ?? "tcb/core/example.ts";
  const others = coreFiles().filter((file) => file.path !== path);
  return checkSource([...others, { path, text }], [path]).filter(({ file }) => file === path);
}

async function judgeBinary({ path, text }: Example): Promise<Finding[]> {
  const { parseWat } = await wabt();
  const module = parseWat(path, text);
  const bytes = module.toBinary({ write_debug_names: true }).buffer;
  module.destroy();
  return checkModule(bytes, EXPECTED);
}

/** What the checker finds in an example. */
export async function judge(example: Example): Promise<Finding[]> {
  return example.rule.half === "source" ? judgeSource(example) : judgeBinary(example);
}

/** Examples that the checker judges wrongly, as one line each. Empty: all are judged as they
 *  stand. */
export async function misjudged(): Promise<string[]> {
  const lines: string[] = [];
  for (const example of examples()) {
    const found = (await judge(example)).map(({ rule }) => rule);
    if (example.allowed && found.length > 0) {
      lines.push(`${example.path}: allowed, but breaks rules ${found.join(", ")}`);
    }
    if (!example.allowed && !found.includes(example.rule.number)) {
      lines.push(`${example.path}: forbidden, but rule ${example.rule.number} does not refuse it`);
    }
  }
  return lines;
}
