// The sections of a core, as data.

import { Cursor, MalformedBinary, typeName, valueType } from "./reader.ts";

export interface FunctionType {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

export interface Import {
  readonly offset: number;
  readonly module: string;
  readonly name: string;
  readonly kind: string;
  /** Of a function. */
  readonly type?: FunctionType;
}

export interface Export {
  readonly offset: number;
  readonly name: string;
  readonly kind: string;
  readonly index: number;
}

export interface Memory {
  readonly offset: number;
  /** In pages of 65536 bytes; `maximum` is undefined when there is none. */
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly plain: boolean;
}

export interface Global {
  readonly offset: number;
  readonly type: string;
  readonly mutable: boolean;
}

export interface FunctionBody {
  /** Index among all functions, imports first. */
  readonly index: number;
  readonly type: FunctionType;
  /** Of the body's first byte (its locals). */
  readonly offset: number;
  readonly locals: readonly string[];
  /** The instructions, with the last `end`. */
  readonly code: { readonly start: number; readonly end: number };
}

export interface DataSegment {
  readonly offset: number;
  /** Undefined when it is not a constant: passive, or computed. */
  readonly address: number | undefined;
  readonly bytes: number;
}

export interface Section {
  readonly id: number;
  readonly offset: number;
  readonly end: number;
}

export interface Module {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly memories: readonly Memory[];
  readonly globals: readonly Global[];
  readonly functions: readonly FunctionBody[];
  readonly data: readonly DataSegment[];
  /** Names of functions by index, from the name section. */
  readonly names: ReadonlyMap<number, string>;
}

export const SECTION = { custom: 0, table: 4, start: 8, element: 9, code: 10 } as const;
const LAST_KNOWN_SECTION = 12;
const KINDS = ["function", "table", "memory", "global", "tag"];
const kindName = (code: number): string => KINDS[code] ?? `kind ${code}`;

function sectionsOf(bytes: Uint8Array): Section[] {
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (!header.every((byte, index) => bytes[index] === byte)) {
    throw new MalformedBinary(0, "not a WebAssembly binary of version 1");
  }
  const cursor = new Cursor(bytes, header.length);
  const sections: Section[] = [];
  while (!cursor.done) {
    const id = cursor.byte();
    if (id > LAST_KNOWN_SECTION) throw new MalformedBinary(cursor.at - 1, `section ${id}`);
    const part = cursor.part(cursor.u32());
    sections.push({ id, offset: part.at, end: part.end });
  }
  return sections;
}

function functionType(cursor: Cursor): FunctionType {
  const form = cursor.byte();
  if (form !== 0x60) throw new MalformedBinary(cursor.at - 1, "a type that is not a function");
  const parameters = cursor.list(() => valueType(cursor));
  return { parameters, results: cursor.list(() => valueType(cursor)) };
}

function limits(cursor: Cursor): Memory {
  const offset = cursor.at;
  const flags = cursor.byte();
  const initial = cursor.u32();
  const maximum = (flags & 1) !== 0 ? cursor.u32() : undefined;
  return { offset, initial, maximum, plain: flags <= 1 };
}

/** The type that the next number names. */
function typeAt(cursor: Cursor, types: readonly FunctionType[]): FunctionType {
  const offset = cursor.at;
  const type = types[cursor.u32()];
  if (type === undefined) throw new MalformedBinary(offset, "a function type that does not exist");
  return type;
}

function importOf(cursor: Cursor, types: readonly FunctionType[]): Import {
  const offset = cursor.at;
  const module = cursor.name();
  const name = cursor.name();
  const kind = kindName(cursor.byte());
  if (kind === "function") return { offset, module, name, kind, type: typeAt(cursor, types) };
  if (kind === "table") cursor.byte();
  if (kind === "table" || kind === "memory") limits(cursor);
  if (kind === "global") cursor.skip(2);
  return { offset, module, name, kind };
}

/** Skips a constant expression; its value when it is one `i32.const`. */
function constantExpression(cursor: Cursor): number | undefined {
  const code = cursor.byte();
  let value: number | undefined;
  if (code === 0x41) value = Number(cursor.signed()) >>> 0;
  else if (code === 0x42) cursor.signed();
  else if (code === 0x43) cursor.skip(4);
  else if (code === 0x44) cursor.skip(8);
  else if (code === 0x23 || code === 0xd2) cursor.u32();
  else if (code === 0xd0) cursor.byte();
  else throw new MalformedBinary(cursor.at - 1, "not a constant expression");
  if (cursor.byte() !== 0x0b) throw new MalformedBinary(cursor.at - 1, "a computed constant");
  return value;
}

function globalOf(cursor: Cursor): Global {
  const offset = cursor.at;
  const type = valueType(cursor);
  const mutable = cursor.byte() !== 0;
  constantExpression(cursor);
  return { offset, type, mutable };
}

function dataOf(cursor: Cursor): DataSegment {
  const offset = cursor.at;
  const flags = cursor.u32();
  if (flags === 2) cursor.u32();
  const address = flags === 1 ? undefined : constantExpression(cursor);
  const bytes = cursor.u32();
  cursor.skip(bytes);
  return { offset, address: flags === 2 ? undefined : address, bytes };
}

const LOCALS_MAX = 50_000;

function bodyOf(cursor: Cursor, index: number, type: FunctionType): FunctionBody {
  const part = cursor.part(cursor.u32());
  const offset = part.at;
  const locals: string[] = [];
  part.list(() => {
    const count = part.u32();
    const name = typeName(part.byte());
    if (locals.length + count > LOCALS_MAX) throw new MalformedBinary(offset, "too many locals");
    for (let at = 0; at < count; at++) locals.push(name);
  });
  return { index, type, offset, locals, code: { start: part.at, end: part.end } };
}

function functionNames(bytes: Uint8Array, sections: readonly Section[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const section of sections.filter(({ id }) => id === SECTION.custom)) {
    const cursor = new Cursor(bytes, section.offset, section.end);
    if (cursor.name() !== "name") continue;
    while (!cursor.done) {
      const id = cursor.byte();
      const part = cursor.part(cursor.u32());
      if (id === 1) part.list(() => names.set(part.u32(), part.name()));
    }
  }
  return names;
}

/** Reads a module. Throws MalformedBinary when it is not one of the form that a core may have. */
export function readModule(bytes: Uint8Array): Module {
  const sections = sectionsOf(bytes);
  const read = <T>(id: number, item: (cursor: Cursor, index: number) => T): T[] => {
    const section = sections.find((candidate) => candidate.id === id);
    if (section === undefined) return [];
    const cursor = new Cursor(bytes, section.offset, section.end);
    return cursor.list((index) => item(cursor, index));
  };
  const types = read(1, functionType);
  const imports = read(2, (cursor) => importOf(cursor, types));
  const declared = read(3, (cursor) => typeAt(cursor, types));
  const first = imports.filter(({ kind }) => kind === "function").length;
  const functions = read(10, (cursor, index) => {
    const type = declared[index];
    if (type === undefined) throw new MalformedBinary(cursor.at, "a body without a type");
    return bodyOf(cursor, first + index, type);
  });
  if (functions.length !== declared.length) {
    throw new MalformedBinary(bytes.length, "a function without a body");
  }
  return {
    bytes,
    sections,
    imports,
    memories: read(5, limits),
    globals: read(6, globalOf),
    exports: read(7, (cursor) => {
      const offset = cursor.at;
      return { offset, name: cursor.name(), kind: kindName(cursor.byte()), index: cursor.u32() };
    }),
    functions,
    data: read(11, dataOf),
    names: functionNames(bytes, sections),
  };
}

/** A function's name for messages. */
export function nameOf(module: Module, index: number): string {
  const imported = module.imports.filter(({ kind }) => kind === "function")[index];
  if (imported !== undefined) return `${imported.module}.${imported.name}`;
  return module.names.get(index) ?? `function ${index}`;
}
