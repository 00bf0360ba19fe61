// The trace around one thing: what an item is linked to, or what is linked to a function, an
// operation or a test. Drawn, and as a list.

import { data, itemOf, itemsOfCase, itemsOfFunction, itemsOfTest, link } from "./model.tsx";
import { ItemLink, Section, Table } from "./parts.tsx";

interface Node {
  readonly name: string;
  readonly href: string;
  readonly kind: string;
}

/** A function without its file; a test by its title. */
function shortName(name: string): string {
  const [file = "", number = ""] = name.split("#");
  const title = data.tests[file]?.[Number(number)];
  if (data.tests[file] === undefined) return number === "" ? name : number;
  return title ?? file;
}

function neighbours(focus: string): Node[] {
  const item = itemOf.get(focus);
  if (item === undefined) {
    const own =
      itemsOfFunction.get(focus) ?? itemsOfCase.get(focus) ?? itemsOfTest.get(focus) ?? [];
    return own.map(({ id, kind }) => ({ name: id, href: link.item(id), kind }));
  }
  return [
    ...item.code.map((one) => ({ name: one.function, href: link.graph(one.function), kind: "code" })),
    ...item.proof.map((name) => ({ name, href: link.graph(name), kind: "proof" })),
    ...item.tests.map((name) => ({ name, href: link.graph(name), kind: "test" })),
  ];
}

const go = (href: string): void => {
  location.hash = href;
};

const WIDTH = 900;
const ROW = 24;
const DRAWN_MAX = 40;

function Drawing({ focus, nodes }: { focus: string; nodes: readonly Node[] }) {
  const shown = nodes.slice(0, DRAWN_MAX);
  const height = Math.max(3, shown.length) * ROW + 16;
  const middle = height / 2;
  return (
    <div class="drawing">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`Links of ${focus}`}>
        {shown.map(({ name, kind }, at) => {
          const y = at * ROW + 20;
          return (
            <path
              key={name}
              class={`edge ${kind}`}
              d={`M 250 ${middle} C 340 ${middle}, 320 ${y}, 420 ${y}`}
            />
          );
        })}
        <rect x="8" y={middle - 18} width="242" height="36" rx="6" class="focus" />
        <text x="129" y={middle + 5} text-anchor="middle" class="focus-name">
          {shortName(focus).slice(0, 32)}
        </text>
        {shown.map(({ name, href, kind }, at) => (
          // A short way for the mouse; the table below has the same as links.
          <g class="node" key={name} onClick={() => go(href)}>
            <circle cx="426" cy={at * ROW + 20} r="6" class={`dot ${kind}`} />
            <text x="440" y={at * ROW + 25}>
              {shortName(name).slice(0, 60)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

/** What a proof stands on: if any of it changes, the proof is void. */
function Ground({ name }: { name: string }) {
  const one = data.cases[name];
  if (one === undefined) return null;
  const { wasm, spec, invariants, properties } = one;
  const assumed =
    invariants === "all"
      ? data.items.filter(({ kind }) => kind === "invariant")
      : data.items.filter(({ id }) => invariants.includes(id));
  return (
    <>
      <Section title={`Stands on: functions of the binary (${wasm.length})`}>
        <p class="chips">
          {wasm.map((inner) => (
            <a key={inner} href={link.file("core.wat", data.wasm[inner])}>
              {inner.replace("tcb/core/", "")}
            </a>
          ))}
        </p>
      </Section>
      <Section title={`Stands on: the specification (${spec.length})`}>
        <p class="chips">
          {spec.map((id) => (
            <a key={id} href={link.file(id.replace(/#.*$/, ""))}>
              {id.replace(/^spec./, "").replace(".ts#", ": ")}
            </a>
          ))}
        </p>
      </Section>
      <Section title={`Assumes: invariants (${assumed.length})`}>
        <p class="chips">
          {assumed.map((item) => (
            <ItemLink item={item} key={item.id} />
          ))}
        </p>
      </Section>
      {properties.length > 0 && (
        <Section title={`What is proved (${properties.length})`}>
          <ul class="columns">
            {properties.map((property) => (
              <li key={property}>{property}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

export function GraphPage({ query }: { query: URLSearchParams }) {
  const focus = query.get("focus") ?? data.items[0]!.id;
  const nodes = neighbours(focus);
  return (
    <article>
      <h1>Trace of {shortName(focus)}</h1>
      <p>
        {itemOf.has(focus) ? (
          <a href={link.item(focus)}>its page</a>
        ) : (
          <code>{focus}</code>
        )}
        ; {nodes.length} links. Each name leads to its own trace.
      </p>
      <Drawing focus={focus} nodes={nodes} />
      <Table label="Links" head={["name", "kind", "says"]}>
        {nodes.map(({ name, href, kind }) => (
          <tr key={name}>
            <th scope="row">
              <a href={href}>{shortName(name)}</a>
            </th>
            <td>{kind}</td>
            <td>{itemOf.get(name)?.says ?? name}</td>
          </tr>
        ))}
      </Table>
      <Ground name={focus} />
    </article>
  );
}
