/** `xenolith policy graph`: a drawing of domains and of what flows between them. */

import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { append, loadOrReport, print, printJson, usage } from "../analysis/command-support.ts";
import { FlowGraph } from "../analysis/flow-graph.ts";
import type { Policy } from "../compiler/policy.ts";
import { didYouMean } from "../compiler/suggest.ts";
import {
  buildDiagram,
  type Diagram,
  type DiagramOptions,
  isLabel,
  TooManyTypes,
} from "./diagram.ts";

const afterHelp = `
INPUT is a policy.conf, a folder of modules, or a binary policy. Lines join what something gets from
and to in one step; "xenolith policy flows" tells of longer ways. NAME is a type or an attribute.

Examples:
  xenolith policy graph mypolicy/ -o flows.svg
  xenolith policy graph policy.conf --only dom0_t --only domU_t > two.svg
  xenolith policy graph mypolicy/ --omit system_boot_t --class grant --class event -o talk.svg

Exit codes: 0 drawn, 1 the policy does not compile or is too large to draw, 2 wrong usage`;

interface Options {
  readonly output?: string;
  readonly only: readonly string[];
  readonly omit: readonly string[];
  readonly class: readonly string[];
  readonly mls?: boolean;
  readonly json?: boolean;
}

/** The command `graph`. */
export function graphCommand(): Command {
  return new Command("graph")
    .description("draw domains and what flows between them, as SVG")
    .argument("<input>", "a policy.conf, a folder of modules, or a binary policy")
    .option("-o, --output <file>", "the file to write (default: standard output)")
    .option("--only <name>", "draw these types only; may be repeated", append, [])
    .option("--omit <name>", "leave these types out; may be repeated", append, [])
    .option("--class <class>", "draw flows by this class only; may be repeated", append, [])
    .option("--mls", "define enable_mls for a folder of modules")
    .option("--json", "print nodes and lines as JSON instead of a drawing")
    .addHelpText("after", afterHelp)
    .action(async (input: string, options: Options, command: Command) => {
      await run(input, options, command);
    });
}

async function run(input: string, options: Options, command: Command): Promise<void> {
  const ready = loadOrReport(input, { mls: options.mls === true }, command);
  if (ready === undefined) return;
  const graph = new FlowGraph(ready.relation);
  const diagram = draw(graph, options, command);
  if (options.json === true) {
    printJson(diagram);
    return;
  }
  // The layout engine is large, and no other command needs it.
  const [{ layOut }, { renderSvg }] = await Promise.all([
    import("./layout.ts"),
    import("./svg.ts"),
  ]);
  const svg = renderSvg(await layOut(diagram), input);
  if (options.output === undefined) print(svg);
  else write(options.output, svg, diagram, command);
}

function draw(graph: FlowGraph, options: Options, command: Command): Diagram {
  try {
    return buildDiagram(graph, choice(graph, options, command));
  } catch (failure) {
    if (!(failure instanceof TooManyTypes)) throw failure;
    const hint = "choose some with --only TYPE or --only ATTRIBUTE";
    return command.error(`error: ${failure.message}; ${hint}`, { exitCode: 1 });
  }
}

function choice(graph: FlowGraph, options: Options, command: Command): DiagramOptions {
  const { policy } = graph;
  const unknown = options.class.find((name) => !policy.classes.some((each) => each.name === name));
  if (unknown !== undefined) usage(command, `the policy has no class ${unknown}`);
  const classes = options.class.length === 0 ? {} : { classes: new Set(options.class) };
  if (options.only.length + options.omit.length === 0) return classes;
  const omitted = new Set(options.omit.flatMap((name) => typesNamed(policy, name, command)));
  const named = options.only.flatMap((name) => typesNamed(policy, name, command));
  const base =
    options.only.length > 0
      ? named
      : [...policy.types.keys()].filter((type) => isLabel(graph, type));
  return { ...classes, types: new Set(base.filter((type) => !omitted.has(type))) };
}

function typesNamed(policy: Policy, name: string, command: Command): readonly number[] {
  const type = policy.types.findIndex((each) => each.name === name || each.aliases.includes(name));
  if (type !== -1) return [type];
  const attribute = policy.attributes.find((each) => each.name === name);
  if (attribute !== undefined) return attribute.types;
  const all = [...policy.types, ...policy.attributes].map((each) => each.name);
  const hint = didYouMean(name, all);
  return usage(
    command,
    `there is no type or attribute ${name}${hint === undefined ? "" : `; ${hint}`}`,
  );
}

function write(file: string, svg: string, { nodes, lines }: Diagram, command: Command): void {
  try {
    writeFileSync(file, svg);
  } catch (failure) {
    usage(command, (failure as Error).message);
  }
  print(`${file}: ${nodes.length} nodes, ${lines.length} lines\n`);
}
