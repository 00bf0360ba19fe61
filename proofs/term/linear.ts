import { add, mul, negate, powerOfTwo, sub } from "./arithmetic.ts";
import { extract, truncate, zeroExtend } from "./bits.ts";
import { constant, isConstant, mask, type Term } from "./term.ts";

/**
 * sum(coefficient * atom) + constant, modulo 2^width. Coefficients are in 1 .. 2^width-1; an atom
 * may be narrower than the form (it then counts as zero-extended) or wider (its low bits count).
 */
export interface LinearForm {
  readonly width: number;
  readonly constant: bigint;
  readonly terms: ReadonlyMap<Term, bigint>;
}

interface Sum {
  readonly width: number;
  constant: bigint;
  readonly terms: Map<Term, bigint>;
}

/** The linear normal form of a word. */
export function linearForm(term: Term): LinearForm {
  return linearise([[term, 1n]], 0n, term.width);
}

function linearise(parts: Iterable<[Term, bigint]>, start: bigint, width: number): LinearForm {
  const sum: Sum = { width, constant: start, terms: new Map() };
  for (const [term, coefficient] of parts) collect(sum, term, coefficient);
  for (const [term, coefficient] of sum.terms) {
    const reduced = BigInt.asUintN(width, coefficient);
    if (reduced === 0n) sum.terms.delete(term);
    else sum.terms.set(term, reduced);
  }
  return { width, constant: BigInt.asUintN(width, sum.constant), terms: sum.terms };
}

/** How many low bits of a factor of `coefficient` matter modulo 2^width. */
function relevantBits(width: number, coefficient: bigint): number {
  const reduced = BigInt.asUintN(width, coefficient);
  if (reduced === 0n) return 0;
  return width - powerOfTwo(reduced & -reduced)!;
}

/** Adds coefficient * (term read modulo 2^relevant) to the sum. */
function collect(sum: Sum, term: Term, coefficient: bigint): void {
  const relevant = relevantBits(sum.width, coefficient);
  if (relevant === 0) return;
  const [first, second] = term.operands as [Term, Term];
  // Carries and wrap-around of a narrower sum would be lost: only look inside if none can matter.
  const exact = relevant <= term.width;
  switch (term.operator) {
    case "constant":
      sum.constant += coefficient * term.value;
      return;
    case "add":
    case "sub":
      if (!exact) break;
      collect(sum, first, coefficient);
      collect(sum, second, term.operator === "add" ? coefficient : -coefficient);
      return;
    case "mul":
      if (!exact || !isConstant(second)) break;
      collect(sum, first, coefficient * second.value);
      return;
    case "concat":
      collect(sum, second, coefficient);
      collect(sum, first, coefficient << BigInt(second.width));
      return;
    case "zeroExtend":
      collect(sum, first, coefficient);
      return;
    case "extract":
      if (term.value !== 0n || !exact) break;
      collect(sum, first, coefficient);
      return;
  }
  sum.terms.set(term, (sum.terms.get(term) ?? 0n) + coefficient);
}

/** The word that a linear form stands for; equal forms give the same term. */
export function termOf(form: LinearForm): Term {
  const width = form.width;
  // Small coefficients first: then a shifted word meets the sum of all that fits below it.
  const entries = [...form.terms].sort(
    ([a, x], [b, y]) => (x < y ? -1 : x > y ? 1 : 0) || a.hash - b.hash || a.id - b.id,
  );
  let result = constant(width, 0n);
  for (const [atom, coefficient] of entries) {
    const word = resize(atom, width);
    const negative = coefficient > mask(width) >> 1n;
    const factor = negative ? BigInt.asUintN(width, -coefficient) : coefficient;
    const product = mul(word, constant(width, factor));
    if (!negative) result = add(result, product);
    else
      result = isConstant(result) && result.value === 0n ? negate(product) : sub(result, product);
  }
  return add(result, constant(width, form.constant));
}

function resize(term: Term, width: number): Term {
  return term.width >= width ? truncate(term, width) : zeroExtend(term, width);
}

/**
 * The quotient of a form by `divisor`, if every coefficient and the constant are multiples of it.
 * With divisor = 2^a * odd, its width is width - a: the bits that are lost do not tell
 * multiples of the divisor apart as long as quotients stay below 2^width / divisor.
 */
export function divideForm(form: LinearForm, divisor: bigint): LinearForm | undefined {
  const start = divideExactly(form.constant, divisor, form.width);
  if (start === undefined) return undefined;
  const parts: [Term, bigint][] = [];
  for (const [term, coefficient] of form.terms) {
    const quotient = divideExactly(coefficient, divisor, form.width);
    if (quotient === undefined) return undefined;
    parts.push([term, quotient]);
  }
  const lost = powerOfTwo(divisor & -divisor)!;
  return linearise(parts, start, form.width - lost);
}

/** A residue has a signed and an unsigned reading; either may be the multiple. */
function divideExactly(residue: bigint, divisor: bigint, width: number): bigint | undefined {
  const signed = BigInt.asIntN(width, residue);
  if (signed % divisor === 0n) return signed / divisor;
  return residue % divisor === 0n ? residue / divisor : undefined;
}

/** The form plus a constant. */
export function shiftForm(form: LinearForm, offset: bigint): LinearForm {
  return { ...form, constant: BigInt.asUintN(form.width, form.constant + offset) };
}

/** A word in its linear normal form, so that equal sums become equal terms. */
export function normalise(term: Term): Term {
  return termOf(linearForm(term));
}

/** The low `width` bits of a word, normalised: how a table index is made from an address. */
export function normalisedIndex(term: Term, width: number): Term {
  return extract(normalise(resize(term, width)), width - 1, 0);
}
