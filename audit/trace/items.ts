// What has to be linked: clauses and invariants of the specification, rules of the subset, promises
// and assumptions. Read from their sources by the syntax tree, with the hash of what each says.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import {
  hashOfTokens,
  openingOf,
  type Place,
  parse,
  placeOf,
  root,
  shortHash,
  textOf,
  walk,
} from "./source.ts";

export type Kind = "clause" | "invariant" | "rule" | "promise" | "assumption";

export interface Item {
  readonly id: string;
  readonly kind: Kind;
  /** The sentence. */
  readonly says: string;
  readonly place: Place;
  /** The last line of what it says. */
  readonly end: number;
  /** Of the steps that are its meaning. */
  readonly hash: string;
  /** Family: the file's name. */
  readonly family: string;
  /** The function or table that it stands in. */
  readonly section: string;
  /** What refuses where the clause does not hold. */
  readonly refusals: readonly string[];
  /** Where the public interface says it: header, and names of its constants. */
  readonly interface: readonly string[];
  /** What the policy is asked in it, as in "event { create }". */
  readonly asks: readonly string[];
}

const familyOf = (file: string): string => file.replace(/^.*\/|[.]ts$/g, "");

interface Marker {
  readonly id: string;
  readonly says: string;
  readonly node: ts.CallExpression;
}

function markerOf(node: ts.Node): Marker | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
  if (node.expression.name.text !== "clause") return;
  const [id, says] = [textOf(node.arguments[0]), textOf(node.arguments[1])];
  return id === undefined || says === undefined ? undefined : { id, says, node };
}

/** Questions to the policy by the name of their constant: const NAME = ask("class { ... }", ...). */
function questions(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of sourcesIn("spec")) {
    walk(parse(file), (node) => {
      if (!ts.isVariableDeclaration(node) || node.initializer === undefined) return;
      const { initializer: call } = node;
      if (!ts.isCallExpression(call) || call.expression.getText() !== "ask") return;
      const text = textOf(call.arguments[0]);
      if (text !== undefined) found.set(node.name.getText(), text);
    });
  }
  return found;
}

/** Names of the public interface in a range of a file, its refusals, its questions. */
function namesIn(
  source: ts.SourceFile,
  [from, to]: readonly [number, number],
  known: ReadonlyMap<string, string>,
) {
  const refusals = new Set<string>();
  const names = new Set<string>();
  const asks = new Set<string>();
  walk(source, (node) => {
    if (node.getStart() < from || node.getEnd() > to) return;
    const question = ts.isIdentifier(node) ? known.get(node.text) : undefined;
    if (question !== undefined) asks.add(question);
    if (ts.isCallExpression(node) && /[.]require$/.test(node.expression.getText())) {
      const name = node.arguments[1]?.getText().replace(/^abi[.]/, "") ?? "";
      if (/^[A-Z][A-Za-z0-9_]*$/.test(name)) refusals.add(name);
    }
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "abi") {
      names.add(node.name.text);
    }
  });
  const others = [...names].filter((name) => !refusals.has(name));
  return { refusals: [...refusals], names: others, asks: [...asks] };
}

/** The nearest function with a name around a node. */
function sectionOf(node: ts.Node): ts.Node & { name?: ts.Node } {
  let at: ts.Node = node;
  while (at.parent !== undefined && !ts.isSourceFile(at.parent)) at = at.parent;
  return at;
}

const nameOf = (node: ts.Node & { name?: ts.Node }): string => {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations[0]?.name.getText() ?? "";
  }
  return node.name?.getText() ?? "";
};

/** The steps around a node. */
function blockOf(node: ts.Node): ts.Node {
  let at: ts.Node = node;
  while (!ts.isBlock(at) && !ts.isSourceFile(at)) at = at.parent;
  return at;
}

/** Clauses of a file of the specification. A clause is the steps up to the next one. */
function clausesOf(file: string, known: ReadonlyMap<string, string>): Item[] {
  const source = parse(file);
  const headers = [...openingOf(source).matchAll(/xen\/include\/public\/[\w./]+[.]h/g)];
  const markers: Marker[] = [];
  walk(source, (node) => {
    const marker = markerOf(node);
    if (marker !== undefined) markers.push(marker);
  });
  return markers.map(({ id, says, node }, at) => {
    const section = sectionOf(node);
    const next = markers[at + 1]?.node.getStart() ?? Number.POSITIVE_INFINITY;
    const limit = Math.min(next, blockOf(node).getEnd());
    const steps = source.text.slice(node.getStart(), limit).trimEnd();
    const end = node.getStart() + steps.length;
    const { refusals, names, asks } = namesIn(source, [node.getStart(), end], known);
    return {
      id,
      kind: "clause",
      says,
      place: placeOf(source, node.getStart()),
      end: placeOf(source, end - 1).line,
      hash: hashOfTokens(steps),
      family: familyOf(file),
      section: nameOf(section),
      refusals,
      interface: [...new Set([...headers.map(([name]) => name), ...names])],
      asks,
    };
  });
}

function propertyOf(node: ts.ObjectLiteralExpression, name: string): string | undefined {
  const found = node.properties.find((one) => one.name?.getText() === name);
  return found !== undefined && ts.isPropertyAssignment(found)
    ? textOf(found.initializer)
    : undefined;
}

/** Objects of a file that have an id and a sentence. */
function invariantsOf(file: string): Item[] {
  const source = parse(file);
  const found: Item[] = [];
  walk(source, (node) => {
    if (!ts.isObjectLiteralExpression(node)) return;
    const [id, says, table] = ["id", "says", "table"].map((name) => propertyOf(node, name));
    if (id === undefined || says === undefined || table === undefined) return;
    found.push({
      id,
      kind: "invariant",
      says,
      place: placeOf(source, node.getStart()),
      end: placeOf(source, node.getEnd()).line,
      hash: hashOfTokens(node.getText()),
      family: familyOf(file),
      section: table,
      refusals: [],
      interface: [],
      asks: [],
    });
  });
  return found;
}

const RULES = "tcb/subset/rules.ts";

/** The rules of the subset: source(number, name, title, reason, remedy). */
function rulesOf(): Item[] {
  const source = parse(RULES);
  const found: Item[] = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node)) return;
    const half = node.expression.getText();
    const [number, name, title] = node.arguments;
    if (!/^(source|binary)$/.test(half) || number === undefined) return;
    if (!ts.isNumericLiteral(number)) return;
    found.push({
      id: `SUBSET-${number.text.padStart(2, "0")}`,
      kind: "rule",
      says: textOf(title) ?? "",
      place: placeOf(source, node.getStart()),
      end: placeOf(source, node.getEnd()).line,
      hash: hashOfTokens(node.getText()),
      family: "subset",
      section: `${half}: ${textOf(name)}`,
      refusals: [],
      interface: [],
      asks: [],
    });
  });
  return found;
}

const SECURITY = "SECURITY.md";

/** Headings of SECURITY.md whose list items are items of a kind. */
const HEADINGS: Readonly<Record<string, readonly [Kind, string]>> = {
  "What we promise": ["promise", "PROMISE"],
  "What we assume": ["assumption", "ASSUME"],
  "What is outside": ["assumption", "OUTSIDE"],
};

/** Promises and assumptions: the items of the lists of SECURITY.md, numbered in their order. */
function statements(): Item[] {
  const lines = readFileSync(join(root, SECURITY), "utf8").split("\n");
  const found: { id: string; kind: Kind; words: string[]; line: number; section: string }[] = [];
  let heading = "";
  let count = 0;
  for (const [at, line] of lines.entries()) {
    if (line.startsWith("#")) {
      heading = line.replace(/^#+ /, "");
      count = 0;
    }
    const known = HEADINGS[heading];
    if (known === undefined) continue;
    const [kind, stem] = known;
    if (line.startsWith("- ")) {
      count++;
      const words = [line.slice(2)];
      found.push({ id: `${stem}-${count}`, kind, words, line: at + 1, section: heading });
    } else if (line.startsWith("  ")) found[found.length - 1]?.words.push(line.trim());
  }
  return found.map(({ id, kind, words, line, section }) => ({
    id,
    kind,
    says: words.join(" ").replace(/\*\*|`/g, ""),
    place: { file: SECURITY, line, column: 1 },
    end: line + words.length - 1,
    hash: shortHash(words.join(" ")),
    family: "security",
    section,
    refusals: [],
    interface: [],
    asks: [],
  }));
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => `${folder}/${name}`);

/** A sentence that stands at two places with one id is one item: its steps are both. */
function merged(all: readonly Item[]): Item[] {
  const found = new Map<string, Item>();
  for (const item of all) {
    const key = `${item.id}\n${item.says}`;
    const before = found.get(key);
    const hash = before === undefined ? item.hash : shortHash(before.hash + item.hash);
    found.set(key, { ...(before ?? item), hash });
  }
  return [...found.values()];
}

/** Everything that has to be linked, in the order of the sources. One id with two sentences comes
 *  twice. */
export function items(): Item[] {
  const known = questions();
  return merged([
    ...sourcesIn("spec").flatMap((file) => clausesOf(file, known)),
    ...sourcesIn("spec/invariants").flatMap(invariantsOf),
    ...rulesOf(),
    ...statements(),
  ]);
}
