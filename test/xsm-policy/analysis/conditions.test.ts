import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALWAYS,
  both,
  Conditions,
  either,
  NEVER,
  type Ways,
  waysOf,
} from "../../../xsm-policy/analysis/conditions.ts";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { policyOf } from "../compiler/sample.ts";

const POLICY = policyOf(`
bool x true;
bool y false;
if (x) { allow a_t b_t:domain create; } else { allow b_t a_t:domain create; }
if (x && !y) { allow a_t c_t:domain create; }
if (x ^ y) { allow a_t a_t:domain create; }
`);

const conditions = new Conditions(compile({ name: "p", text: POLICY }).policy!);
const SETTINGS = [0, 1, 2, 3].map((bits) => [(bits & 1) === 1, (bits & 2) === 2]);

const ways = array(array(constantFrom(1, 2, 3, 4, 5, 6), { maxLength: 3 }), { maxLength: 3 });
const hold = (each: Ways, setting: boolean[]): boolean =>
  each.some((way) => way.every((variant) => conditions.holds(variant, setting) === true));

/** Would catch a combination of conditions that loses a case or makes one up. */
describe("ways", () => {
  it("combine as and and or do, under every setting", () => {
    assert(
      property(ways, ways, (one, other) => {
        for (const setting of SETTINGS) {
          const [a, b] = [hold(one, setting), hold(other, setting)];
          expect(hold(both(one, other), setting)).toBe(a && b);
          expect(hold(either(one, other), setting)).toBe(a || b);
        }
      }),
    );
  });

  it("are satisfied exactly when some setting does so, and are open until ruled out", () => {
    assert(
      property(ways, constantFrom(undefined, true, false), (each, x) => {
        const possible = SETTINGS.filter((setting) => x === undefined || setting[0] === x);
        const found = conditions.satisfy(each, [x, undefined]);
        expect(found !== undefined).toBe(possible.some((setting) => hold(each, setting)));
        if (found !== undefined) {
          for (const setting of possible) {
            const agrees = found.every((value, at) => value === undefined || value === setting[at]);
            if (agrees) expect(hold(each, setting)).toBe(true);
          }
          expect(conditions.isOpen(each, [x, undefined])).toBe(true);
        }
      }),
    );
  });

  it("know what always and never are", () => {
    expect(either(waysOf(1), waysOf(2))).toEqual(ALWAYS);
    expect(both(waysOf(1), waysOf(2))).toEqual(NEVER);
    expect(either([[1, 3]], waysOf(3))).toEqual([[3]]);
    expect(waysOf(0)).toEqual(ALWAYS);
  });

  it("are shown as a policy would write them", () => {
    expect(conditions.waysText([[2, 4], [5]])).toBe("x && (x && !y) or !(x ^ y)");
    expect(conditions.settingText([[4]], [true, undefined])).toBe("x=true");
  });
});
