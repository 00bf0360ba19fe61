// The specification's words as terms.

import { type Bits, Bool, type Operand, SpecificationError, Word } from "../../spec/lang/word.ts";
import type { Term } from "../term/index.ts";
import * as term from "../term/index.ts";

export class SymbolicBool extends Bool {
  readonly term: Term;

  constructor(condition: Term) {
    super();
    this.term = condition;
  }

  and(other: Bool): Bool {
    return new SymbolicBool(term.and(this.term, conditionOf(other)));
  }

  or(other: Bool): Bool {
    return new SymbolicBool(term.or(this.term, conditionOf(other)));
  }

  not(): Bool {
    return new SymbolicBool(term.not(this.term));
  }

  choose(whenTrue: Word, whenFalse: Operand): Word {
    const other = whenTrue.sized(whenFalse);
    return new SymbolicWord(whenTrue.bits, term.ite(this.term, termOf(whenTrue), termOf(other)));
  }

  show(): string {
    return this.term === term.TRUE ? "true" : this.term === term.FALSE ? "false" : "?";
  }
}

export class SymbolicWord extends Word {
  readonly bits: Bits;
  readonly term: Term;

  constructor(bits: Bits, value: Term) {
    super();
    this.bits = bits;
    this.term = value;
    if (value.width !== bits) throw new SpecificationError(`${value.width} bits, not ${bits}`);
  }

  #with(other: Operand, operation: (left: Term, right: Term) => Term): Word {
    return new SymbolicWord(this.bits, operation(this.term, this.sized(other).term));
  }

  /** The amount modulo the width. */
  #amount(amount: Operand): Term {
    return term.bitAnd(this.sized(amount).term, term.constant(this.bits, this.bits - 1));
  }

  sized(other: Operand): SymbolicWord {
    if (!(other instanceof Word))
      return new SymbolicWord(this.bits, term.constant(this.bits, other));
    if (!(other instanceof SymbolicWord)) throw new SpecificationError("not a symbolic word");
    if (other.bits !== this.bits) {
      throw new SpecificationError(`a word of ${other.bits} bits where ${this.bits} are wanted`);
    }
    return other;
  }

  eq(other: Operand): Bool {
    return new SymbolicBool(term.equal(this.term, this.sized(other).term));
  }

  lt(other: Operand): Bool {
    return new SymbolicBool(term.ult(this.term, this.sized(other).term));
  }

  add(other: Operand): Word {
    return this.#with(other, term.add);
  }

  sub(other: Operand): Word {
    return this.#with(other, term.sub);
  }

  mul(other: Operand): Word {
    return this.#with(other, term.mul);
  }

  override div(other: Operand): Word {
    return this.#with(other, term.udiv);
  }

  and(other: Operand): Word {
    return this.#with(other, term.bitAnd);
  }

  or(other: Operand): Word {
    return this.#with(other, term.bitOr);
  }

  xor(other: Operand): Word {
    return this.#with(other, term.bitXor);
  }

  shl(amount: Operand): Word {
    return new SymbolicWord(this.bits, term.shiftLeft(this.term, this.#amount(amount)));
  }

  shr(amount: Operand): Word {
    return new SymbolicWord(this.bits, term.shiftRight(this.term, this.#amount(amount)));
  }

  lowestBit(): Word {
    return new SymbolicWord(this.bits, term.countTrailingZeros(this.term));
  }

  /** A bit of a word that was put together bit by bit is told by what put it there. */
  override bit(number: Operand): Bool {
    return new SymbolicBool(bitAt(this.term, this.#amount(number)));
  }

  leadingZeros(): Word {
    return new SymbolicWord(this.bits, term.countLeadingZeros(this.term));
  }

  wide(): Word {
    return new SymbolicWord(64, term.zeroExtend(this.term, 64));
  }

  low(): Word {
    return new SymbolicWord(32, term.truncate(this.term, 32));
  }

  show(): string {
    return this.term.operator === "constant" ? `0x${this.term.value.toString(16)}` : "?";
  }
}

/** The term of a symbolic word. */
export function termOf(word: Word): Term {
  if (!(word instanceof SymbolicWord)) throw new SpecificationError("not a symbolic word");
  return word.term;
}

/** The term of a symbolic condition. */
export function conditionOf(condition: Bool): Term {
  if (!(condition instanceof SymbolicBool)) {
    throw new SpecificationError("not a symbolic condition");
  }
  return condition.term;
}

/** A word of the specification (32 or 64 bits) for a term of at most that many bits. */
export function wordOf(value: Term): Word {
  const bits = value.width <= 32 ? 32 : 64;
  return new SymbolicWord(bits, term.zeroExtend(value, bits));
}

/** Is the number below 64 by its form? */
function isBelow64(amount: Term): boolean {
  if (amount.operator === "constant") return amount.value < 64n;
  return amount.operator === "zeroExtend" && amount.operands[0]!.width <= 6;
}

/** One of two conditions, with what both have in common outside. */
function either(which: Term, one: Term, other: Term): Term {
  const [left, right] = [term.conjuncts(one), term.conjuncts(other)];
  const common = left.filter((part) => right.includes(part));
  if (common.length === 0) return term.ite(which, one, other);
  const rest = (parts: readonly Term[]) => term.and(...parts.filter((p) => !common.includes(p)));
  return term.and(...common, term.ite(which, rest(left), rest(right)));
}

/** The condition that a bit of a term is set; `number` is below the width. */
function bitAt(whole: Term, number: Term): Term {
  const known = new Map<Term, Term>();
  const plain = (word: Term) => term.isNonZero(term.truncate(term.shiftRight(word, number), 1));
  const parts = (word: Term): Term => {
    const [left, right, other] = word.operands;
    switch (word.operator) {
      case "ite":
        return either(left!, at(right!), at(other!));
      case "bitAnd":
        return term.and(at(left!), at(right!));
      case "bitOr":
        return term.or(at(left!), at(right!));
      case "bitXor":
        return term.not(term.equal(at(left!), at(right!)));
      case "shiftLeft": {
        const isOne = left!.operator === "constant" && left!.value === 1n;
        const fits = word.width === 64 && isBelow64(right!) && isBelow64(number);
        return isOne && fits ? term.equal(right!, number) : plain(word);
      }
      case "constant":
        if (word.value === 0n) return term.FALSE;
        return word.value === term.mask(word.width) ? term.TRUE : plain(word);
      default:
        return plain(word);
    }
  };
  const at = (word: Term): Term => {
    const before = known.get(word);
    const found = before ?? parts(word);
    known.set(word, found);
    return found;
  };
  return at(whole);
}
