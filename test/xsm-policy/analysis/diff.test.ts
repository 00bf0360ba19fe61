import { describe, expect, it } from "vitest";
import { diffPolicies } from "../../../xsm-policy/analysis/diff.ts";
import { diffText } from "../../../xsm-policy/analysis/diff-command.ts";
import { readPolicydb } from "../../../xsm-policy/compiler/policydb-read.ts";
import { writePolicydb } from "../../../xsm-policy/compiler/policydb-write.ts";
import { buildRelation } from "../../../xsm-policy/compiler/relation.ts";
import { tupleRows } from "../../../xsm-policy/compiler/tuples.ts";
import { randomFlowPolicy } from "./random-policy.ts";
import { type Sample, sample, TEXT } from "./sample.ts";

/** The same policy as a compiled one, without its source. */
function binary({ policy, assertions }: Sample): Sample {
  const { policy: read } = readPolicydb(writePolicydb(policy, 30));
  if (read === undefined) throw new Error("the binary cannot be read");
  return { policy: read, relation: buildRelation(read), assertions };
}

const CHANGED = TEXT.replace("allow dm c_t:event send;\n", "").replace(
  "grant map_read;",
  "grant { map_read copy };",
);

/** Would catch edits told as what they expand to, and a change that is not told. */
describe("diff", () => {
  it("tells edits of the source, tuples and verdicts", () => {
    const promise = "neverboth a_t b_t:grant map_read and c_t:event send;";
    const difference = diffPolicies(sample(TEXT, promise), sample(CHANGED, promise));
    expect(diffText(difference, 10)).toBe(`source edits: 2
  - p.conf:13:1: allow dm c_t:event send;
  - p.conf:14:1: allow a_t b_t:grant map_read;
  + p.conf:13:1: allow a_t b_t:grant { map_read copy };
tuples lost: 2
  - a_t c_t:event send
  - b_t c_t:event send
tuples gained: 1
  + a_t b_t:grant copy
verdicts changed: 1
  broken -> holds: neverboth a_t b_t:grant map_read and c_t:event send;
`);
  });

  it("tells the same of compiled policies, by their rules as text", () => {
    const [before, after] = [binary(sample()), binary(sample(CHANGED))];
    expect(diffText(diffPolicies(before, after), 10)).toBe(`source edits: 3
  - allow dm c_t:event send;
  - allow a_t b_t:grant map_read;
  + allow a_t b_t:grant { map_read copy };
tuples lost: 2
  - a_t c_t:event send
  - b_t c_t:event send
tuples gained: 1
  + a_t b_t:grant copy
`);
  });

  it("tells the new rules where a policy has other types, so that numbers mean other names", () => {
    const renamed = TEXT.replaceAll("a_t", "z_t");
    const { edits } = diffPolicies(binary(sample()), binary(sample(renamed)));
    const added = edits.flatMap(({ newText }) => newText ?? []);
    expect(added).toContain("allow z_t b_t:grant map_read;");
  });

  it("says that a policy is the same in another order", () => {
    const lines = TEXT.split("\n");
    [lines[12], lines[13]] = [lines[13], lines[12]];
    const difference = diffPolicies(sample(), sample(lines.join("\n")));
    expect(diffText(difference, 10)).toBe("the policies are the same\n");
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("tells tuples as brute force does: seed %i", (seed) => {
    const [before, after] = [seed, seed + 100].map((each) => sample(randomFlowPolicy(each)));
    const rows = ({ relation }: Sample): Set<string> => {
      const written = tupleRows(relation).map((row) => row.replace(/=T$/, ""));
      return new Set(written.map((row) => row.replace(/\t([^\t]*)=F$/, "\t!$1")));
    };
    const [old, fresh] = [rows(before), rows(after)];
    const told = diffPolicies(before, after);
    const spread = (changes: typeof told.lost): string[] =>
      changes.flatMap(({ source, target, class: of, permissions, condition }) =>
        permissions.map((permission) => [source, target, of, permission, condition].join("\t")),
      );
    expect(spread(told.lost).sort()).toEqual([...old].filter((row) => !fresh.has(row)).sort());
    expect(spread(told.gained).sort()).toEqual([...fresh].filter((row) => !old.has(row)).sort());
  });
});
