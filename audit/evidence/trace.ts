// The trace as evidence: each item with its sentence, its links and their states.

import { readTree } from "../trace/check.ts";
import { readLinks } from "../trace/links.ts";
import { readPolicy } from "../trace/policy.ts";
import { Comparison, type LinkStatus, type Tree } from "../trace/state.ts";

/** The link's state on the day on which the first waivers begin: evidence has no clock. */
const ANY_DAY = "0000-00-00";

/** Items with links, as they are in the tree. */
export function traceEvidence(tree: Tree = readTree()) {
  const links = readLinks();
  const statuses = new Comparison(links, tree, readPolicy()).statuses(ANY_DAY);
  const byId = new Map<string, LinkStatus[]>();
  for (const status of statuses) {
    byId.set(status.id, [...(byId.get(status.id) ?? []), status]);
  }
  const functions = new Map(tree.functions.map((one) => [one.id, one]));
  const items = tree.items.map((item) => {
    const own = links.items[item.id];
    const code = (own?.code ?? []).map((link) => {
      const at = functions.get(link.function);
      const first = at?.place.line ?? 0;
      const lines = link.lines.map((line) => first + line);
      return { ...link, file: link.function.replace(/#.*$/, ""), line: first, end: at?.end, lines };
    });
    const states = (byId.get(item.id) ?? []).map(({ need, state, message }) => {
      return { need, state, message };
    });
    const { proof = [], tests = [], steps = 0 } = own ?? {};
    return { ...item, states, code, proof, tests, steps };
  });
  const tests = Object.fromEntries(
    Object.entries(links.tests).map(([file, { names }]) => [file, names]),
  );
  const { provedCore, cases, moves, steps = 0 } = links;
  return { core: tree.core, provedCore, steps, items, cases, tests, moves };
}

export type TraceEvidence = ReturnType<typeof traceEvidence>;

const WORST = "ambiguous orphaned uncovered outdated predated unproved timeout waived covered";

/** The state of an item: the worst of its links'. */
export function stateOf({ states }: TraceEvidence["items"][number]): string {
  const own = new Set<string>(states.map(({ state }) => state));
  return WORST.split(" ").find((state) => own.has(state)) ?? "covered";
}

/** Whether the proofs of an item stand; undefined for an id that no item has. */
export function isProved({ items }: TraceEvidence): (id: string) => boolean | undefined {
  const known = new Map(items.map(({ id, states }) => [id, states]));
  return (id) => known.get(id)?.some(({ need, state }) => need === "proof" && state === "covered");
}

const quoted = (text: string): string => `"${text.replace(/"/g, '""')}"`;

/** The trace as a table: id, kind, family, file, line, state of each link, sentence. */
export function traceCsv({ items }: TraceEvidence): string {
  const lines = items.map((item) => {
    const { id, kind, family, place, says } = item;
    const state = (need: string) => item.states.find((one) => one.need === need)?.state ?? "";
    const cells = [id, kind, family, place.file, String(place.line)];
    const links = [state("code"), state("proof"), state("test"), says];
    return [...cells, ...links].map(quoted).join(",");
  });
  // Lines end as RFC 4180 has it.
  return ["id,kind,family,file,line,code,proof,test,says", ...lines, ""].join("\r\n");
}

/** What the state of a link that is a gap means. */
const MEANINGS: Readonly<Record<string, string>> = {
  ambiguous: "Two items have one id.",
  orphaned: "An end of a link is gone.",
  outdated: "The item has changed since it was linked.",
  predated: "Code, proof or test has changed since it was linked.",
  timeout: "The solver gave up.",
  uncovered: "There is no link of a kind that is wanted.",
  unproved: "A proof failed, or was not run.",
};

/** Gaps as SARIF. */
export function traceSarif({ items }: TraceEvidence) {
  const results = items.flatMap(({ id, place, states }) =>
    states
      .filter(({ state }) => state !== "covered" && state !== "waived")
      .map(({ need, state, message }) => ({
        ruleId: state,
        level: "warning",
        message: { text: `${id} (${need}): ${message}` },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: place.file },
              region: { startLine: place.line, startColumn: place.column },
            },
          },
        ],
      })),
  );
  const states = [...new Set(results.map(({ ruleId }) => ruleId))].sort();
  const rules = states.map((id) => ({ id, shortDescription: { text: MEANINGS[id] ?? id } }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "xenolith audit", rules } }, results }],
  };
}
