// Which function of the subset's checker judges which rule, by the syntax tree of its lists.

import ts from "typescript";
import type { CodeFunction } from "./code.ts";
import { parse, walk } from "./source.ts";

const CHECKERS = ["tcb/subset/source/check.ts", "tcb/subset/binary/check.ts"] as const;

/** The number that a pair [number, function] or a call f(number, ...) begins with. */
function numbered(node: ts.Node): number | undefined {
  const parts = ts.isArrayLiteralExpression(node)
    ? node.elements
    : ts.isCallExpression(node)
      ? node.arguments
      : undefined;
  const [first] = parts ?? [];
  return first !== undefined && ts.isNumericLiteral(first) ? Number(first.text) : undefined;
}

function functionAround(node: ts.Node): string | undefined {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isFunctionDeclaration(at)) return at.name?.text;
  }
  return undefined;
}

/** Names of functions by rule, as they stand in a file of the checker. */
function namesIn(file: string): [number, string][] {
  const found: [number, string][] = [];
  walk(parse(file), (node) => {
    const number = numbered(node);
    if (number === undefined) return;
    const second = ts.isArrayLiteralExpression(node) ? node.elements[1] : undefined;
    const name =
      second !== undefined && ts.isIdentifier(second) ? second.text : functionAround(node);
    if (name !== undefined) found.push([number, name]);
  });
  return found;
}

/** Functions of the checker by rule number. */
export function checkersOf(functions: readonly CodeFunction[]): Map<number, CodeFunction[]> {
  const others = [...new Set(functions.map(({ place }) => place.file))].filter((file) =>
    file.startsWith("tcb/subset/"),
  );
  const found = new Map<number, CodeFunction[]>();
  for (const [number, name] of [...new Set([...CHECKERS, ...others])].flatMap(namesIn)) {
    const own = found.get(number) ?? [];
    const one = functions.find(({ id }) => id.startsWith("tcb/subset/") && id.endsWith(`#${name}`));
    if (one !== undefined && !own.includes(one)) found.set(number, [...own, one]);
  }
  return found;
}
