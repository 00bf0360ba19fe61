// `xenolith xenstore-ls`: what stands in xenstore.

import type { Command } from "commander";
import { Problem } from "../disaggregation/appliance/problem.ts";
import type { ControlClient } from "../disaggregation/control/client.ts";
import { storeDirectory, storeRead } from "../disaggregation/control/requests.ts";
import { type ControlOptions, controlCommand, show, withControl } from "./control-target.ts";

interface Node {
  readonly name: string;
  readonly value: string;
  readonly children: readonly Node[];
}

const join = (path: string, name: string): string =>
  path === "/" ? `/${name}` : `${path}/${name}`;

/** The nodes below `path`; undefined: there is no such node. */
async function nodesBelow(client: ControlClient, path: string): Promise<Node[] | undefined> {
  const names = await storeDirectory(client, path);
  if (names === undefined) return undefined;
  const nodes: Node[] = [];
  for (const name of names) {
    const value = (await storeRead(client, join(path, name))) ?? "";
    nodes.push({ name, value, children: (await nodesBelow(client, join(path, name))) ?? [] });
  }
  return nodes;
}

/** A value as xenstore-ls shows it: what is no printable letter is escaped. */
function quoted(value: string): string {
  const escaped = value.replace(/[^\x20-\x7e]|["\\]/g, (letter) => {
    if (letter === "\n") return "\\n";
    if (letter === '"' || letter === "\\") return `\\${letter}`;
    return `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return `"${escaped}"`;
}

function tree(nodes: readonly Node[], depth: number): string {
  return nodes
    .map(({ name, value, children }) => {
      const place = " ".repeat(depth);
      return `${place}${name} = ${quoted(value)}\n${tree(children, depth + 1)}`;
    })
    .join("");
}

function paths(nodes: readonly Node[], base: string): string {
  return nodes
    .map(({ name, value, children }) => {
      const path = join(base, name);
      return `${path} = ${quoted(value)}\n${paths(children, path)}`;
    })
    .join("");
}

export function xenstoreLsCommand(): Command {
  const examples = "xenstore-ls\nxenstore-ls /local/domain/3\nxenstore-ls -f";
  return controlCommand("xenstore-ls", "show what stands in xenstore", examples)
    .argument("[path]", "the node to begin at", "/")
    .option("-f, --full", "show each node's whole path")
    .action(async (path: string, options: ControlOptions & { full?: boolean }) => {
      const nodes = await withControl(options, (client) => nodesBelow(client, path));
      if (nodes === undefined) throw new Problem(`${path}: there is no such node`);
      show(options, nodes, () => (options.full === true ? paths(nodes, path) : tree(nodes, 0)));
    });
}
