import { Applications, type Pair } from "./applications.ts";
import { not } from "./boolean.ts";
import { type Operator, postorder, type Term, TermError } from "./term.ts";

const symbols: Partial<Record<Operator, string>> = {
  not: "not",
  and: "and",
  or: "or",
  equal: "=",
  ite: "ite",
  ult: "bvult",
  slt: "bvslt",
  bitAnd: "bvand",
  bitOr: "bvor",
  bitXor: "bvxor",
  concat: "concat",
  add: "bvadd",
  sub: "bvsub",
  mul: "bvmul",
  udiv: "bvudiv",
  urem: "bvurem",
  sdiv: "bvsdiv",
  srem: "bvsrem",
  shiftLeft: "bvshl",
  shiftRight: "bvlshr",
  shiftRightSigned: "bvashr",
};

/** Deeper nests get a name, so that no reader of the text needs a deep stack. */
const LIMIT_DEPTH = 32;

function sort(width: number): string {
  return width === 0 ? "Bool" : `(_ BitVec ${width})`;
}

function literal(term: Term): string {
  if (term.width === 0) return term.value === 1n ? "true" : "false";
  if (term.width % 4 === 0) return `#x${term.value.toString(16).padStart(term.width / 4, "0")}`;
  return `#b${term.value.toString(2).padStart(term.width, "0")}`;
}

function head(term: Term): string {
  const operand = term.operands[0]!;
  switch (term.operator) {
    case "apply":
      return term.name;
    case "extract":
      return `(_ extract ${Number(term.value) + term.width - 1} ${term.value})`;
    case "zeroExtend":
      return `(_ zero_extend ${term.width - operand.width})`;
    case "signExtend":
      return `(_ sign_extend ${term.width - operand.width})`;
    default:
      return symbols[term.operator]!;
  }
}

function declaration(term: Term): string {
  const parameters = term.operands.map((operand) => sort(operand.width)).join(" ");
  return `(declare-fun ${term.name} (${parameters}) ${sort(term.width)})`;
}

/** A value to be read from a model: the solver is told that the variable `name` equals `term`. */
export interface Probe {
  readonly name: string;
  readonly term: Term;
}

export interface PrintOptions {
  /** Lines of plain text for the top of the file. */
  readonly comment?: string;
  readonly probes?: readonly Probe[];
  /** Keep functions as functions (QF_UFBV); else each value of one is a name of its own (QF_BV). */
  readonly functions?: boolean;
  /** If given: of the pairs of values whose arguments may be equal, only these are spoken of. */
  readonly pairs?: readonly Pair[];
}

/** A text, and what stands in it for variables and values of functions. */
export interface Printed {
  readonly text: string;
  readonly nameOf: (term: Term) => string | undefined;
}

/**
 * An SMT-LIB 2 text that asserts all terms: declarations, one definition per shared term in order
 * of need, assertions. No command to check: `solve` adds what its solver wants. The same terms always
 * give the same text.
 *
 * Values of uninterpreted functions get a name each, and assertions that equal arguments have equal
 * values (Ackermann): then solvers have bits alone to look at. With very many values, or if asked
 * for, the text has functions.
 */
export function printQuery(assertions: readonly Term[], options: PrintOptions = {}): string {
  return printNamed(assertions, options).text;
}

/** `printQuery`, with the names that it gives. */
export function printNamed(assertions: readonly Term[], options: PrintOptions = {}): Printed {
  const probes = options.probes ?? [];
  const order = postorder([...assertions, ...probes.map((probe) => probe.term)]);
  const applications =
    options.functions === true ? undefined : Applications.of(order, options.pairs);
  const uses = new Map<Term, number>();
  const use = (term: Term) => uses.set(term, (uses.get(term) ?? 0) + 1);
  for (const term of order) for (const operand of term.operands) use(operand);
  // Arguments are compared more than once.
  for (const argument of applications?.compared ?? []) for (const _ of "12") use(argument);
  const lines = (options.comment ?? "").split("\n").flatMap((line) => (line ? [`; ${line}`] : []));
  lines.push(`(set-logic ${applications === undefined ? "QF_UFBV" : "QF_BV"})`);
  const texts = new Map<Term, Text>();
  const declared = new Map<string, string>();
  let count = 0;
  for (const term of order) {
    const symbol = applications?.nameOf(term);
    if (symbol !== undefined) {
      check(term, declared);
      lines.push(`(declare-fun ${symbol} () ${sort(term.width)})`);
      texts.set(term, { text: symbol, depth: 0 });
      continue;
    }
    if (term.operator === "variable" || term.operator === "apply") declare(term, declared, lines);
    const made = render(term, texts);
    const worthName = term.operands.length > 0 && (uses.get(term) ?? 0) > 1;
    if (worthName || made.depth > LIMIT_DEPTH) {
      const name = `t!${count++}`;
      lines.push(`(define-fun ${name} () ${sort(term.width)} ${made.text})`);
      texts.set(term, { text: name, depth: 0 });
    } else texts.set(term, made);
  }
  const textOf = (term: Term) => texts.get(term)!.text;
  for (const assertion of assertions) lines.push(`(assert ${textOf(assertion)})`);
  for (const condition of applications?.congruences(textOf) ?? []) {
    lines.push(`(assert ${condition})`);
  }
  for (const { name, term } of probes) {
    lines.push(`(declare-fun ${name} () ${sort(term.width)})`);
    lines.push(`(assert (= ${name} ${textOf(term)}))`);
  }
  const nameOf = (term: Term) =>
    term.operator === "variable" ? term.name : applications?.nameOf(term);
  return { text: `${lines.join("\n")}\n`, nameOf };
}

/** Two signatures of one name are a mistake in the query. Is the name new? */
function check(term: Term, declared: Map<string, string>): boolean {
  const text = declaration(term);
  const known = declared.get(term.name);
  if (known === text) return false;
  if (known !== undefined) throw new TermError(`one name, two signatures: ${known} and ${text}`);
  declared.set(term.name, text);
  return true;
}

/** Declares a symbol once. */
function declare(term: Term, declared: Map<string, string>, lines: string[]): void {
  if (check(term, declared)) lines.push(declaration(term));
}

interface Text {
  readonly text: string;
  readonly depth: number;
}

function render(term: Term, texts: ReadonlyMap<Term, Text>): Text {
  if (term.operator === "constant") return { text: literal(term), depth: 0 };
  if (term.operator === "variable") return { text: term.name, depth: 0 };
  const parts = term.operands.map((operand) => texts.get(operand)!);
  const depth = 1 + Math.max(...parts.map((part) => part.depth));
  return { text: `(${head(term)} ${parts.map((part) => part.text).join(" ")})`, depth };
}

/** A query that is unsatisfiable exactly if `goal` follows from `hypotheses`. */
export function printValidity(
  hypotheses: readonly Term[],
  goal: Term,
  options: PrintOptions = {},
): string {
  return printQuery([...hypotheses, not(goal)], options);
}
