import { expect, test } from "vitest";
import { chapterOf, chapters } from "../../../proofs/manual/clauses.ts";
import { manual } from "../../../proofs/manual/render.ts";
import { invariants } from "../../../spec/invariants/index.ts";

const clauses = chapters().flatMap(({ file, sections }) =>
  sections.flatMap((section) => section.clauses.map((clause) => ({ ...clause, file }))),
);

test("an id names one sentence (two would make a reference to it mean two things)", () => {
  const sentences = new Map<string, Set<string>>();
  for (const { id, says } of clauses) {
    sentences.set(id, (sentences.get(id) ?? new Set()).add(says));
  }
  const doubtful = [...sentences].filter(([, all]) => all.size > 1).map(([id]) => id);
  expect(doubtful).toEqual([]);
  const ids = invariants.map(({ id }) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test("the manual has every clause and every invariant, with its sentence", () => {
  const text = manual();
  expect(clauses.length).toBeGreaterThan(100);
  for (const { id, says } of clauses) expect(text).toContain(`**${id}** ${says}`);
  for (const { says } of invariants) expect(text).toContain(says);
  expect(text).toContain('<a id="EVTCHN-SEND-3"></a>');
});

test("a clause is read with what refuses after it", () => {
  const source = `// A file.
/** What it does. */
function steps(s) {
  s.clause("A-1", "The number " + "is small.");
  s.require(number.lt(4), abi.EINVAL);
  s.clause("A-2", "It is done.");
}`;
  expect(chapterOf("spec/x.ts", source)).toEqual({
    file: "spec/x.ts",
    about: "A file.",
    sections: [
      {
        title: "What it does.",
        name: "steps",
        clauses: [
          { id: "A-1", says: "The number is small.", line: 4, refusals: ["EINVAL"] },
          { id: "A-2", says: "It is done.", line: 6, refusals: [] },
        ],
      },
    ],
  });
});
