// The binary half: each rule has one function. It judges the bytes that ship.

import { type Finding, sortFindings } from "../finding.ts";
import { engine } from "./engine.ts";
import { decode } from "./instructions.ts";
import {
  type FunctionBody,
  type Module,
  nameOf,
  readModule,
  SECTION,
  type Section,
} from "./module.ts";
import { MalformedBinary } from "./reader.ts";

/** What the binary is to have, from machine.ts and layout.ts. */
export interface Expectation {
  /** For the place of a finding. */
  readonly file: string;
  readonly linearBytes: number;
  readonly firstColumn: number;
  readonly imports: readonly {
    readonly name: string;
    readonly parameters: readonly string[];
    readonly results: readonly string[];
  }[];
  /** Most bytes of code, and most locals on one chain of calls. */
  readonly codeBytesMax: number;
  readonly stackLocalsMax: number;
  /** Source file, line and column of a byte offset, where they are known. */
  readonly place?: (offset: number) => Pick<Finding, "file" | "line" | "column"> | undefined;
}

type Report = (rule: number, offset: number, what: string) => Finding;
type BinaryRule = (module: Module, expected: Expectation, report: Report) => Finding[];

const PAGE_BYTES = 65536;
const MEMORY_BASE = 4096;
const DOORS = ["boot", "handleExit", "selectVcpu"];

function noStart(module: Module, _expected: Expectation, report: Report): Finding[] {
  return module.sections
    .filter(({ id }) => id === SECTION.start)
    .map(({ offset }) => report(16, offset, "start section"));
}

const refused = (rule: number) => (module: Module, _: Expectation, report: Report) =>
  module.functions.flatMap((body) =>
    decode(module, body)
      .instructions.filter(({ opcode }) => opcode.rule === rule)
      .map(({ offset, opcode }) =>
        report(rule, offset, `${opcode.name} in ${nameOf(module, body.index)}`),
      ),
  );

function noTable(module: Module, expected: Expectation, report: Report): Finding[] {
  const sections = module.sections
    .filter(({ id }) => id === SECTION.table || id === SECTION.element)
    .map(({ id, offset }) =>
      report(17, offset, id === SECTION.table ? "table section" : "element section"),
    );
  return [...sections, ...refused(17)(module, expected, report)];
}

function fixedMemory(module: Module, expected: Expectation, report: Report): Finding[] {
  const pages = expected.linearBytes / PAGE_BYTES;
  const [memory] = module.memories;
  const grown = refused(18)(module, expected, report);
  if (memory === undefined || module.memories.length !== 1) {
    return [...grown, report(18, 0, `${module.memories.length} memories of its own, not one`)];
  }
  if (memory.plain && memory.initial === pages && memory.maximum === pages) return grown;
  const has = `initial ${memory.initial}, maximum ${memory.maximum ?? "none"}`;
  const kind = memory.plain ? "" : " (shared or 64-bit)";
  return [...grown, report(18, memory.offset, `${has}${kind}; both should be ${pages} pages`)];
}

function integerInstructions(module: Module, expected: Expectation, report: Report): Finding[] {
  const isInteger = (type: string) => type === "i32" || type === "i64";
  const bodies = module.functions.flatMap((body) => {
    const name = nameOf(module, body.index);
    const types = [...body.type.parameters, ...body.type.results, ...body.locals];
    const wrong = [...new Set(types.filter((type) => !isInteger(type)))];
    const { unknown } = decode(module, body);
    return [
      ...wrong.map((type) => report(19, body.offset, `${type} in the types of ${name}`)),
      ...(unknown === undefined
        ? []
        : [report(19, unknown.offset, `opcode 0x${unknown.code.toString(16)} in ${name}`)]),
    ];
  });
  const globals = module.globals
    .filter(({ type }) => !isInteger(type))
    .map(({ offset, type }) => report(19, offset, `global of type ${type}`));
  // The reader checks no operand types; an engine does.
  const invalid = engine.validate(module.bytes) ? [] : [report(19, 0, "invalid")];
  return [...bodies, ...globals, ...invalid, ...refused(19)(module, expected, report)];
}

function machineImports(module: Module, expected: Expectation, report: Report): Finding[] {
  const byName = new Map(expected.imports.map((one) => [one.name, one]));
  const wrong = module.imports.flatMap(({ offset, module: from, name, kind, type }) => {
    const full = `${from}.${name}`;
    if (kind !== "function") return [report(20, offset, `${kind} ${full} is imported`)];
    const wanted = from === "machine" ? byName.get(name) : undefined;
    if (wanted === undefined) return [report(20, offset, `${full} is not in machine.ts`)];
    const same =
      String(wanted.parameters) === String(type?.parameters) &&
      String(wanted.results) === String(type?.results);
    return same ? [] : [report(20, offset, `${full} has another type than in machine.ts`)];
  });
  const present = new Set(module.imports.map(({ name }) => name));
  const unused = expected.imports
    .filter(({ name }) => !present.has(name))
    .map(({ name }) => report(20, 0, `machine.${name} is in machine.ts and never called`));
  return [...wrong, ...unused];
}

function threeDoors(module: Module, _expected: Expectation, report: Report): Finding[] {
  const wanted = new Map([
    ["memory", "memory"],
    ...DOORS.map((name) => [name, "function"] as const),
  ]);
  const extra = module.exports
    .filter(({ name, kind }) => wanted.get(name) !== kind)
    .map(({ offset, name, kind }) => report(21, offset, `${kind} "${name}" is exported`));
  const present = new Set(module.exports.map(({ name }) => name));
  const missing = [...wanted.keys()]
    .filter((name) => !present.has(name))
    .map((name) => report(21, 0, `"${name}" is not exported`));
  return [...extra, ...missing];
}

function noMutableGlobals(module: Module, expected: Expectation, report: Report): Finding[] {
  const globals = module.globals
    .filter(({ mutable }) => mutable)
    .map(({ offset, type }) => report(22, offset, `mutable global of type ${type}`));
  return [...globals, ...refused(22)(module, expected, report)];
}

/** Indices of the functions that a function calls, with the first place of each call. */
function callsOf(module: Module, body: FunctionBody): Map<number, number> {
  const calls = new Map<number, number>();
  for (const { opcode, operand, offset } of decode(module, body).instructions) {
    const target = Number(operand);
    if (opcode.name === "call" && !calls.has(target)) calls.set(target, offset);
  }
  return calls;
}

/** The call graph: for each function of the module what it calls, and where. */
export function callGraph(module: Module): Map<number, Map<number, number>> {
  return new Map(module.functions.map((body) => [body.index, callsOf(module, body)]));
}

/** Calls that lead back to a function that is still running, found depth first. */
function noRecursion(module: Module, _expected: Expectation, report: Report): Finding[] {
  const graph = callGraph(module);
  const found: Finding[] = [];
  const finished = new Set<number>();
  const visit = (index: number, path: readonly number[]): void => {
    for (const [target, offset] of graph.get(index) ?? []) {
      const start = path.indexOf(target);
      if (start >= 0) {
        const names = [...path.slice(start), target].map((each) => nameOf(module, each));
        found.push(report(23, offset, `recursion: ${names.join(" -> ")}`));
      } else if (!finished.has(target)) visit(target, [...path, target]);
    }
    finished.add(index);
  };
  for (const index of graph.keys()) if (!finished.has(index)) visit(index, [index]);
  return found;
}

function dataBelowColumns(module: Module, expected: Expectation, report: Report): Finding[] {
  return module.data.flatMap(({ offset, address, bytes }) => {
    if (address === undefined) return [report(24, offset, "a segment without a constant offset")];
    if (address >= MEMORY_BASE && address + bytes <= expected.firstColumn) return [];
    const place = `${address} to ${address + bytes}`;
    return [report(24, offset, `bytes ${place}; the columns start at ${expected.firstColumn}`)];
  });
}

function codeBudget(module: Module, expected: Expectation, report: Report): Finding[] {
  const code = module.sections.find(({ id }) => id === SECTION.code);
  const bytes = code === undefined ? 0 : code.end - code.offset;
  if (bytes <= expected.codeBytesMax) return [];
  return [report(25, code!.offset, `${bytes} bytes of code; ${expected.codeBytesMax} are allowed`)];
}

/** Locals and parameters on the deepest chain of calls from each function; cycles count once. */
export function stackLocals(module: Module): Map<number, number> {
  const graph = callGraph(module);
  const bodies = new Map(module.functions.map((body) => [body.index, body]));
  const depth = new Map<number, number>();
  const measure = (index: number): number => {
    const known = depth.get(index);
    if (known !== undefined) return known;
    depth.set(index, 0);
    const body = bodies.get(index);
    const own = body === undefined ? 0 : body.locals.length + body.type.parameters.length + 1;
    const below = [...(graph.get(index)?.keys() ?? [])].map(measure);
    const total = own + Math.max(0, ...below);
    depth.set(index, total);
    return total;
  };
  for (const index of graph.keys()) measure(index);
  return depth;
}

function stackBudget(module: Module, expected: Expectation, report: Report): Finding[] {
  const depth = stackLocals(module);
  return module.exports
    .filter(
      ({ kind, index }) => kind === "function" && (depth.get(index) ?? 0) > expected.stackLocalsMax,
    )
    .map(({ offset, name, index }) =>
      report(
        26,
        offset,
        `${depth.get(index)} locals below ${name}; ${expected.stackLocalsMax} allowed`,
      ),
    );
}

/** The rules by number. */
export const binaryRules: ReadonlyMap<number, BinaryRule> = new Map([
  [16, noStart],
  [17, noTable],
  [18, fixedMemory],
  [19, integerInstructions],
  [20, machineImports],
  [21, threeDoors],
  [22, noMutableGlobals],
  [23, noRecursion],
  [24, dataBelowColumns],
  [25, codeBudget],
  [26, stackBudget],
]);

/** Reports by source place inside the code, where the source map speaks, and by offset
 *  elsewhere. */
function reporter(expected: Expectation, code: Section | undefined): Report {
  return (rule, offset, what) => {
    const inCode = code !== undefined && offset >= code.offset && offset < code.end;
    const place = inCode ? expected.place?.(offset) : undefined;
    return { rule, ...(place ?? { file: expected.file, line: 0, column: offset }), what };
  };
}

/** Judges a module against what it is to have; what cannot be read breaks rule 19. */
export function checkModule(bytes: Uint8Array, expected: Expectation): Finding[] {
  try {
    const module = readModule(bytes);
    const code = module.sections.find(({ id }) => id === SECTION.code);
    const report = reporter(expected, code);
    return sortFindings(
      [...binaryRules.values()].flatMap((rule) => rule(module, expected, report)),
    );
  } catch (error) {
    if (!(error instanceof MalformedBinary)) throw error;
    return [reporter(expected, undefined)(19, error.offset, error.message)];
  }
}
