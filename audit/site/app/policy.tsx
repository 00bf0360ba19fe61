// The shipped policy: who may do what to whom, which way information flows, what is promised.

import { useState } from "preact/hooks";
import { data } from "./model.tsx";
import { Section, State, Table } from "./parts.tsx";

const { types, classes, cells, promises, flow } = data.policy;

function Choice(props: {
  label: string;
  value: string;
  of: readonly string[];
  any?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <label>
      {props.label}
      <select
        value={props.value}
        onChange={({ currentTarget }) => props.onChange(currentTarget.value)}
      >
        {props.any === true && <option value="">any</option>}
        {props.of.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

function Access() {
  const [source, setSource] = useState("");
  const [target, setTarget] = useState("");
  const [group, setGroup] = useState("grant");
  const [permission, setPermission] = useState("");
  const inClass = cells.filter(([, , at]) => group === "" || classes[at] === group);
  const known = [...new Set(inClass.flatMap(([, , , permissions]) => permissions))].sort();
  const shown = inClass.filter(
    ([from, to, , permissions]) =>
      (source === "" || types[from] === source) &&
      (target === "" || types[to] === target) &&
      (permission === "" || permissions.includes(permission)),
  );
  return (
    <Section title="Who may do what to whom">
      <div class="facets">
        <Choice label="source" value={source} of={types} any onChange={setSource} />
        <Choice label="target" value={target} of={types} any onChange={setTarget} />
        <Choice label="class" value={group} of={classes} any onChange={setGroup} />
        <Choice label="permission" value={permission} of={known} any onChange={setPermission} />
      </div>
      <p aria-live="polite" id="access-count">
        {shown.length} of {cells.length} cells of the table
      </p>
      <Table label="Access" head={["source", "target", "class", "permissions"]}>
        {shown.slice(0, 200).map(([from, to, at, permissions]) => (
          <tr key={`${from} ${to} ${at}`}>
            <td>{types[from]}</td>
            <td>{types[to]}</td>
            <td>{classes[at]}</td>
            <td>{permissions.join(", ")}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

const edges = new Map<number, number[]>();
for (const [from, to] of flow.edges) {
  const own = edges.get(from as number) ?? [];
  own.push(to as number);
  edges.set(from as number, own);
}

/** Nodes that a flow reaches, each with the one before it; it goes through none that is closed. */
function reach(start: number, isClosed: (node: number) => boolean): Map<number, number> {
  const came = new Map<number, number>([[start, -1]]);
  for (const node of came.keys()) {
    if (node !== start && isClosed(node)) continue;
    for (const next of edges.get(node) ?? []) if (!came.has(next)) came.set(next, node);
  }
  return came;
}

/** A shortest way by which information can flow, as names; undefined: there is none. */
export function wayFrom(from: string, to: string, not = ""): string[] | undefined {
  const [start, goal, closed] = [from, to, not].map((name) => flow.nodes.indexOf(name));
  const came = reach(start!, (node) => node === closed);
  if (start! < 0 || !came.has(goal!) || goal === closed) return undefined;
  const way: string[] = [];
  for (let at = goal!; at >= 0; at = came.get(at)!) way.unshift(flow.nodes[at]!);
  return way;
}

/** Types of domains: those that do something, without the types of their channels. */
const domains = [...new Set(cells.map(([source]) => types[source]!))]
  .filter((name) => !/_(channel|self)$/.test(name))
  .sort();
const isDomain = new Set(domains.map((name) => flow.nodes.indexOf(name)));

/** Which domains each domain's information comes to with no other domain in between. */
const direct = new Map(
  domains.map((name) => {
    const came = reach(flow.nodes.indexOf(name), (node) => isDomain.has(node));
    const reached = domains.filter((other) => other !== name && came.has(flow.nodes.indexOf(other)));
    return [name, reached] as const;
  }),
);

/** What the policy allows between two types and their channels, as lines. */
function allowedBetween(one: string, two: string): string[] {
  const base = (name: string): string => name.replace(/_(channel|self)$/, "");
  return cells.flatMap(([source, target, group, permissions]) => {
    const [from, to] = [types[source]!, types[target]!];
    const pair = [base(from), base(to)];
    if (!pair.includes(base(one)) || !pair.includes(base(two)) || base(one) === base(two)) return [];
    return pair[0] === pair[1] ? [] : [`${from} on ${to}: ${classes[group]} { ${permissions.join(" ")} }`];
  });
}

const [WIDTH, HEIGHT, RADIUS, NODE] = [900, 520, 205, 9] as const;

function place(name: string): [x: number, y: number] {
  const angle = (2 * Math.PI * domains.indexOf(name)) / domains.length - Math.PI / 2;
  return [WIDTH / 2 + 1.25 * RADIUS * Math.cos(angle), HEIGHT / 2 + RADIUS * Math.sin(angle)];
}

function Arrow({ from, to, kind }: { from: string; to: string; kind: string }) {
  const [[x1, y1], [x2, y2]] = [place(from), place(to)];
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  // Both ways between two domains bend away from each other.
  const [mx, my] = [(x1 + x2) / 2 - uy * 14, (y1 + y2) / 2 + ux * 14];
  const far = NODE + 4;
  return (
    <path
      class={`edge ${kind}`}
      marker-end={`url(#flow-${kind})`}
      d={`M ${x1 + ux * far} ${y1 + uy * far} Q ${mx} ${my} ${x2 - ux * far} ${y2 - uy * far}`}
    />
  );
}

function Tip({ kind }: { kind: string }) {
  return (
    <marker
      id={`flow-${kind}`}
      viewBox="0 0 10 10"
      refX="9"
      refY="5"
      markerWidth="7"
      markerHeight="7"
      orient="auto-start-reverse"
    >
      <path d="M 0 0 L 10 5 L 0 10 z" class={`tip ${kind}`} />
    </marker>
  );
}

function Drawing({ from, way }: { from: string; way: readonly string[] | undefined }) {
  const stops = (way ?? []).filter((name) => domains.includes(name));
  const onWay = new Set(stops.slice(1).map((name, at) => `${stops[at]} ${name}`));
  const pairs = [...direct].flatMap(([one, others]) => others.map((two) => [one, two] as const));
  const kindOf = (one: string, two: string): string => {
    if (onWay.has(`${one} ${two}`)) return "way";
    return one === from ? "own" : "faint";
  };
  const order = ["faint", "own", "way"];
  const drawn = pairs
    .map(([one, two]) => ({ one, two, kind: kindOf(one, two) }))
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return (
    <div class="drawing">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Flows between domains">
        <defs>
          {order.map((kind) => (
            <Tip kind={kind} key={kind} />
          ))}
        </defs>
        {drawn.map(({ one, two, kind }) => (
          <Arrow from={one} to={two} kind={kind} key={`${one} ${two}`} />
        ))}
        {domains.map((name) => {
          const [x, y] = place(name);
          const side = Math.abs(x - WIDTH / 2) < 20 ? 0 : Math.sign(x - WIDTH / 2);
          return (
            <g key={name}>
              <circle cx={x} cy={y} r={NODE} class={stops.includes(name) ? "dot way" : "dot"} />
              <text
                x={x + side * 16}
                y={side === 0 ? y + Math.sign(y - HEIGHT / 2) * 24 + 4 : y + 5}
                text-anchor={["end", "middle", "start"][side + 1]}
                class={stops.includes(name) ? "strong" : ""}
              >
                {name}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** The steps of a way, each with what of the policy makes it. */
function Steps({ way }: { way: readonly string[] }) {
  const steps = way.slice(1).map((to, at) => [way[at]!, to] as const);
  return (
    <ol>
      {steps.map(([from, to]) => (
        <li key={`${from} ${to}`}>
          {from} → {to}
          <ul>
            {allowedBetween(from, to).map((line) => (
              <li key={line}>
                <code>{line}</code>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Flows({ query }: { query: URLSearchParams }) {
  const [guest = "", toolstack = ""] = ["guest_t", "toolstack_t"].map(
    (name) => domains.find((one) => one === name) ?? domains[0],
  );
  const from = query.get("from") ?? guest;
  const to = query.get("to") ?? toolstack;
  const not = query.get("not") ?? "";
  const ask = (change: Readonly<Record<string, string>>): void => {
    location.hash = `#/policy?${new URLSearchParams({ from, to, not, ...change })}`;
  };
  const way = wayFrom(from, to, not);
  const but = not === "" ? "" : ` without ${not}`;
  return (
    <Section title="Can information flow?">
      <div class="facets">
        <Choice label="from" value={from} of={domains} onChange={(name) => ask({ from: name })} />
        <Choice label="to" value={to} of={domains} onChange={(name) => ask({ to: name })} />
        <Choice
          label="but not through"
          value={not}
          of={domains}
          any
          onChange={(name) => ask({ not: name })}
        />
      </div>
      <p aria-live="polite" id="flow-answer">
        <strong>
          {way === undefined
            ? `No: nothing leads from ${from} to ${to}${but}.`
            : `Yes, from ${from} to ${to}${but}: ${way.join(" → ")}`}
        </strong>{" "}
        {way === undefined ? "Whatever its booleans are set to." : "Under some setting of its booleans."}
      </p>
      <Drawing from={from} way={way} />
      {way !== undefined && <Steps way={way} />}
    </Section>
  );
}

export function PolicyPage({ query }: { query: URLSearchParams }) {
  return (
    <article>
      <h1>The shipped policy</h1>
      <p>
        From <code>{data.policy.source}</code>: {types.length} types, {cells.length} cells.
      </p>
      <Flows query={query} />
      <Access />
      <Section title="What is promised of it">
        <Table label="Promises" head={["promise", "holds", "kind"]}>
          {promises.map(({ text, holds, kind, goal }) => (
            <tr key={text}>
              <td>
                {goal !== "" && <div>{goal}</div>}
                <code>{text}</code>
              </td>
              <td>
                <State state={holds ? "covered" : "unproved"} />
              </td>
              <td>{kind}</td>
            </tr>
          ))}
        </Table>
      </Section>
    </article>
  );
}
