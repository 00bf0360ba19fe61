// Targets beside hypercalls: catches a subject whose own seeds fail, a failure that is swallowed,
// an input that cannot be told and read back, and a boot that breaks an invariant.

import { existsSync, readFileSync } from "node:fs";
import { expect, it, test } from "vitest";
import { fuzzSubjects, subject } from "../../bin/fuzz-subjects.ts";
import { minimise } from "../../fuzz/campaign/minimise.ts";
import { Beginning } from "../../fuzz/oracle/beginning.ts";
import { Chance } from "../../fuzz/program/generate.ts";
import { bootSubject } from "../../fuzz/targets/boot.ts";
import { ByteTarget, type Subject } from "../../fuzz/targets/bytes.ts";
import { keyOf } from "../../fuzz/targets/target.ts";
import { linearBytes } from "../../tcb/core/layout.ts";
import { everything } from "../../tcb/machine/sim/cpuid.ts";

const place = (name: string) => new URL(`../../build/${name}`, import.meta.url);
const built = existsSync(place("core.wasm")) && existsSync(place("loader.wasm"));

test.skipIf(!built).each(fuzzSubjects.names)(
  "%s: seeds and a few changes (skipped unless built)",
  async (name) => {
    const one = await subject(name);
    const target = new ByteTarget(one);
    const chance = new Chance(5);
    for (const seed of one.seeds) {
      expect(target.run(seed).failure).toBeUndefined();
      expect(target.parse(target.text(seed))).toEqual(Uint8Array.from(seed));
    }
    for (let round = 0; round < 40; round++) {
      const bytes = target.generate(chance);
      expect(target.run(bytes).failure && target.text(bytes)).toBeUndefined();
    }
  },
);

it("finds what a reader throws, and makes it small", () => {
  const reader: Subject = {
    name: "planted",
    isText: true,
    seeds: [new TextEncoder().encode("some words to begin with")],
    words: ["boom"],
    look: (bytes) => {
      const text = new TextDecoder().decode(bytes);
      if (text.includes("boom")) throw new TypeError("the reader fell over");
      return { features: [`${text.length >> 3}`] };
    },
  };
  const target = new ByteTarget(reader);
  const chance = new Chance(1);
  for (let round = 0; round < 2000; round++) {
    const bytes = target.generate(chance);
    const { failure } = target.run(bytes);
    if (failure === undefined) continue;
    expect(failure).toMatchObject({ oracle: "exception", about: "TypeError" });
    const smallest = minimise(target, bytes, keyOf(failure));
    expect(new TextDecoder().decode(smallest)).toBe("boom");
    return;
  }
  expect.unreachable("2000 inputs came to nothing");
});

it("tells a row that boot filled otherwise than the specification says", () => {
  const tables = new Uint8Array(linearBytes);
  expect(new Beginning().difference(tables, everything)).toMatch(
    /^iopmWord\[0\]: the core has 0, the specification \d+$/,
  );
});

it.skipIf(!built)("boots good packs and damaged ones (skipped unless built)", () => {
  const boot = bootSubject(new Uint8Array(readFileSync(place("core.wasm"))));
  const target = new ByteTarget(boot);
  const [pack] = boot.seeds;
  expect(target.run(pack!)).toEqual({ failure: undefined, fresh: true });
  expect(target.run(pack!)).toEqual({ failure: undefined, fresh: false });
  expect(target.run(pack!.subarray(0, 100))).toEqual({ failure: undefined, fresh: true });
  expect(target.reached().counters.length).toBeGreaterThan(300);
  expect(target.reached().clauses.map(([id]) => id)).toContain("MSR-MAPS-1");
});
