import { readFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";
import { resetTerms } from "../term/index.ts";
import { ConcreteInstance, DecodeError, decodeModule, type Outcome } from "../wasm/index.ts";
import { atoms, type Expression, head, parseScript, printExpression } from "./wast.ts";

/** The scripts of the official suite that speak of the decoder's subset. */
export const SCRIPTS = [
  ...[
    "address",
    "align",
    "block",
    "br",
    "br_if",
    "br_table",
    "call",
    "endianness",
    "fac",
    "forward",
  ],
  ...["func", "global", "i32", "i64", "if", "int_exprs", "int_literals", "labels"],
  ...["left-to-right", "load", "local_get", "local_set", "local_tee", "loop", "memory"],
  ...["memory_copy", "memory_fill", "memory_redundancy", "memory_trap", "nop"],
  ...["return", "select", "stack", "store", "switch", "traps", "unreachable", "unwind"],
] as const;

export interface SuiteResult {
  readonly passed: number;
  /** Assertions on functions outside the subset, or about malformed modules. */
  readonly skipped: number;
  readonly mismatches: readonly string[];
}

interface Suite {
  passed: number;
  skipped: number;
  readonly mismatches: string[];
}

type Wabt = Awaited<ReturnType<typeof wabt>>;

/** Runs the scripts of a copy of the official test suite through the executor on constants. */
export async function runOfficialSuite(folder: string): Promise<SuiteResult> {
  const tools = await wabt();
  const suite: Suite = { passed: 0, skipped: 0, mismatches: [] };
  for (const name of SCRIPTS) {
    runScript(tools, suite, name, readFileSync(join(folder, `${name}.wast`), "utf8"));
    resetTerms();
  }
  return suite;
}

function runScript(tools: Wabt, suite: Suite, name: string, text: string): void {
  let instance: ConcreteInstance | undefined;
  for (const command of parseScript(text)) {
    if (typeof command === "string") continue;
    const kind = head(command);
    if (kind === "module") instance = instantiate(tools, command);
    else if (kind === "invoke") invoke(instance, command);
    else if (kind === "assert_return" || kind === "assert_trap") {
      const verdict = assertion(instance, command);
      if (verdict === undefined) suite.skipped++;
      else if (verdict === "") suite.passed++;
      else suite.mismatches.push(`${name}: ${printExpression(command)}: ${verdict}`);
    } else suite.skipped++;
  }
}

/** Beginnings of words that lie outside the subset. */
const OUTSIDE = new RegExp(
  `^(${[
    ...["f32", "f64", "v128", "ref", "funcref", "externref", "table", "elem", "start", "import"],
    ...["call_indirect", "call_ref", "return_call", "data\\.drop", "memory\\.(grow|init)"],
  ].join("|")})\\b`,
);

/** The part of a module that lies in the subset; undefined if nothing sensible is left. */
function instantiate(tools: Wabt, module: readonly Expression[]): ConcreteInstance | undefined {
  if (atoms(module).includes("binary") || atoms(module).includes("quote")) return undefined;
  try {
    const text = printExpression(withinSubset(module));
    const parsed = tools.parseWat("script.wast", text, { bulk_memory: true, multi_value: true });
    const { buffer } = parsed.toBinary({});
    parsed.destroy();
    return new ConcreteInstance(decodeModule(buffer));
  } catch (error) {
    if (error instanceof DecodeError || isParseError(error)) return undefined;
    throw error;
  }
}

/** What this version of the assembler does not know is skipped. */
function isParseError(error: unknown): boolean {
  return error instanceof Error && /parseWat failed|validate failed/.test(error.message);
}

/** Drops functions that use other features, and functions that call those. */
function withinSubset(module: readonly Expression[]): readonly Expression[] {
  let fields = module
    .slice(1)
    .filter((field) => !isOutside(field))
    .map(fixMemory);
  const all = module
    .slice(1)
    .map(nameOf)
    .filter((name) => name !== undefined);
  for (;;) {
    const names = new Set(fields.map(nameOf));
    const lost = all.filter((name) => !names.has(name));
    const kept = fields.filter((field) => !atoms(field).some((atom) => lost.includes(atom)));
    if (kept.length === fields.length) return ["module", ...fields];
    fields = kept;
  }
}

function isOutside(field: Expression): boolean {
  // Functions that are called by number would be others once some are dropped.
  const called = atoms(field).some(
    (atom, at, list) => atom === "call" && /^\d/.test(list[at + 1] ?? ""),
  );
  return called || atoms(field).some((atom) => OUTSIDE.test(atom));
}

/** A memory without maximum gets its minimum as maximum: nothing here grows it. */
function fixMemory(field: Expression): Expression {
  if (head(field) !== "memory" || typeof field === "string") return field;
  const sizes = field.filter((part) => typeof part === "string" && /^\d/.test(part));
  if (sizes.length === 0) return field;
  return [...field.filter((part) => !sizes.includes(part)), sizes[0]!, sizes[0]!];
}

function nameOf(field: Expression): string | undefined {
  const name = typeof field === "string" ? undefined : field[1];
  const isNamed = typeof name === "string" && name.startsWith("$") && head(field) !== "type";
  return isNamed ? name : undefined;
}

/** Calls an export; undefined if the call is outside of what can be run. */
function invoke(
  instance: ConcreteInstance | undefined,
  action: readonly Expression[],
): Outcome | undefined {
  const [, name, ...args] = action;
  if (instance === undefined || typeof name !== "string" || !name.startsWith('"')) return undefined;
  const { module } = instance.executor;
  const callee = name.slice(1, -1);
  if (!module.exports.some((one) => one.kind === "function" && one.name === callee))
    return undefined;
  const values = args.map(literalValue);
  if (values.includes(undefined)) return undefined;
  return instance.call(callee, values as bigint[]);
}

/** "" if the assertion holds, what differs if not, undefined if it cannot be tried. */
function assertion(
  instance: ConcreteInstance | undefined,
  command: readonly Expression[],
): string | undefined {
  const [kind, action, ...expected] = command;
  if (action === undefined || typeof action === "string" || head(action) !== "invoke") {
    return undefined;
  }
  const outcome = invoke(instance, action);
  if (outcome === undefined) return undefined;
  if (kind === "assert_trap") return outcome.kind === "trapped" ? "" : `gave ${outcome.result}`;
  const wanted = expected.map(literalValue);
  if (wanted.includes(undefined)) return undefined;
  if (outcome.kind === "trapped") return `trapped: ${outcome.reason}`;
  return outcome.result === wanted[0] ? "" : `gave ${outcome.result}`;
}

/** The value of (i32.const ...) or (i64.const ...), unsigned. */
function literalValue(expression: Expression): bigint | undefined {
  const [type, literal] = typeof expression === "string" ? [] : expression;
  if ((type !== "i32.const" && type !== "i64.const") || typeof literal !== "string")
    return undefined;
  const digits = literal.replaceAll("_", "").replace(/^[+-]/, "");
  const value = literal.startsWith("-") ? -BigInt(digits) : BigInt(digits);
  return BigInt.asUintN(type === "i32.const" ? 32 : 64, value);
}
