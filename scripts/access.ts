// Writes tcb/core/access.ts from the typed hook table: one function for each question that the core
// may ask of the policy.

import { writeFileSync } from "node:fs";
import { accessVector, classNames, type Hook, hooks } from "../tcb/core/hooks.ts";

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

function question(row: Hook): string {
  const mask = `0x${accessVector(row).toString(16)}`;
  const of = classNames.indexOf(row.class);
  return [
    `/** ${row.source} -> ${row.target}, ${row.class} { ${row.permissions.join(" ")} } */`,
    `export function may${capital(row.name)}(source: u32, target: u32): bool {`,
    `  return decide(source, target, ${of}, ${mask});`,
    "}",
  ].join("\n");
}

/** The text of access.ts. */
export function accessSource(): string {
  return `${[
    "// Written by scripts/access.ts from hooks.ts. Do not edit.",
    'import { decide } from "./xsm";',
    ...hooks.map(question),
  ].join("\n")}\n`;
}

/** Writes access.ts. */
export function writeAccess(): void {
  writeFileSync(new URL("../tcb/core/access.ts", import.meta.url), accessSource());
}

if (process.argv[1]?.endsWith("access.ts")) writeAccess();
