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
}

/**
 * An SMT-LIB 2 text (QF_UFBV) that asserts all terms: declarations, one definition per shared term
 * in order of need, assertions. No command to check: `solve` adds what its solver wants. The same
 * terms always give the same text.
 */
export function printQuery(assertions: readonly Term[], options: PrintOptions = {}): string {
  const probes = options.probes ?? [];
  const order = postorder([...assertions, ...probes.map((probe) => probe.term)]);
  const uses = new Map<Term, number>();
  for (const term of order) {
    for (const operand of term.operands) uses.set(operand, (uses.get(operand) ?? 0) + 1);
  }
  const lines = (options.comment ?? "").split("\n").flatMap((line) => (line ? [`; ${line}`] : []));
  lines.push("(set-logic QF_UFBV)");
  const texts = new Map<Term, { text: string; depth: number }>();
  const declared = new Map<string, string>();
  let count = 0;
  for (const term of order) {
    if (term.operator === "variable" || term.operator === "apply") declare(term, declared, lines);
    const made = render(term, texts);
    const worthName = term.operands.length > 0 && (uses.get(term) ?? 0) > 1;
    if (worthName || made.depth > LIMIT_DEPTH) {
      const name = `t!${count++}`;
      lines.push(`(define-fun ${name} () ${sort(term.width)} ${made.text})`);
      texts.set(term, { text: name, depth: 0 });
    } else texts.set(term, made);
  }
  for (const assertion of assertions) lines.push(`(assert ${texts.get(assertion)!.text})`);
  for (const { name, term } of probes) {
    lines.push(`(declare-fun ${name} () ${sort(term.width)})`);
    lines.push(`(assert (= ${name} ${texts.get(term)!.text}))`);
  }
  return `${lines.join("\n")}\n`;
}

/** Declares a symbol once; two signatures of one name are a mistake in the query. */
function declare(term: Term, declared: Map<string, string>, lines: string[]): void {
  const text = declaration(term);
  const known = declared.get(term.name);
  if (known === text) return;
  if (known !== undefined) throw new TermError(`one name, two signatures: ${known} and ${text}`);
  declared.set(term.name, text);
  lines.push(text);
}

function render(
  term: Term,
  texts: ReadonlyMap<Term, { text: string; depth: number }>,
): { text: string; depth: number } {
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
