import { expression, valueType } from "./body.ts";
import { engine } from "./engine.ts";
import {
  type DataSegment,
  DecodeError,
  type FunctionType,
  type ImportedFunction,
  type ValueType,
  type WasmExport,
  type WasmFunction,
  type WasmGlobal,
  type WasmModule,
} from "./module.ts";
import { type Names, readNames } from "./names.ts";
import { Reader } from "./reader.ts";

const PAGE_BYTES = 65_536;
const LIMIT_PAGES = 65_536;
const LIMIT_LOCALS = 50_000;

const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** The order in which sections may stand; those that are not here are refused. */
const ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.memory,
  SECTION.global,
  SECTION.export,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
];

/** Everything the sections say, while they are being read. */
interface Draft {
  types: FunctionType[];
  imports: ImportedFunction[];
  declared: FunctionType[];
  memoryBytes: number;
  globals: Omit<WasmGlobal, "name">[];
  exports: WasmExport[];
  bodies: Reader[];
  data: DataSegment[];
  dataCount: number | undefined;
  names: Names;
}

/**
 * Decodes a module of the integer subset, or throws a `DecodeError` at the first thing outside it:
 * floats, tables, elements, indirect calls, a start function, passive data, a memory that grows,
 * imports other than functions. V8's validator has to accept the bytes as well.
 */
export function decodeModule(bytes: Uint8Array): WasmModule {
  const reader = new Reader(bytes);
  for (const expected of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) {
    if (reader.byte() !== expected) reader.fail("not a WebAssembly module of version 1", 0);
  }
  const draft: Draft = {
    types: [],
    imports: [],
    declared: [],
    memoryBytes: 0,
    globals: [],
    exports: [],
    bodies: [],
    data: [],
    dataCount: undefined,
    names: { functions: new Map(), globals: new Map() },
  };
  let last = -1;
  while (!reader.done) last = section(reader, draft, last);
  const module = finish(draft, reader);
  if (!engine.validate(bytes)) {
    throw new DecodeError("V8's validator refuses the module", 0);
  }
  return module;
}

function section(reader: Reader, draft: Draft, last: number): number {
  const offset = reader.position;
  const id = reader.byte();
  const part = reader.part(reader.u32());
  if (id === SECTION.custom) {
    if (part.text() === "name") draft.names = readNames(part);
    return last;
  }
  const place = ORDER.indexOf(id);
  if (place < 0) reader.fail(`section ${id} is outside the subset`, offset);
  if (place <= last) reader.fail(`section ${id} is out of order`, offset);
  sectionReaders[id]!(part, draft);
  if (!part.done) part.fail(`section ${id} has bytes left over`);
  return place;
}

const sectionReaders: Record<number, (part: Reader, draft: Draft) => void> = {
  [SECTION.type]: (part, draft) => {
    draft.types = part.vector(() => functionType(part));
  },
  [SECTION.import]: (part, draft) => {
    draft.imports = part.vector(() => importedFunction(part, draft));
  },
  [SECTION.function]: (part, draft) => {
    draft.declared = part.vector(() => typeAt(part, draft));
  },
  [SECTION.memory]: (part, draft) => {
    const sizes = part.vector(() => memoryBytes(part));
    if (sizes.length > 1) part.fail("more than one memory");
    draft.memoryBytes = sizes[0] ?? 0;
  },
  [SECTION.global]: (part, draft) => {
    draft.globals = part.vector(() => globalVariable(part));
  },
  [SECTION.export]: (part, draft) => {
    draft.exports = part.vector(() => exported(part, draft));
  },
  [SECTION.code]: (part, draft) => {
    draft.bodies = part.vector(() => part.part(part.u32()));
  },
  [SECTION.data]: (part, draft) => {
    draft.data = part.vector(() => dataSegment(part, draft));
  },
  [SECTION.dataCount]: (part, draft) => {
    draft.dataCount = part.u32();
  },
};

function functionType(part: Reader): FunctionType {
  if (part.byte() !== 0x60) part.fail("not a function type", part.position - 1);
  const parameters = part.vector(() => valueType(part));
  const results = part.vector(() => valueType(part));
  if (results.length > 1) part.fail("more than one result");
  return { parameters, results };
}

function typeAt(part: Reader, draft: Draft): FunctionType {
  const at = part.position;
  const index = part.u32();
  return draft.types[index] ?? part.fail(`type ${index} does not exist`, at);
}

function importedFunction(part: Reader, draft: Draft): ImportedFunction {
  const module = part.text();
  const name = part.text();
  const kind = part.byte();
  if (kind !== 0) part.fail(`import ${module}.${name} is not a function`, part.position - 1);
  return { module, name, type: typeAt(part, draft) };
}

function memoryBytes(part: Reader): number {
  const at = part.position;
  if (part.byte() !== 1) part.fail("the memory has no maximum, or is shared", at);
  const [initial, maximum] = [part.u32(), part.u32()];
  if (initial !== maximum || maximum > LIMIT_PAGES)
    part.fail("the memory is not of fixed size", at);
  return initial * PAGE_BYTES;
}

/** An expression that is one constant of the type. */
function constantExpression(part: Reader, type: ValueType): bigint {
  const at = part.position;
  const opcode = part.byte();
  if (opcode !== (type === "i32" ? 0x41 : 0x42)) part.fail("not a plain constant", at);
  const value = part.signed(type === "i32" ? 32 : 64);
  if (part.byte() !== 0x0b) part.fail("more than one instruction", at);
  return value;
}

function globalVariable(part: Reader): Omit<WasmGlobal, "name"> {
  const type = valueType(part);
  const mutability = part.byte();
  if (mutability > 1) part.fail("bad mutability", part.position - 1);
  return { type, mutable: mutability === 1, initial: constantExpression(part, type) };
}

function exported(part: Reader, draft: Draft): WasmExport {
  const name = part.text();
  const at = part.position;
  const code = part.byte();
  const index = part.u32();
  const limits: Record<number, [WasmExport["kind"], number]> = {
    0: ["function", draft.imports.length + draft.declared.length],
    2: ["memory", draft.memoryBytes > 0 ? 1 : 0],
    3: ["global", draft.globals.length],
  };
  const [kind, limit] = limits[code] ?? part.fail(`export ${name} is a table or unknown`, at);
  if (index >= limit) part.fail(`export ${name} names a ${kind} that does not exist`, at);
  return { name, kind, index };
}

function dataSegment(part: Reader, draft: Draft): DataSegment {
  const at = part.position;
  if (part.u32() !== 0) part.fail("the data segment is not an active one of memory 0", at);
  const address = Number(constantExpression(part, "i32"));
  const bytes = part.part(part.u32());
  const length = bytes.end - bytes.position;
  if (address + length > draft.memoryBytes) part.fail("the data runs past the memory", at);
  return { address, bytes: bytes.bytes.slice(bytes.position, bytes.end) };
}

function finish(draft: Draft, reader: Reader): WasmModule {
  if (draft.bodies.length !== draft.declared.length) reader.fail("functions and bodies differ");
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length) {
    reader.fail("the data count does not match");
  }
  const types = [...draft.imports.map((one) => one.type), ...draft.declared];
  const functions = draft.bodies.map((body, at) => functionOf(body, at, draft, types));
  const globals = draft.globals.map((global, index) => ({
    ...global,
    name: globalName(draft, index),
  }));
  const { imports, exports, data, memoryBytes: size } = draft;
  return { imports, functions, globals, exports, data, memoryBytes: size };
}

function globalName(draft: Draft, index: number): string {
  const export_ = draft.exports.find((one) => one.kind === "global" && one.index === index);
  return draft.names.globals.get(index) ?? export_?.name ?? `global${index}`;
}

function functionOf(
  body: Reader,
  at: number,
  draft: Draft,
  types: readonly FunctionType[],
): WasmFunction {
  const index = draft.imports.length + at;
  const type = types[index]!;
  const start = body.position;
  const locals = [...type.parameters];
  const groups = body.u32();
  for (let group = 0; group < groups; group++) {
    const count = body.u32();
    if (locals.length + count > LIMIT_LOCALS) body.fail(`more than ${LIMIT_LOCALS} locals`);
    const kind = valueType(body);
    for (let one = 0; one < count; one++) locals.push(kind);
  }
  const instructions = expression(body, {
    functions: types,
    globals: draft.globals.length,
    locals: locals.length,
    hasMemory: draft.memoryBytes > 0,
  });
  const export_ = draft.exports.find((one) => one.kind === "function" && one.index === index);
  const name = draft.names.functions.get(index) ?? export_?.name ?? `function${index}`;
  return { index, name, type, locals, body: instructions, start, end: body.end };
}
