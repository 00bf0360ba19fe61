// Pages that are lists: advisories, trusted code, bounds, assumptions, drift, counterexamples, files.

import { useEffect } from "preact/hooks";
import { data, itemOf, link } from "./model.tsx";
import { tally } from "./overview.tsx";
import { ItemLink, Section, Source, State, Table } from "./parts.tsx";

const verdictStates: Readonly<Record<string, string>> = {
  impossible: "covered",
  proved: "covered",
  mixed: "waived",
  regression: "covered",
  elsewhere: "waived",
  open: "uncovered",
};

/** The classes as wholes. */
function Classes() {
  return (
    <>
      <h2>By class</h2>
      <Table label="Classes" head={["class", "verdict", "members", "why"]}>
        {data.advisoryClasses.map(({ name, verdict, members, reason }) => (
          <tr key={name}>
            <th scope="row">
              <a href={`#/advisories?class=${encodeURIComponent(name)}`}>{name}</a>
            </th>
            <td>
              <span class={`state ${verdictStates[verdict]}`}>{verdict}</span>
            </td>
            <td>
              {Object.entries(members).map(([one, count]) => (
                <div key={one}>
                  {count} {one}
                </div>
              ))}
            </td>
            <td>{reason}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

export function AdvisoriesPage({ query }: { query: URLSearchParams }) {
  const [verdict, xsa, group] = ["verdict", "xsa", "class"].map((name) => query.get(name));
  const shown = data.advisories.filter(
    (one) =>
      (verdict === null || one.verdict === verdict) &&
      (xsa === null || one.xsa === Number(xsa)) &&
      (group === null || one.class === group),
  );
  return (
    <article>
      <h1>Xen's security advisories</h1>
      <p>
        What each would mean here. The same as OpenVEX is in <code>evidence/openvex.json</code>.
      </p>
      <p class="chips">
        <a href="#/advisories">all {data.advisories.length}</a>
        {tally(data.advisories.map((one) => one.verdict)).map(([name, count]) => (
          <a key={name} href={`#/advisories?verdict=${name}`}>
            {count} {name}
          </a>
        ))}
      </p>
      {verdict === null && xsa === null && group === null && <Classes />}
      <h2>By number</h2>
      <Table label="Advisories" head={["number", "verdict", "class", "why", "shown by"]}>
        {shown.map((one) => (
          <tr key={one.xsa}>
            <th scope="row">
              <a href={`#/advisories?xsa=${one.xsa}`}>XSA-{one.xsa}</a>
            </th>
            <td>
              <span class={`state ${verdictStates[one.verdict]}`}>{one.verdict}</span>
            </td>
            <td>
              <a href={`#/advisories?class=${encodeURIComponent(one.class)}`}>{one.class}</a>
            </td>
            <td>{one.reason}</td>
            <td>
              {one.test && `${one.test.file}:${one.test.line}`}
              {(one.clauses ?? []).map((id) => (
                <div key={id}>
                  <a href={link.item(id)}>{id}</a>
                </div>
              ))}
            </td>
          </tr>
        ))}
      </Table>
    </article>
  );
}

export function TcbPage() {
  const { files, others, core, codeLines, method } = data.tcb;
  const own = codeLines.core + codeLines.machine;
  return (
    <article>
      <h1>Trusted computing base</h1>
      <p>{method}.</p>
      <Section title="Beside others">
        <Table label="Sizes" head={["system", "what", "lines", "source"]}>
          <tr>
            <th scope="row">Xenolith</th>
            <td>core and machine layer</td>
            <td class="number">{own}</td>
            <td>the files below</td>
          </tr>
          {others.map((one) => (
            <tr key={one.system + one.what}>
              <th scope="row">{one.system}</th>
              <td>{one.what}</td>
              <td class="number">{one.codeLines}</td>
              <td>{one.source}</td>
            </tr>
          ))}
        </Table>
      </Section>
      <Section title="Files">
        <Table label="Files" head={["file", "lines", "bytes", "sha256"]}>
          {files.map((one) => (
            <tr key={one.path}>
              <th scope="row">
                <a href={link.file(one.path)}>{one.path}</a>
                {one.generated && " (generated)"}
              </th>
              <td class="number">{one.codeLines}</td>
              <td class="number">{one.bytes}</td>
              <td>
                <code>{one.sha256.slice(0, 16)}</code>
              </td>
            </tr>
          ))}
        </Table>
      </Section>
      <Section title="The binary">
        <p>
          core.wasm: {core.bytes} bytes, sha256 <code>{core.sha256}</code>
        </p>
        <Table label="Sections" head={["section", "bytes"]}>
          {core.sections.map(({ name, bytes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{bytes}</td>
            </tr>
          ))}
        </Table>
        <p>
          Stack: at most {Math.max(...data.tcb.stack.map(({ locals }) => locals))} locals of 8 bytes on
          any chain of calls (
          {data.tcb.stack.map(({ door, locals }) => `${door} ${locals}`).join(", ")}).
        </p>
        <p>Imports: {core.imports.join(", ")}.</p>
        <p>Exports: {core.exports.join(", ")}.</p>
      </Section>
      <Section title="The native image">
        <p>
          xenolith.elf: {data.tcb.image.bytes} bytes, sha256 <code>{data.tcb.image.sha256}</code>
        </p>
        <Table label="Sections of the image" head={["section", "bytes"]}>
          {data.tcb.image.sections.map(({ name, bytes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{bytes}</td>
            </tr>
          ))}
        </Table>
      </Section>
    </article>
  );
}

export function BoundsPage() {
  const known = new Set(Object.keys(data.cases));
  return (
    <article>
      <h1>Bounds</h1>
      <p>
        The most instructions that one step of each operation executes, computed from the acyclic
        paths of the binary and the constant bounds of its loops.
      </p>
      <Table label="Bounds" head={["operation", "specified as", "instructions", "if it returns"]}>
        {data.bounds.map(({ name, of, instructions, returning, reason }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{of !== undefined && known.has(of) ? <a href={link.graph(of)}>{of}</a> : of}</td>
            <td class="number">{instructions ?? reason}</td>
            <td class="number">{returning ?? ""}</td>
          </tr>
        ))}
      </Table>
    </article>
  );
}

export function AssumptionsPage() {
  const own = data.items.filter(({ family }) => family === "security");
  const headings = [...new Set(own.map(({ section }) => section))];
  return (
    <article>
      <h1>Promises and assumptions</h1>
      {headings.map((heading) => (
        <Section key={heading} title={heading}>
          <ul>
            {own
              .filter(({ section }) => section === heading)
              .map((item) => (
                <li key={item.id}>
                  <ItemLink item={item} /> {item.says}{" "}
                  {item.kind === "promise" && <State state={item.state} />}
                </li>
              ))}
          </ul>
        </Section>
      ))}
      <Section title="Flows between domains that are declared">
        <ul>
          {data.flows.map((flow) => (
            <li key={flow}>{flow}</li>
          ))}
        </ul>
      </Section>
    </article>
  );
}

function Ids({ title, ids }: { title: string; ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <Section title={`${title} (${ids.length})`}>
      <p class="chips">
        {ids.map((id) => {
          const item = itemOf.get(id);
          return item ? <ItemLink item={item} key={id} /> : <span key={id}>{id}</span>;
        })}
      </p>
    </Section>
  );
}

export function DriftPage() {
  const { drift } = data;
  if (drift === undefined) {
    return (
      <article>
        <h1>What has changed</h1>
        <p>
          This bundle was made without an earlier one: <code>xenolith audit build --before OLD</code>{" "}
          compares.
        </p>
      </article>
    );
  }
  const [before, now] = drift.core;
  return (
    <article>
      <h1>What has changed since the last bundle</h1>
      <p>
        Core {before.slice(0, 12)}
        {before === now ? ", the same as then." : ` then, ${now.slice(0, 12)} now.`}
      </p>
      <Ids title="Added" ids={drift.added} />
      <Ids title="Removed" ids={drift.removed} />
      <Ids title="Say another thing" ids={drift.edited} />
      <Section title={`Other state (${drift.states.length})`}>
        <Table label="States" head={["item", "then", "now"]}>
          {drift.states.map(([id, one, two]) => (
            <tr key={id}>
              <th scope="row">
                <a href={link.item(id)}>{id}</a>
              </th>
              <td>
                <State state={one} />
              </td>
              <td>
                <State state={two} />
              </td>
            </tr>
          ))}
        </Table>
      </Section>
      <Section title={`Proved anew (${drift.reproved.length})`}>
        <p class="chips">
          {drift.reproved.map((name) => (
            <a key={name} href={link.graph(name)}>
              {name}
            </a>
          ))}
        </p>
      </Section>
      <Section title={`Files of evidence that differ (${drift.files.length})`}>
        <ul>
          {drift.files.map((path) => (
            <li key={path}>{path}</li>
          ))}
        </ul>
      </Section>
    </article>
  );
}

export function CounterexamplesPage() {
  return (
    <article>
      <h1>Counterexamples</h1>
      <p>
        How a failed proof looks. These mistakes were planted in copies of the core for
        demonstration; the core of this bundle does not have them.
      </p>
      {data.counterexamples.map(({ title, mistake, operation, text }) => (
        <Section key={title} title={title}>
          <p>
            Planted: {mistake}. Found in <a href={link.graph(operation)}>{operation}</a>:
          </p>
          <section class="source" aria-label={title} tabIndex={0}>
            <pre>{text}</pre>
          </section>
        </Section>
      ))}
    </article>
  );
}

export function FilePage({ path, query }: { path: string; query: URLSearchParams }) {
  const line = Number(query.get("line") ?? 0);
  useEffect(() => {
    const timer = setInterval(() => {
      const element = document.getElementById(`line-${line}`);
      if (element === null) return;
      element.scrollIntoView({ block: "center" });
      clearInterval(timer);
    }, 30);
    return () => clearInterval(timer);
  }, [path, line]);
  return (
    <article>
      <h1>{path}</h1>
      <p>Beside a line stand the items that it says or carries out.</p>
      <Source path={path} marked={new Set(line > 0 ? [line] : [])} gutter />
    </article>
  );
}

export function FilesPage() {
  return (
    <article>
      <h1>Sources</h1>
      <ul class="columns">
        {data.files.map(({ path, lines }) => (
          <li key={path}>
            <a href={link.file(path)}>{path}</a> ({lines})
          </li>
        ))}
      </ul>
    </article>
  );
}
