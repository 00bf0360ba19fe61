import type { ValueType } from "../wasm/module.ts";

/** A function to be assembled; the body is without its `end`. */
export interface FunctionText {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType | undefined;
  readonly locals?: readonly ValueType[];
  readonly body: readonly number[];
}

export interface ModuleText {
  readonly functions: readonly FunctionText[];
  /** Mutable; exported as global0, global1, ... */
  readonly globals: readonly { readonly type: ValueType; readonly initial: bigint }[];
  readonly data: readonly { readonly address: number; readonly bytes: readonly number[] }[];
}

export function unsigned(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

/** A signed number; values of 2^(bits-1) and more stand for negative ones. */
export function signed(value: bigint, bits: 32 | 64): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asIntN(bits, value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const CODE: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e };

export function typeCode(type: ValueType): number {
  return CODE[type];
}

/** The instruction i32.const or i64.const. */
export function constantCode(type: ValueType, value: bigint): number[] {
  return type === "i32" ? [0x41, ...signed(value, 32)] : [0x42, ...signed(value, 64)];
}

const vector = (items: readonly (readonly number[])[]) => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, content: readonly number[]) => [
  id,
  ...unsigned(content.length),
  ...content,
];
const text = (name: string) => vector([...new TextEncoder().encode(name)].map((byte) => [byte]));

function functionType({ parameters, result }: FunctionText): number[] {
  const results = result === undefined ? [] : [result];
  return [0x60, ...[parameters, results].flatMap((list) => vector(list.map((one) => [CODE[one]])))];
}

function code({ locals = [], body }: FunctionText): number[] {
  const groups = vector(locals.map((type) => [1, CODE[type]]));
  const content = [...groups, ...body, 0x0b];
  return [...unsigned(content.length), ...content];
}

/** The bytes of a module with one page of memory; everything is exported. */
export function assemble({ functions, globals, data }: ModuleText): Uint8Array {
  const exports = [
    ...functions.map((one, at) => [...text(one.name), 0, ...unsigned(at)]),
    ...globals.map((_, at) => [...text(`global${at}`), 3, ...unsigned(at)]),
    [...text("memory"), 2, 0],
  ];
  const globalCode = globals.map(({ type, initial }) => [
    CODE[type],
    1,
    ...constantCode(type, initial),
    0x0b,
  ]);
  const dataCode = data.map(({ address, bytes }) => [
    0,
    ...constantCode("i32", BigInt(address)),
    0x0b,
    ...vector(bytes.map((byte) => [byte])),
  ]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(functions.map(functionType))),
    ...section(3, vector(functions.map((_, at) => unsigned(at)))),
    ...section(5, vector([[1, 1, 1]])),
    ...section(6, vector(globalCode)),
    ...section(7, vector(exports)),
    ...section(10, vector(functions.map(code))),
    ...section(11, vector(dataCode)),
  ]);
}
