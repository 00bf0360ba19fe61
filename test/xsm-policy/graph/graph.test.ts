import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FlowGraph } from "../../../xsm-policy/analysis/flow-graph.ts";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { graphCommand } from "../../../xsm-policy/graph/command.ts";
import {
  buildDiagram,
  type Diagram,
  type DiagramLine,
  type DiagramOptions,
  MAX_TYPES,
  TooManyTypes,
} from "../../../xsm-policy/graph/diagram.ts";
import { type Layout, layOut } from "../../../xsm-policy/graph/layout.ts";
import { LINE_STYLES, MEANS } from "../../../xsm-policy/graph/means.ts";
import { renderSvg } from "../../../xsm-policy/graph/svg.ts";
import { lineText } from "../../../xsm-policy/graph/text.ts";
import { compileFolder, POLICIES } from "../policy/support.ts";
import { leave, listen, runCommand, said } from "../said.ts";

const POLICY = `class grant
class domain
class xen
sid xen
sid dom0
class grant { map_read map_write }
class domain { create pause }
class xen { readconsole writeconsole kexec }
attribute guests;
type xen_t;
type dom0_t;
type a_t, guests;
type b_t, guests;
bool debug false;
allow dom0_t guests:domain create;
allow a_t b_t:grant map_write;
if (debug) {
allow b_t a_t:domain pause;
}
allow a_t xen_t:xen writeconsole;
allow b_t xen_t:xen readconsole;
allow b_t xen_t:xen kexec;
role r;
role r types { guests dom0_t };
user u roles r;
sid xen u:object_r:xen_t
sid dom0 u:r:dom0_t
`;

function graphOf(text: string): FlowGraph {
  const { relation, diagnostics } = compile({ name: "policy.conf", text });
  expect(diagnostics).toEqual([]);
  return new FlowGraph(relation!);
}

function diagramOf(options: DiagramOptions = {}, text = POLICY): Diagram {
  return buildDiagram(graphOf(text), options);
}

/** `first second: text`, with words for the arrows. */
function describeLine(line: DiagramLine): string {
  const text = lineText(line).replaceAll("\n", ", ");
  const words = { "\u2192": "on", "\u2190": "back", "\u2194": "both" };
  const plain = Object.entries(words).reduce(
    (all, [arrow, word]) => all.replaceAll(arrow, word),
    text,
  );
  return `${line.first} ${line.second}: ${plain}`;
}

/** Would catch a line that is missing, or one that turns the wrong way. */
describe("the diagram", () => {
  it("has a line for what gets from one label to another", () => {
    const { nodes, lines } = diagramOf();
    expect(nodes.map(({ id, kind }) => `${id}: ${kind}`)).toEqual([
      "a_t: domain",
      "b_t: domain",
      "dom0_t: domain",
      "xen_t (console): object",
    ]);
    expect(lines.map(describeLine)).toEqual([
      "a_t b_t: domain back*, grant on",
      "a_t xen_t (console): xen on",
      "dom0_t a_t: domain on",
      "dom0_t b_t: domain on",
      "xen_t (console) b_t: xen on",
    ]);
  });

  it("leaves out a part of the machine that carries nothing between two", () => {
    const alone = POLICY.replace("allow a_t xen_t:xen writeconsole;\n", "");
    expect(diagramOf({}, alone).nodes.map(({ id }) => id)).toEqual(["a_t", "b_t", "dom0_t"]);
  });

  it("draws what was chosen, with lines or without", () => {
    const graph = graphOf(POLICY);
    const type = (name: string): number =>
      graph.policy.types.findIndex((each) => each.name === name);
    const chosen = buildDiagram(graph, { types: new Set([type("xen_t"), type("a_t")]) });
    expect(chosen.nodes.map(({ id }) => id)).toEqual(["a_t", "xen_t"]);
    expect(chosen.lines).toEqual([]);
    const grants = buildDiagram(graph, { classes: new Set(["grant"]) });
    expect(grants.lines.map(describeLine)).toEqual(["a_t b_t: grant on"]);
  });

  it("refuses what no one could read", () => {
    const types = Array.from({ length: MAX_TYPES }, (_, index) => `type t${index}_t, guests;\n`);
    const many = POLICY.replace("bool debug", `${types.join("")}bool debug`);
    expect(() => diagramOf({}, many)).toThrow(TooManyTypes);
  });

  it("shows that the block driver and the network driver never meet", () => {
    const { result } = compileFolder(path.join(POLICIES, "xenolith"));
    const { lines } = buildDiagram(new FlowGraph(result.relation!));
    const pairs = lines.map(({ first, second }) => [first, second].sort().join(" "));
    expect(pairs).toContain("guest_t network_driver_t");
    expect(pairs).not.toContain("block_driver_t network_driver_t");
    expect(pairs).not.toContain("guest_t isolated_guest_t");
    expect(pairs).not.toContain("isolated_guest_t network_driver_t");
  });
});

function overlaps(layout: Layout): string[] {
  return layout.nodes.flatMap((one, index) =>
    layout.nodes.slice(index + 1).flatMap((other) => {
      const apart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      return apart ? [] : [`${one.node.id} ${other.node.id}`];
    }),
  );
}

/** Would catch a drawing that changes from run to run, or that only colours tell apart. */
describe("the drawing", () => {
  it("has the same bytes each time, and nodes that do not overlap", async () => {
    const layout = await layOut(diagramOf());
    const svg = renderSvg(layout, "a & b");
    expect(renderSvg(await layOut(diagramOf()), "a & b")).toBe(svg);
    expect(overlaps(layout)).toEqual([]);
    expect(svg).toContain('<title id="title">Flows of a &amp; b</title>');
    expect(svg).not.toMatch(/NaN|undefined/);
    expect(svg.match(/<path class="line"/g)).toHaveLength(5 + MEANS.length);
  });

  it("tells kinds of flow apart by dashes, and names them in the legend", async () => {
    const styles = MEANS.map((means) => LINE_STYLES[means]);
    expect(new Set(styles.map(({ dashes }) => dashes)).size).toBe(MEANS.length);
    const svg = renderSvg(await layOut(diagramOf()), "policy.conf");
    for (const { text } of styles) expect(svg).toContain(`>${text}</text>`);
    for (const kind of ["domain", "system label", "part of the machine"]) {
      expect(svg).toContain(`>${kind}</text>`);
    }
  });

  it("is made of matching elements, without anything from outside", async () => {
    const svg = renderSvg(await layOut(diagramOf()), "policy.conf");
    const open: string[] = [];
    for (const [, closing, name, empty] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (closing === "/") expect(open.pop()).toBe(name);
      else if (empty !== "/") open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg.match(/https?:[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
  });
});

describe("graph", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "xenolith-graph-"));
    writeFileSync(path.join(root, "policy.conf"), POLICY);
    listen(root);
  });
  afterEach(() => leave(root));

  const run = (...words: string[]) =>
    runCommand(graphCommand(), [path.join(root, "policy.conf"), ...words]);

  /** Would catch a file that is not written, or an option that is not looked at. */
  it("writes a file, or standard output, or JSON", async () => {
    const file = path.join(root, "flows.svg");
    expect(await run("-o", file)).toBe(0);
    expect(said.output).toBe("ROOT/flows.svg: 4 nodes, 5 lines\n");
    said.output = "";
    await run();
    expect(said.output.replaceAll("ROOT", root)).toBe(readFileSync(file, "utf8"));
    said.output = "";
    await run("--json", "--only", "guests");
    expect(JSON.parse(said.output).nodes).toMatchObject([{ id: "a_t" }, { id: "b_t" }]);
    said.output = "";
    await run("--json", "--omit", "dom0_t", "--class", "domain");
    expect(JSON.parse(said.output).lines).toHaveLength(1);
  });

  it("says what is wrong with a choice", async () => {
    expect(await run("--only", "c_t")).toBe(2);
    expect(await run("--omit", "guest")).toBe(2);
    expect(await run("--class", "grants")).toBe(2);
    expect(await run("-o", path.join(root, "none", "flows.svg"))).toBe(2);
    expect(said.errors).toContain("there is no type or attribute guest; did you mean 'guests'?");
    expect(existsSync(path.join(root, "none"))).toBe(false);
    expect(said.output).toBe("");
  });
});
