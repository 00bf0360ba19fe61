import { foldDivision } from "./arithmetic.ts";
import { mask, postorder, type Term, TermError } from "./term.ts";

/**
 * An assignment: variables by name, function values by name and arguments. What is not said is 0
 * (or false), as solvers leave out what does not matter.
 */
export interface Assignment {
  readonly variables: ReadonlyMap<string, bigint>;
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
}

/** The key under which `Assignment.functions` holds the value of one application. */
export function argumentKey(values: readonly bigint[]): string {
  return values.join(",");
}

/** The value of each term under the assignment; booleans are 0n or 1n. Does not recurse. */
export function evaluateAll(terms: readonly Term[], assignment: Assignment): bigint[] {
  const values = new Map<Term, bigint>();
  for (const term of postorder(terms)) {
    const operands = term.operands.map((operand) => values.get(operand)!);
    values.set(term, valueUnder(term, operands, assignment));
  }
  return terms.map((term) => values.get(term)!);
}

export function evaluate(term: Term, assignment: Assignment): bigint {
  return evaluateAll([term], assignment)[0]!;
}

function valueUnder(term: Term, operands: readonly bigint[], assignment: Assignment): bigint {
  switch (term.operator) {
    case "constant":
      return term.value;
    case "variable":
      return reduce(term.width, assignment.variables.get(term.name) ?? 0n);
    case "apply": {
      const known = assignment.functions.get(term.name)?.get(argumentKey(operands));
      return reduce(term.width, known ?? 0n);
    }
    default:
      return compute(term, operands);
  }
}

/** The value of an operator on values. */
export function compute(term: Term, operands: readonly bigint[]): bigint {
  if (term.operator === "ite") return operands[0] === 1n ? operands[1]! : operands[2]!;
  return reduce(term.width, operation(term, operands));
}

export function reduce(width: number, value: bigint): bigint {
  return width === 0 ? value & 1n : BigInt.asUintN(width, value);
}

function operation(term: Term, operands: readonly bigint[]): bigint {
  const [a, b = 0n] = operands as [bigint, bigint];
  const width = term.width;
  const [first, second] = term.operands as [Term, Term];
  switch (term.operator) {
    case "not":
      return 1n - a;
    case "and":
    case "bitAnd":
      return a & b;
    case "or":
    case "bitOr":
      return a | b;
    case "bitXor":
      return a ^ b;
    case "equal":
      return a === b ? 1n : 0n;
    case "ult":
      return a < b ? 1n : 0n;
    case "slt":
      return BigInt.asIntN(first.width, a) < BigInt.asIntN(second.width, b) ? 1n : 0n;
    case "extract":
      return a >> term.value;
    case "concat":
      return (a << BigInt(second.width)) | b;
    case "zeroExtend":
      return a;
    case "signExtend":
      return BigInt.asIntN(first.width, a);
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "udiv":
    case "urem":
    case "sdiv":
    case "srem":
      return foldDivision(term.operator, width, a, b);
    case "shiftLeft":
      return b >= BigInt(width) ? 0n : (a << b) & mask(width);
    case "shiftRight":
      return b >= BigInt(width) ? 0n : a >> b;
    case "shiftRightSigned":
      return BigInt.asIntN(width, a) >> (b >= BigInt(width) ? BigInt(width) : b);
    default:
      throw new TermError(`no value for operator ${term.operator}`);
  }
}
