// The fast words against the specification's own: catches an operation that means something else
// for the fuzzer than for the proofs.

import fc from "fast-check";
import { expect, test } from "vitest";
import { FastTransaction } from "../../fuzz/oracle/transaction.ts";
import { ConcreteState, ConcreteTransaction } from "../../spec/lang/concrete.ts";
import type { Transaction } from "../../spec/lang/transaction.ts";
import type { Bits } from "../../spec/lang/word.ts";
import { linearBytes } from "../../tcb/core/layout.ts";
import { number, operations } from "./operations.ts";

const silent = { linearBase: 0n, perform: () => 0n };
const slow = new ConcreteTransaction(new ConcreteState(), silent);
const fast = new FastTransaction(new ArrayBuffer(linearBytes));

test.each(Object.entries(operations))("%s means the same", (_name, operation) => {
  const of = (s: Transaction, bits: Bits, left: bigint, right: bigint) =>
    operation(s.word(bits, left), s.word(bits, right)).show();
  fc.assert(
    fc.property(number, number, fc.constantFrom<Bits>(32, 64), (left, right, bits) => {
      const [a, b] = [BigInt.asUintN(bits, left), BigInt.asUintN(bits, right)];
      expect(of(fast, bits, a, b)).toBe(of(slow, bits, a, b));
    }),
    { seed: 4, numRuns: 300 },
  );
});
