// The functions of the core, by their syntax trees: the places that clauses are linked to.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { hashOfTokens, type Place, parse, placeOf, root, walk } from "./source.ts";

export interface CodeFunction {
  /** As in "tcb/core/event_channel.ts#send". */
  readonly id: string;
  readonly place: Place;
  /** The last line. */
  readonly end: number;
  readonly hash: string;
}

/** Folders whose functions are linked; the subset's checker carries out the subset's rules. */
const FOLDERS = ["tcb/core", "tcb/subset/source", "tcb/subset/binary"] as const;
/** Written by scripts from the tables' description. */
const GENERATED = /\/(columns|access)[.]ts$/;

function functionsOf(file: string): CodeFunction[] {
  const source = parse(file);
  const found: CodeFunction[] = [];
  walk(source, (node) => {
    if (!ts.isFunctionDeclaration(node) || node.name === undefined) return;
    found.push({
      id: `${file}#${node.name.text}`,
      place: placeOf(source, node.getStart()),
      end: placeOf(source, node.getEnd()).line,
      hash: hashOfTokens(node.getText()),
    });
  });
  return found;
}

/** All functions of the core and of the subset's checker, by file and place. */
export function codeFunctions(): CodeFunction[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .sort()
      .map((name) => `${folder}/${name}`)
      .filter((file) => !GENERATED.test(file))
      .flatMap(functionsOf),
  );
}

/** The innermost function around a line. */
export function functionAt(
  all: readonly CodeFunction[],
  file: string,
  line: number,
): CodeFunction | undefined {
  const around = all.filter(
    ({ place, end }) => place.file === file && place.line <= line && line <= end,
  );
  return around[around.length - 1];
}
