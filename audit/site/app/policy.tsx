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

/** A shortest way by which information can flow, as names; undefined: there is none. */
export function wayFrom(from: string, to: string): string[] | undefined {
  const [start, goal] = [flow.nodes.indexOf(from), flow.nodes.indexOf(to)];
  const came = new Map<number, number>([[start, -1]]);
  const queue = [start];
  for (const node of queue) {
    if (node === goal) break;
    for (const next of edges.get(node) ?? []) {
      if (came.has(next)) continue;
      came.set(next, node);
      queue.push(next);
    }
  }
  if (!came.has(goal) || start < 0) return undefined;
  const way: string[] = [];
  for (let at = goal; at >= 0; at = came.get(at)!) way.unshift(flow.nodes[at]!);
  return way;
}

function Drawing({ way }: { way: readonly string[] | undefined }) {
  const nodes = flow.nodes;
  const place = (at: number): [number, number] => {
    const angle = (2 * Math.PI * at) / nodes.length - Math.PI / 2;
    return [430 + 200 * Math.cos(angle), 250 + 200 * Math.sin(angle)];
  };
  const onWay = new Set((way ?? []).slice(1).map((name, at) => `${way![at]} ${name}`));
  return (
    <div class="drawing">
      <svg viewBox="0 0 860 500" role="img" aria-label="Flows of information between types">
        {flow.edges.map(([from, to]) => {
          const [one, two] = [place(from as number), place(to as number)];
          const name = `${nodes[from as number]} ${nodes[to as number]}`;
          return (
            <line
              key={name}
              class={onWay.has(name) ? "edge way" : "edge faint"}
              x1={one[0]}
              y1={one[1]}
              x2={two[0]}
              y2={two[1]}
            />
          );
        })}
        {nodes.map((name, at) => {
          const [x, y] = place(at);
          const right = x > 431;
          return (
            <g key={name}>
              <circle cx={x} cy={y} r="6" class={way?.includes(name) ? "dot way" : "dot"} />
              <text
                x={x + (right ? 12 : -12)}
                y={y + 5}
                text-anchor={right ? "start" : "end"}
                class={way?.includes(name) ? "strong" : ""}
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

function Flows() {
  const guest = flow.nodes.find((name) => /guest/.test(name)) ?? flow.nodes[0]!;
  const [from, setFrom] = useState(guest);
  const [to, setTo] = useState(flow.nodes.find((name) => /toolstack/.test(name)) ?? guest);
  const way = wayFrom(from, to);
  return (
    <Section title="Can information flow?">
      <div class="facets">
        <Choice label="from" value={from} of={flow.nodes} onChange={setFrom} />
        <Choice label="to" value={to} of={flow.nodes} onChange={setTo} />
      </div>
      <p aria-live="polite" id="flow-answer">
        {way === undefined ? `No: nothing leads from ${from} to ${to}.` : `Yes, from ${from} to ${to}: ${way.join(" → ")}`}
      </p>
      <Drawing way={way} />
    </Section>
  );
}

export function PolicyPage() {
  return (
    <article>
      <h1>The shipped policy</h1>
      <p>
        From <code>{data.policy.source}</code>: {types.length} types, {cells.length} cells.
      </p>
      <Flows />
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
