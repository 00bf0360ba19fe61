// One item: what the specification says, the code that does it, what proves and tests it.

import { data, type Item, itemsOfFunction, link } from "./model.tsx";
import { ItemLink, Source, State } from "./parts.tsx";

const stateOf = (item: Item, need: string): string =>
  item.states.find((one) => one.need === need)?.state ?? "";

function Pane({ title, state, children }: { title: string; state: string; children: preact.ComponentChildren }) {
  return (
    <section class="pane">
      <h2>
        {title} {state !== "" && <State state={state} />}
      </h2>
      {children}
    </section>
  );
}

function Messages({ item, need }: { item: Item; need: string }) {
  const found = item.states.find((one) => one.need === need);
  return found?.message ? <p class="message">{found.message}</p> : null;
}

/** Types of the policy that may do what is asked: "source on target". */
function whoMay(question: string): { pairs: [string, string][]; group: string } {
  const [, group = "", words = ""] = /^(\S+) \{ (.*) \}$/.exec(question) ?? [];
  const wanted = words.split(" ");
  const { types, classes, cells } = data.policy;
  const pairs = cells
    .filter(([, , at, permissions]) => {
      return classes[at] === group && wanted.every((one) => permissions.includes(one));
    })
    .map(([source, target]): [string, string] => [types[source]!, types[target]!]);
  return { pairs, group };
}

function Policy({ item }: { item: Item }) {
  if (item.asks.length === 0) return null;
  return (
    <>
      <h3>Who may, under the shipped policy</h3>
      {item.asks.map((question) => {
        const { pairs } = whoMay(question);
        return (
          <details key={question} open={item.asks.length < 3}>
            <summary>
              <code>{question}</code>: {pairs.length} pairs
            </summary>
            <ul class="pairs">
              {pairs.map(([source, target]) => (
                <li key={`${source} ${target}`}>
                  {source} on {target}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </>
  );
}

function Specification({ item }: { item: Item }) {
  const { place, end, refusals } = item;
  const isShown = data.files.some(({ path }) => path === place.file);
  return (
    <Pane title="Specification" state="">
      <p class="says">{item.says}</p>
      {refusals.length > 0 && <p>Otherwise: {refusals.join(", ")}.</p>}
      {item.interface.length > 0 && (
        <p>
          In the public interface: <code>{item.interface.join(", ")}</code>
        </p>
      )}
      <p>
        <a href={link.file(place.file, place.line)}>
          {place.file}:{place.line}
        </a>
        , in <code>{item.section}</code>
      </p>
      {isShown && <Source path={place.file} from={place.line} to={end} />}
      <Policy item={item} />
    </Pane>
  );
}

const how: Readonly<Record<string, string>> = {
  execution: "found by running both side by side",
  name: "found by its name; no program of the trace reached it",
  section: "the code of the clauses around it",
  rule: "as the checker lists it",
};

/** The same function in the binary; one that was folded into its callers has none. */
function WasmLink({ name }: { name: string }) {
  const inner = name.replace(/[.]ts#/, "/");
  const line = data.wasm[inner];
  if (line === undefined) return null;
  return (
    <p>
      In the binary: <a href={link.file("core.wat", line)}>{inner}</a>
    </p>
  );
}

function Code({ item }: { item: Item }) {
  return (
    <Pane title="Code" state={stateOf(item, "code")}>
      <Messages item={item} need="code" />
      {item.code.length === 0 && <p>No code: {item.kind}s are about states, not steps.</p>}
      {item.code.map((one, at) => {
        const name = one.function.replace(/^.*#/, "");
        const others = (itemsOfFunction.get(one.function) ?? []).filter(({ id }) => id !== item.id);
        return (
          <details key={one.function} open={at < 2}>
            <summary>
              <code>{name}</code> in {one.file}
            </summary>
            <p>
              <a href={link.file(one.file, one.lines[0])}>
                {one.file}:{one.lines[0]}
              </a>{" "}
              ({how[one.by]}
              {one.by === "execution" && `, ${Math.round(one.score * 100)} %`})
            </p>
            {one.file.startsWith("tcb/core/") && (
              <Source path={one.file} from={one.line} to={one.end} marked={new Set(one.lines)} />
            )}
            <WasmLink name={one.function} />
            {others.length > 0 && (
              <p class="chips">
                Also carries out:{" "}
                {others.slice(0, 12).map((other) => (
                  <ItemLink item={other} key={other.id} />
                ))}
              </p>
            )}
          </details>
        );
      })}
    </Pane>
  );
}

function Proofs({ item }: { item: Item }) {
  const names = item.proof;
  const shown = names.slice(0, 12);
  return (
    <>
      <h3>
        Proof <State state={stateOf(item, "proof")} />
      </h3>
      <Messages item={item} need="proof" />
      <ul>
        {shown.map((name) => {
          const one = data.cases[name];
          const open = Object.entries(one?.open ?? {});
          return (
            <li key={name}>
              <a href={link.graph(name)}>{name}</a>: {one?.proved} of {one?.obligations} obligations
              {one?.bound !== undefined && `, at most ${one.bound} instructions`}
              {one !== undefined && one.solvers.length > 0 && ` (${one.solvers.join(", ")})`}
              {open.length > 0 && (
                <span class="message">
                  {" "}
                  open: {open.map(([property, verdict]) => `${property} (${verdict})`).join("; ")}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {names.length > shown.length && (
        <p>
          and <a href={link.graph(item.id)}>{names.length - shown.length} more operations</a>
        </p>
      )}
    </>
  );
}

function Tests({ item }: { item: Item }) {
  return (
    <>
      <h3>
        Tests <State state={stateOf(item, "test")} />
      </h3>
      <Messages item={item} need="test" />
      {item.steps > 0 && (
        <p>
          Fuzzing: {item.steps} of {data.steps} steps of the trace's programs came to it.
        </p>
      )}
      <ul>
        {item.tests.map((test) => {
          const [file = "", number] = test.split("#");
          return (
            <li key={test}>
              {data.tests[file]?.[Number(number)] ?? "all of it"} <code>{file}</code>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Classes of advisories that are about a family. */
const classes: Readonly<Record<string, RegExp>> = {
  event_channel: /^event/,
  event: /^event/,
  grant_table: /^grant/,
  grant_map: /^grant/,
  grant_copy: /^grant/,
  grant_entry: /^grant/,
  memory_op: /^memory|^p2m/,
  p2m: /^p2m/,
  frame: /^memory|^page/,
  control: /^domctl|lifecycle/,
  control_op: /^domctl/,
  teardown: /lifecycle/,
  timer: /lifecycle/,
  hypercall: /^hypercall ABI/,
  xsm: /^XSM/,
  vcpu: /^vCPU/,
};

function Advisories({ item }: { item: Item }) {
  const group = classes[item.family];
  if (group === undefined) return null;
  const own = data.advisories.filter((one) => group.test(one.class) && one.verdict === "regression");
  if (own.length === 0) return null;
  return (
    <>
      <h3>Advisories of its kind, with a regression</h3>
      <p class="chips">
        {own.map(({ xsa, reason }) => (
          <a href={`#/advisories?xsa=${xsa}`} title={reason} key={xsa}>
            XSA-{xsa}
          </a>
        ))}
      </p>
    </>
  );
}

/** The three panes of an item, and the way to its neighbours. */
export function ItemPage({ item }: { item: Item }) {
  const at = data.items.indexOf(item);
  const [before, after] = [data.items[at - 1], data.items[at + 1]];
  return (
    <article>
      <h1>
        {item.id} <State state={item.state} />
      </h1>
      <p class="crumbs">
        {item.kind}, <a href={link.list({ family: item.family })}>{item.family}</a>,{" "}
        <a href={link.graph(item.id)}>trace graph</a>
        {before && (
          <>
            , <a href={link.item(before.id)} rel="prev">{`before: ${before.id}`}</a>
          </>
        )}
        {after && (
          <>
            , <a href={link.item(after.id)} rel="next">{`next: ${after.id}`}</a>
          </>
        )}
      </p>
      <div class="panes">
        <Specification item={item} />
        <Code item={item} />
        <Pane title="Proof and tests" state="">
          <Proofs item={item} />
          <Tests item={item} />
          <Advisories item={item} />
        </Pane>
      </div>
    </article>
  );
}
