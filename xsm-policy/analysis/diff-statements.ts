/**
 * Source edits: the statements that one policy has and the other has not, whatever their order,
 * white space and comments. Statements that a macro made are told by the place in the macro.
 */

import type { AccessRule, Node, Statement, SyntaxTree } from "../compiler/ast.ts";
import type { Span } from "../compiler/source.ts";
import { statementText } from "./provenance.ts";

/** A statement that was added, removed, or changed from one text to another. */
export interface SourceEdit {
  readonly kind: "added" | "removed" | "changed";
  /** Before: for what was removed or changed. */
  readonly oldText?: string;
  readonly oldSpan?: Span;
  /** After: for what was added or changed. */
  readonly newText?: string;
  readonly newSpan?: Span;
  /** How many statements this one edit makes, by way of macro calls. */
  readonly count: number;
}

/** A statement with the `if` or optional block that it stands in. */
interface Unit {
  readonly node: Statement;
  /** Hash of the block's condition and branch. */
  readonly block: number;
}

/** The edits that lead from one tree to the other, in the order of their places. */
export function sourceEdits(before: SyntaxTree, after: SyntaxTree): SourceEdit[] {
  const old = unitsOf(before);
  const fresh = unitsOf(after);
  const { removed, added } = unmatched(new UnitComparison(before, after), old, fresh);
  return group(pair(before, removed, after, added));
}

const HASH_START = 0x811c9dc5 | 0;

function unitsOf(tree: SyntaxTree): Unit[] {
  const units: Unit[] = [];
  const add = (statements: readonly Statement[], block: number): void => {
    for (const statement of statements) {
      if (statement.kind === "if") {
        const { start, end } = statement.condition;
        const inside = hashOf(tree.source.text, start, end, block);
        add(statement.whenTrue, inside);
        add(statement.whenFalse, ~inside);
      } else if (statement.kind === "optional") {
        add(statement.body, Math.imul(block, 31) + 1);
        add(statement.otherwise ?? [], Math.imul(block, 31) + 2);
      } else units.push({ node: statement, block });
    }
  };
  add(tree.statements, HASH_START);
  return units;
}

const SPACE = 32;
const LINE_FEED = 10;
const COMMENT = 35;

/** Where the text goes on after white space and comments. */
function skipSpace(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit === COMMENT) {
      while (at < end && text.charCodeAt(at) !== LINE_FEED) at++;
    } else if (unit > SPACE) break;
    else at++;
  }
  return at;
}

/** A hash of a text in which any white space counts as one blank. */
function hashOf(text: string, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; ) {
    const unit = text.charCodeAt(at);
    if (unit > SPACE && unit !== COMMENT) {
      hash = Math.imul(hash ^ unit, 0x01000193);
      at++;
    } else {
      hash = Math.imul(hash ^ SPACE, 0x01000193);
      at = skipSpace(text, at, end);
    }
  }
  return hash;
}

function sameText(one: string, a: Node, other: string, b: Node): boolean {
  const isSameLength = a.end - a.start === b.end - b.start;
  if (isSameLength && one.slice(a.start, a.end) === other.slice(b.start, b.end)) return true;
  let [at, to] = [a.start, b.start];
  while (at < a.end && to < b.end) {
    const unit = one.charCodeAt(at);
    const unitTo = other.charCodeAt(to);
    const isSpace = unit <= SPACE || unit === COMMENT;
    if (isSpace !== (unitTo <= SPACE || unitTo === COMMENT)) return false;
    if (isSpace) {
      at = skipSpace(one, at, a.end);
      to = skipSpace(other, to, b.end);
    } else if (unit !== unitTo) return false;
    else {
      at++;
      to++;
    }
  }
  return at >= a.end && to >= b.end;
}

/** The texts of two trees, and whether two statements of theirs say the same. */
class UnitComparison {
  readonly #before: string;
  readonly #after: string;

  constructor(before: SyntaxTree, after: SyntaxTree) {
    this.#before = before.source.text;
    this.#after = after.source.text;
  }

  isSame(old: Unit, fresh: Unit): boolean {
    return old.block === fresh.block && sameText(this.#before, old.node, this.#after, fresh.node);
  }

  oldHash({ node, block }: Unit): number {
    return hashOf(this.#before, node.start, node.end, block);
  }

  newHash({ node, block }: Unit): number {
    return hashOf(this.#after, node.start, node.end, block);
  }
}

interface Unmatched {
  readonly removed: readonly Unit[];
  readonly added: readonly Unit[];
}

/** The units of each side that the other side does not have; repeated ones are counted. */
function unmatched(comparison: UnitComparison, old: readonly Unit[], fresh: readonly Unit[]) {
  return matchAnywhere(comparison, matchInOrder(comparison, old, fresh));
}

/** How many statements ahead the next one is looked for, where some were taken out. */
const WINDOW_STATEMENTS = 16;

/** Walks both sides at once: most of two versions stands in the same order. */
function matchInOrder(
  comparison: UnitComparison,
  old: readonly Unit[],
  fresh: readonly Unit[],
): Unmatched {
  const removed: Unit[] = [];
  const added: Unit[] = [];
  let at = 0;
  for (const unit of fresh) {
    const end = Math.min(old.length, at + WINDOW_STATEMENTS);
    let found = at;
    while (found < end && !comparison.isSame(old[found], unit)) found++;
    if (found === end) {
      added.push(unit);
      continue;
    }
    while (at < found) removed.push(old[at++]);
    at++;
  }
  while (at < old.length) removed.push(old[at++]);
  return { removed, added };
}

/** Takes out what stands on both sides, only in another place. */
function matchAnywhere(comparison: UnitComparison, { removed, added }: Unmatched): Unmatched {
  const byHash = new Map<number, Unit[]>();
  for (const unit of removed) {
    const hash = comparison.oldHash(unit);
    const list = byHash.get(hash);
    if (list === undefined) byHash.set(hash, [unit]);
    else list.push(unit);
  }
  const moved = new Set<Unit>();
  const rest = added.filter((unit) => {
    const candidates = byHash.get(comparison.newHash(unit)) ?? [];
    const index = candidates.findIndex((each) => comparison.isSame(each, unit));
    if (index === -1) return true;
    for (const old of candidates.splice(index, 1)) moved.add(old);
    return false;
  });
  return { removed: removed.filter((unit) => !moved.has(unit)), added: rest };
}

interface Edit {
  readonly old?: { readonly tree: SyntaxTree; readonly node: Statement };
  readonly fresh?: { readonly tree: SyntaxTree; readonly node: Statement };
}

/** Joins what was removed with what was added in its stead: a rule about the same sets. */
function pair(
  before: SyntaxTree,
  removed: readonly Unit[],
  after: SyntaxTree,
  added: readonly Unit[],
): Edit[] {
  const waiting = new Map<string, Unit[]>();
  for (const unit of added) {
    const key = subjectOf(after, unit);
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [unit]);
    else list.push(unit);
  }
  const edits: Edit[] = [];
  const paired = new Set<Unit>();
  for (const unit of removed) {
    const old = { tree: before, node: unit.node };
    const partner = waiting.get(subjectOf(before, unit))?.shift();
    if (partner !== undefined) paired.add(partner);
    edits.push(
      partner === undefined ? { old } : { old, fresh: { tree: after, node: partner.node } },
    );
  }
  for (const unit of added) {
    if (!paired.has(unit)) edits.push({ fresh: { tree: after, node: unit.node } });
  }
  return edits;
}

/** What a statement speaks of: the part that stays the same when it is changed. */
function subjectOf(tree: SyntaxTree, { node, block }: Unit): string {
  const end =
    node.kind === "access-rule" ? (node as AccessRule).permissions.start : firstName(node);
  const text = tree.source.text.slice(node.start, end).replace(/#.*/g, "").replace(/\s+/g, " ");
  return `${block} ${node.kind} ${text}`;
}

function firstName(node: Statement): number {
  return "name" in node ? node.name.end : node.end;
}

/** Edits of one place in a macro are one edit, however many statements the macro makes. */
function group(edits: readonly Edit[]): SourceEdit[] {
  const groups = new Map<string, SourceEdit>();
  for (const { old, fresh } of edits) {
    const oldSpan = old?.tree.span(old.node);
    const newSpan = fresh?.tree.span(fresh.node);
    const key = `${placeKey(oldSpan)} ${placeKey(newSpan)}`;
    const known = groups.get(key);
    groups.set(key, {
      kind: old === undefined ? "added" : fresh === undefined ? "removed" : "changed",
      ...(old && { oldText: statementText(old.tree, old.node) }),
      ...(oldSpan && { oldSpan }),
      ...(fresh && { newText: statementText(fresh.tree, fresh.node) }),
      ...(newSpan && { newSpan }),
      ...known,
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...groups.values()];
}

function placeKey(span: Span | undefined): string {
  return span === undefined ? "" : `${span.file}:${span.line}:${span.column}`;
}
