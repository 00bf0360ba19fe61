// The state of everything at a glance.

import { data, type Item, itemsOfFunction, link } from "./model.tsx";
import { Section, State, Table } from "./parts.tsx";

const NEEDS = ["code", "proof", "test"] as const;
const ORDER =
  "covered waived timeout unproved predated outdated uncovered orphaned ambiguous".split(" ");

/** How many of some values there are of each. */
export function tally(values: Iterable<string>): [string, number][] {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return [...found].sort(([one], [two]) => ORDER.indexOf(one) - ORDER.indexOf(two));
}

const statesOf = (items: readonly Item[], need: string): string[] =>
  items.flatMap(({ states }) => states.filter((one) => one.need === need).map((one) => one.state));

/** A bar whose parts are states; each part leads to its items. */
function Bar({ parts, need }: { parts: [string, number][]; need: string }) {
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <div class="bar">
      {parts.map(([state, count]) => (
        <a
          key={state}
          class={`part ${state}`}
          style={{ flexGrow: count }}
          href={link.list({ [need]: state })}
          title={`${count} of ${all} ${state}`}
        >
          <span>{count}</span>
          <span class="name"> {state}</span>
        </a>
      ))}
    </div>
  );
}

function Figures() {
  const kinds = tally(data.items.map(({ kind }) => kind));
  const operations = data.bounds.length;
  const open = Object.values(data.cases).filter(({ open: own }) => Object.keys(own).length > 0);
  const obligations = Object.values(data.cases).reduce((sum, one) => sum + one.obligations, 0);
  const { core, machine } = data.tcb.codeLines;
  const regressions = data.advisories.filter(({ verdict }) => verdict === "regression").length;
  const figures: [string, string, string][] = [
    [String(data.items.length), kinds.map(([kind, n]) => `${n} ${kind}s`).join(", "), "#/items"],
    [String(obligations), `obligations; ${open.length} operations have open ones`, "#/proofs"],
    [String(operations), "operations, each with a bound of instructions", "#/bounds"],
    [`${core + machine}`, `trusted lines: ${core} core, ${machine} machine`, "#/tcb"],
    [String(regressions), `of ${data.advisories.length} Xen advisories have a regression`, "#/advisories"],
    [String(data.policy.promises.length), "promises of the shipped policy hold", "#/policy"],
  ];
  return (
    <ul class="figures">
      {figures.map(([number, text, href]) => (
        <li key={href}>
          <a href={href}>
            <strong>{number}</strong> {text}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The heat map: a cell for each item, in rows of families. */
function Heat() {
  const families = [...new Set(data.items.map(({ family }) => family))];
  return (
    <dl class="heat">
      {families.map((family) => {
        const own = data.items.filter((item) => item.family === family);
        return (
          <div key={family}>
            <dt>
              <a href={link.list({ family })}>{family}</a>
            </dt>
            <dd>
              {own.map((item) => (
                <a
                  key={item.id}
                  class={`cell ${item.state}`}
                  href={link.item(item.id)}
                  title={`${item.id}: ${item.state}`}
                  aria-label={`${item.id} ${item.state}`}
                />
              ))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Files() {
  const lines = new Map<string, { functions: number; items: Set<Item> }>();
  for (const [name, items] of itemsOfFunction) {
    const file = name.replace(/#.*$/, "");
    const own = lines.get(file) ?? { functions: 0, items: new Set<Item>() };
    own.functions++;
    for (const item of items) own.items.add(item);
    lines.set(file, own);
  }
  return (
    <Table label="Heat by file" head={["file", "functions", "items", "states"]}>
      {[...lines].sort().map(([file, { functions, items }]) => (
        <tr key={file}>
          <th scope="row">
            <a href={link.file(file)}>{file}</a>
          </th>
          <td>{functions}</td>
          <td>{items.size}</td>
          <td>
            {tally([...items].map(({ state }) => state)).map(([state, count]) => (
              <span key={state}>
                {count} <State state={state} />{" "}
              </span>
            ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function Overview() {
  const isCurrent = data.core === data.provedCore;
  return (
    <article>
      <h1>Evidence for core {(data.core ?? "").slice(0, 12)}</h1>
      <p>
        {isCurrent
          ? "The proofs are about this very binary."
          : `The last proofs are about another binary, ${data.provedCore.slice(0, 12)}: they are predated.`}{" "}
        An item is a clause or invariant of the specification, a rule of the subset, a promise or an
        assumption.
      </p>
      <Figures />
      <Section title="Links by state">
        {NEEDS.map((need) => (
          <div class="need" key={need}>
            <h3>{need}</h3>
            <Bar parts={tally(statesOf(data.items, need))} need={need} />
          </div>
        ))}
      </Section>
      <Section title="Heat map by item">
        <Heat />
      </Section>
      <Section title="Heat map by file">
        <Files />
      </Section>
    </article>
  );
}
