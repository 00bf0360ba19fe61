/** Terms over bit-vectors and booleans: constructors, evaluation, substitution, SMT-LIB text. */
export type { Pair } from "./applications.ts";
export * from "./arithmetic.ts";
export * from "./bits.ts";
export * from "./boolean.ts";
export * from "./candidate.ts";
export * from "./compare.ts";
export * from "./evaluate.ts";
export * from "./linear.ts";
export * from "./model.ts";
export * from "./print.ts";
export * from "./rebuild.ts";
export type { Operator, Term } from "./term.ts";
export {
  apply,
  booleanConstant,
  constant,
  FALSE,
  isBoolean,
  isConstant,
  mask,
  postorder,
  resetTerms,
  TermError,
  TRUE,
  termCount,
  variable,
} from "./term.ts";
