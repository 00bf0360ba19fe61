// The values of the specification: words of 32 or 64 bits and truth values. They are objects
// without a JavaScript value, so that one text can stand for numbers (tests) and for formulas
// (proofs).

export type Bits = 32 | 64;
/** A constant in the text of the specification; it takes the width of the word that it meets. */
export type Literal = number | bigint;
export type Operand = Word | Literal;

/** The text of the specification is wrong: a width, a row or a value that does not fit. */
export class SpecificationError extends Error {}

/** What must not be compared, added or tested by JavaScript's own operators. */
abstract class Opaque {
  [Symbol.toPrimitive](): never {
    throw new SpecificationError(
      "an operator of JavaScript met a value of the specification: use eq, lt, add, and, choose ...",
    );
  }

  /** For reports only. */
  abstract show(): string;
}

/** A condition. */
export abstract class Bool extends Opaque {
  abstract and(other: Bool): Bool;
  abstract or(other: Bool): Bool;
  abstract not(): Bool;
  /** One of two words of the same width. */
  abstract choose(whenTrue: Word, whenFalse: Operand): Word;

  implies(other: Bool): Bool {
    return this.not().or(other);
  }

  /** Both hold or neither does. */
  same(other: Bool): Bool {
    return this.implies(other).and(other.implies(this));
  }
}

/** A number modulo 2^32 or 2^64. Comparisons are unsigned. */
export abstract class Word extends Opaque {
  abstract readonly bits: Bits;

  abstract eq(other: Operand): Bool;
  abstract lt(other: Operand): Bool;
  abstract add(other: Operand): Word;
  abstract sub(other: Operand): Word;
  abstract mul(other: Operand): Word;
  /** The quotient, rounded down; what divides is not 0. Boot alone divides. */
  div(_other: Operand): Word {
    throw new SpecificationError("this interpretation does not divide");
  }

  abstract and(other: Operand): Word;
  abstract or(other: Operand): Word;
  abstract xor(other: Operand): Word;
  /** Shifts; the amount counts modulo the width. */
  abstract shl(amount: Operand): Word;
  abstract shr(amount: Operand): Word;
  /** The number of the lowest bit that is set; the width if none is. */
  abstract lowestBit(): Word;
  /** How many bits above the highest that is set are not; the width if none is set. */
  abstract leadingZeros(): Word;
  /** The same number in 64 bits. */
  abstract wide(): Word;
  /** The low 32 bits. */
  abstract low(): Word;

  ne(other: Operand): Bool {
    return this.eq(other).not();
  }

  le(other: Operand): Bool {
    return this.gt(other).not();
  }

  gt(other: Operand): Bool {
    return this.sized(other).lt(this);
  }

  ge(other: Operand): Bool {
    return this.lt(other).not();
  }

  /** Is the bit of that number set? */
  bit(number: Operand): Bool {
    return this.shr(number).and(1).ne(0);
  }

  /** All bits of `mask` are set. */
  has(mask: Operand): Bool {
    return this.and(mask).eq(mask);
  }

  /** The word with the bits of `mask` cleared. */
  without(mask: Operand): Word {
    return this.and(this.sized(mask).xor(-1));
  }

  /** The word is one of these. */
  isAmong(...values: readonly Operand[]): Bool {
    return values.map((value) => this.eq(value)).reduce((all, one) => all.or(one));
  }

  min(other: Word): Word {
    return this.lt(other).choose(this, other);
  }

  max(other: Word): Word {
    return this.gt(other).choose(this, other);
  }

  /** The operand as a word of this width; throws if a word has another width. */
  abstract sized(other: Operand): Word;
}
