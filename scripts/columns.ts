// Writes two files from tcb/core/layout.ts:
// - tcb/core/columns.ts, two accessors for each column. Nothing else in the core may load or store,
//   so an access is always a column and a row;
// - build/generated/layout.h, the offsets that the machine layer needs.

import { mkdirSync, writeFileSync } from "node:fs";
import { type Column, columns, linearBytes } from "../tcb/core/layout.ts";

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
const hex = (value: number): string => `0x${value.toString(16)}`;

/** Offset of a row from its column's base. The row is cut to the table's size, where that is a
 *  power of two: a wrong row can then reach nothing but another row of the same column, and the
 *  native code needs no bounds check. */
function address(column: Column): string {
  if (column.rows === 1) return hex(column.base);
  const shift = Math.log2(column.stride);
  const cut = Number.isInteger(Math.log2(column.rows)) ? `(row & ${hex(column.rows - 1)})` : "row";
  return shift === 0 ? cut : `${cut} << ${shift}`;
}

function accessors(column: Column): string {
  const type = column.width === 8 ? "u64" : "u32";
  const stored = `u${column.width * 8}`;
  const single = column.rows === 1;
  const offset = single ? "" : `, ${hex(column.base)}`;
  const row = single ? "" : "row: u32";
  const place = address(column);
  const loaded = column.width === 8 ? "" : ` as ${type}`;
  const cast = column.width === 8 ? "" : ` as ${stored}`;
  const value = `${row}${single ? "" : ", "}value: ${type}`;
  return [
    `export function ${column.name}(${row}): ${type} { return load<${stored}>(${place}${offset})${loaded}; }`,
    `export function set${capital(column.name)}(${value}): void { store<${stored}>(${place}, value${cast}${offset}); }`,
  ].join("\n");
}

function bases(): string {
  const wanted = ["vmcbInterceptCr", "gprValue", "stateWord", "iopmWord", "msrpmWord"];
  const paged = ["nestedRootEntry", "nestedPointerEntry", "directoryEntry", "leafEntry"];
  const bytes = [
    "scratchByte",
    "domainLineByte",
    "policyCellAllowed",
    "policyNameByte",
    "policySelfLabel",
    "policyChannelLabel",
    "stagedByte",
    "superFreeWord",
    "domainNameByte",
    "domainParameterValue",
    "domainExitCount",
    "grantFrameFrame",
    "apicRegister",
    "vcpuTimeSpent",
    "vcpuVirqPort",
  ];
  const byName = new Map(columns.map((column) => [column.name, column]));
  return [...wanted, ...paged, ...bytes, "frameKind", "frameReferences"]
    .map((name) => {
      const column = byName.get(name);
      if (column === undefined) throw new Error(`layout.ts has no column ${name}`);
      return `export const ${name}Base: u32 = ${hex(column.base)};`;
    })
    .join("\n");
}

/** The text of columns.ts. */
export function columnsSource(): string {
  return `${[
    "// Written by scripts/columns.ts from layout.ts. Do not edit.",
    `export const LINEAR_BYTES: u32 = ${hex(linearBytes)};`,
    bases(),
    ...columns.map(accessors),
  ].join("\n")}\n`;
}

const snake = (name: string): string =>
  name.replace(/[A-Z0-9]+/g, (part) => `_${part}`).toUpperCase();

/** The text of layout.h: base, stride and number of rows of each column. */
export function layoutHeader(): string {
  const lines = columns.flatMap((column) => [
    `#define ${snake(column.name)}_BASE ${hex(column.base)}u`,
    `#define ${snake(column.name)}_STRIDE ${column.stride}u`,
  ]);
  return `${["#pragma once", `#define LINEAR_BYTES ${hex(linearBytes)}u`, ...lines].join("\n")}\n`;
}

/** Writes both files. */
export function writeLayout(): void {
  const root = new URL("..", import.meta.url);
  mkdirSync(new URL("build/generated/", root), { recursive: true });
  writeFileSync(new URL("tcb/core/columns.ts", root), columnsSource());
  writeFileSync(new URL("build/generated/layout.h", root), layoutHeader());
}

if (process.argv[1]?.endsWith("columns.ts")) writeLayout();
