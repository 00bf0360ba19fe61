// Programs as bytes and as text. Catches: bytes that are no program, a form that loses something,
// a generator that is not the same every time.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Chance, generate, mutate, stepStarts } from "../../fuzz/program/generate.ts";
import { operations } from "../../fuzz/program/operations.ts";
import { decode, encode, STEPS_MAX } from "../../fuzz/program/program.ts";
import { smallerPrograms } from "../../fuzz/program/shrink.ts";
import { ProgramError, parseProgram, programText } from "../../fuzz/program/text.ts";

const bytes = fc.uint8Array({ maxLength: 400 });

describe("the bytes of a program", () => {
  it("may be any bytes, and are the same program when written again", () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const program = decode(input);
        expect(program.length).toBeLessThanOrEqual(STEPS_MAX);
        expect(decode(encode(program))).toEqual(program);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("begin each step where the decoder does", () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const starts = stepStarts(input);
        expect(starts.length - 1).toBe(decode(input).length);
        expect(decode(input.subarray(0, starts[1] ?? 0))).toEqual(decode(input).slice(0, 1));
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

describe("the text of a program", () => {
  it("is read back as the same program", () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const program = decode(input);
        expect(parseProgram(programText(program))).toEqual(program);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it("names what is wrong, and where", () => {
    const at = (text: string) => () => parseProgram(text);
    expect(at("# nothing\n\nd9v0 evtchn_send(port=1)")).toThrow('line 3: there is no vCPU "d9v0"');
    expect(at("d1v0 evtchn_shout(port=1)")).toThrow('no operation "evtchn_shout"');
    expect(at("d1v0 evtchn_send(port=one)")).toThrow('"one" is not a number');
    expect(at("whatever")).toThrow(ProgramError);
  });

  it("says port=last for the newest result", () => {
    const program = parseProgram("d1v0 evtchn_send(port=last-2)");
    expect(program[0]!.values[1]).toEqual({ back: 2, low: 0, high: 0 });
  });
});

describe("programs by chance", () => {
  it("are the same for the same seed", () => {
    const one = new Chance(7);
    const two = new Chance(7);
    for (let round = 0; round < 20; round++) {
      const made = generate(one);
      expect(generate(two)).toEqual(made);
      expect(mutate(made, two, made)).toEqual(mutate(made, one, made));
    }
    expect(generate(new Chance(8))).not.toEqual(generate(new Chance(7)));
  });

  it("have at least 16 steps, and come to every operation", () => {
    const chance = new Chance(3);
    const seen = new Set<string>();
    for (let round = 0; round < 400; round++) {
      const program = decode(generate(chance));
      expect(program.length).toBeGreaterThanOrEqual(16);
      for (const { operation } of program) seen.add(operation.name);
    }
    expect(seen.size).toBe(operations.length);
  });

  it("have smaller ones, all different from them", () => {
    const program = decode(generate(new Chance(5)));
    let count = 0;
    for (const smaller of smallerPrograms(program)) {
      expect(smaller.length).toBeLessThanOrEqual(program.length);
      expect(smaller).not.toEqual(program);
      count++;
    }
    expect(count).toBeGreaterThan(program.length);
  });
});
