/** `xenolith policy flows`: who can reach whom, by which hypercalls. */

import { Command } from "commander";
import { BitSet } from "../compiler/bits.ts";
import { append, loadOrReport, mapOrUsage, print, printJson, usage } from "./command-support.ts";
import { type Assignment, withBoolean } from "./conditions.ts";
import { FlowGraph } from "./flow-graph.ts";
import { FlowSearch } from "./flow-search.ts";
import { type Flow, flowsAround, nearestByType, nodesNamed, UnknownNodeError } from "./flows.ts";
import { listText, stepLines } from "./show.ts";
import { Witnesses } from "./witness.ts";

/** Means of a step that are shown where a flow has one line. */
const SHOWN_MEANS = 4;

const DEFAULT_LIMIT = "50";

const afterHelp = `
INPUT is a policy.conf, a folder of modules, or a binary policy. A name is a type, an attribute or a
full context. Without --from and --to, the flows between all domains are listed. A flow is one or
more steps; each is a permission that moves information, by the direction map (directions.map).

Examples:
  xenolith policy flows policy.conf --from isolated_domU_t
  xenolith policy flows policy.conf --from isolated_domU_t --to domU_t
  xenolith policy flows mypolicy/ --to toolstack_t --limit 10
  xenolith policy flows mypolicy/ --from guest_t --to vault_t --through xenstore_t --json
  xenolith policy flows xenpolicy.30 --from domU_t --boolean guest_writeconsole=false

Exit codes: 0 listed, 1 the policy does not compile, 2 wrong usage`;

interface Options {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly through: readonly string[];
  readonly boolean: readonly string[];
  readonly map?: string;
  readonly limit: string;
  readonly mls?: boolean;
  readonly json?: boolean;
}

/** The command `flows`. */
export function flowsCommand(): Command {
  return new Command("flows")
    .description("list who can reach whom by which hypercalls, shortest way first")
    .argument("<input>", "a policy.conf, a folder of modules, or a binary policy")
    .option("--from <name>", "where the flow begins; may be repeated", append, [])
    .option("--to <name>", "where it ends; may be repeated", append, [])
    .option("--through <name>", "leave out flows by way of this; may be repeated", append, [])
    .option("--boolean <name=value>", "the value of a boolean (default: any)", append, [])
    .option("--map <file>", "another direction map, ours or in the form of SETools")
    .option("--limit <count>", "how many flows are listed", DEFAULT_LIMIT)
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--json", "print the flows as JSON")
    .addHelpText("after", afterHelp)
    .action((input: string, options: Options, command: Command) => {
      run(input, options, command);
    });
}

function run(input: string, options: Options, command: Command): void {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) usage(command, "--limit takes a number from 1 on");
  const map = mapOrUsage(options.map, command);
  const ready = loadOrReport(input, options, command);
  if (ready === undefined) return;
  const graph = new FlowGraph(ready.relation, map);
  let flows: Flow[];
  try {
    flows = nearestByType(graph, collect(graph, options, command));
  } catch (failure) {
    if (!(failure instanceof UnknownNodeError)) throw failure;
    usage(command, failure.message);
  }
  if (options.json === true) printJson(asJson(graph, input, flows, limit));
  else print(flowsText(graph, flows, limit, options.from.length > 0 && options.to.length > 0));
}

function collect(graph: FlowGraph, options: Options, command: Command): Flow[] {
  const named = (names: readonly string[]): number[] =>
    names.flatMap((name) => nodesNamed(graph, name));
  const through = BitSet.of(named(options.through), graph.nodeCount);
  const outside = (nodes: readonly number[]) => nodes.filter((node) => !through.has(node));
  const from = outside(named(options.from));
  const to = outside(named(options.to));
  const search = new FlowSearch(graph);
  const assignment = settingOf(graph, options.boolean, search.conditions.open, command);
  if (options.from.length > 0 && options.to.length > 0) {
    const found = search.decide({ from, to: BitSet.of(to), through }, assignment);
    return found.kind === "path" ? [found] : [];
  }
  if (options.from.length > 0) return flowsAround(graph, from, through, { assignment });
  if (options.to.length > 0) return flowsAround(graph, to, through, { assignment, reverse: true });
  return betweenDomains(graph, through, assignment);
}

function settingOf(
  { policy }: FlowGraph,
  values: readonly string[],
  open: Assignment,
  command: Command,
): Assignment {
  let assignment = open;
  for (const text of values) {
    const [name, value] = text.split("=");
    const index = policy.booleans.findIndex((boolean) => boolean.name === name);
    if (index === -1) usage(command, `the policy has no boolean '${name}'`);
    if (value !== "true" && value !== "false")
      usage(command, `write --boolean ${name}=true or false`);
    assignment = withBoolean(assignment, index, value === "true");
  }
  return assignment;
}

/** The flows between all domains. */
function betweenDomains(graph: FlowGraph, through: BitSet, assignment: Assignment): Flow[] {
  const flows: Flow[] = [];
  for (let type = 0; type < graph.typeCount; type++) {
    if (graph.acts[type] === 0) continue;
    const nodes = graph.nodesOf(type).filter((node) => !through.has(node));
    for (const flow of flowsAround(graph, nodes, through, { assignment })) {
      const end = graph.place(flow.nodes[flow.nodes.length - 1]);
      if (end.part === -1 && graph.acts[end.type] === 1) flows.push(flow);
    }
  }
  return flows.sort((one, other) => one.nodes.length - other.nodes.length);
}

/** Flows as text: one line each, or every step down to the rules. */
export function flowsText(
  graph: FlowGraph,
  flows: readonly Flow[],
  limit: number,
  isFull = false,
): string {
  const witnesses = new Witnesses(graph);
  const { conditions } = new FlowSearch(graph);
  const lines: string[] = [];
  for (const { nodes, assignment } of flows.slice(0, limit)) {
    const count = nodes.length - 1;
    const path = nodes.map((node) => graph.text(node)).join(" -> ");
    const first = listText(witnesses.means(nodes[0], nodes[1]), SHOWN_MEANS);
    lines.push(
      `${count} ${count === 1 ? "step " : "steps"}  ${path}${isFull ? "" : `  [${first}]`}`,
    );
    const needed = new FlowSearch(graph).stepsOf(nodes);
    const conditional = needed.filter((ways) => ways.every((way) => way.length > 0)).flat();
    const setting = conditions.settingText(conditional, assignment);
    if (setting !== "") lines.push(`  when ${setting}`);
    if (isFull) {
      for (const step of witnesses.steps(nodes, assignment)) lines.push(...stepLines(step, "  "));
    }
  }
  const more = flows.length - limit;
  if (more > 0) lines.push(`and ${more} more (--limit ${flows.length} shows all)`);
  if (flows.length === 0) lines.push("there is no flow");
  return `${lines.join("\n")}\n`;
}

function asJson(graph: FlowGraph, input: string, flows: readonly Flow[], limit: number): unknown {
  const witnesses = new Witnesses(graph);
  return {
    input,
    count: flows.length,
    flows: flows.slice(0, limit).map(({ nodes, assignment }) => ({
      from: graph.text(nodes[0]),
      to: graph.text(nodes[nodes.length - 1]),
      path: nodes.map((node) => graph.text(node)),
      steps: witnesses.steps(nodes, assignment),
    })),
  };
}
