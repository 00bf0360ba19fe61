/** Checks that what is bounded (types, roles, users) stays within what bounds it. */

import type { Node } from "./ast.ts";
import { describeViolation } from "./check-neverallow.ts";
import { EntryTable } from "./entry-table.ts";
import { BOUNDS_LIMIT_LEVELS } from "./limits.ts";
import type { Policy } from "./policy.ts";
import { type AccessRelation, conditionOf, variantOf } from "./relation.ts";
import type { DiagnosticSink } from "./sink.ts";

/** Exceeded cells that one diagnostic names. */
const LISTED_CELLS = 3;

/** Something that may be bounded by another of its kind. */
interface Bounded {
  readonly name: string;
  readonly bounds: number;
  readonly declared?: Node;
}

/**
 * Reports chains of bounds that are too long or come back to where they began: the hypervisor
 * refuses to load such a policy.
 */
export function checkBoundChains(policy: Policy, sink: DiagnosticSink): void {
  const kinds: [string, readonly Bounded[]][] = [
    ["type", policy.types],
    ["role", policy.roles],
    ["user", policy.users],
  ];
  for (const [what, all] of kinds) {
    for (const { name, bounds, declared } of all) {
      if (chainLength(all, bounds) < BOUNDS_LIMIT_LEVELS) continue;
      sink.error({
        code: "bounds",
        message: `the bounds of ${what} ${name} form a loop or go too deep`,
        ...(declared === undefined || policy.tree === undefined
          ? {}
          : { span: policy.tree.span(declared) }),
        hint: `the hypervisor refuses ${BOUNDS_LIMIT_LEVELS} levels and more`,
      });
    }
  }
}

/** How many bounds stand above one, counted up to the limit. */
function chainLength(all: readonly Bounded[], bounds: number): number {
  let length = 0;
  for (let at = bounds; at !== -1 && length < BOUNDS_LIMIT_LEVELS; at = all[at].bounds) length++;
  return length;
}

/** Reports each bounded type, role and user that exceeds its bounds. */
export function checkBounds(relation: AccessRelation, sink: DiagnosticSink): void {
  const { policy } = relation;
  for (const user of policy.users) {
    if (user.bounds === -1 || policy.users[user.bounds].roles.contains(user.roles)) continue;
    reportBounds(policy, user.declared, `user ${user.name}`, policy.users[user.bounds].name, sink);
  }
  for (const role of policy.roles) {
    if (role.bounds === -1 || policy.roles[role.bounds].types.contains(role.types)) continue;
    reportBounds(policy, role.declared, `role ${role.name}`, policy.roles[role.bounds].name, sink);
  }
  for (const [child, type] of policy.types.entries()) {
    if (type.bounds !== -1) checkType(relation, child, sink);
  }
}

function reportBounds(
  policy: Policy,
  node: Policy["users"][number]["declared"],
  what: string,
  parent: string,
  sink: DiagnosticSink,
): void {
  sink.error({
    code: "bounds",
    message: `${what} exceeds its bounds: it has what ${parent} lacks`,
    ...(node === undefined || policy.tree === undefined ? {} : { span: policy.tree.span(node) }),
  });
}

function checkType(relation: AccessRelation, child: number, sink: DiagnosticSink): void {
  const { policy } = relation;
  const type = policy.types[child];
  const covered = parentGrants(relation, type.bounds);
  const exceeded: string[] = [];
  relation.cellsFrom(child, (cell) => {
    const bound = policy.types[cell.target].bounds;
    const target = bound === -1 ? cell.target : bound;
    let missing = cell.permissions & ~granted(covered, target, cell.class, 0);
    const variant = variantOf(cell.condition);
    if (variant !== 0) missing &= ~granted(covered, target, cell.class, variant);
    if (missing === 0) return;
    exceeded.push(describeViolation(policy, { ...cell, permissions: missing >>> 0 }));
  });
  if (exceeded.length === 0) return;
  const parent = policy.types[type.bounds].name;
  const shown = exceeded.slice(0, LISTED_CELLS).join("; ");
  const more = exceeded.length > LISTED_CELLS ? ` and ${exceeded.length - LISTED_CELLS} more` : "";
  sink.error({
    code: "bounds",
    message: `type ${type.name} exceeds its bounds ${parent}: ${shown}${more}`,
    ...(type.declared === undefined || policy.tree === undefined
      ? {}
      : { span: policy.tree.span(type.declared) }),
    hint: `allow the same to ${parent}, or take it away`,
  });
}

function granted(table: EntryTable, target: number, classIndex: number, variant: number): number {
  const entry = table.find(0, target, classIndex, variant);
  return entry === -1 ? 0 : table.values[entry];
}

/**
 * What a bounding type is granted, by target, class and condition. What both branches of a
 * condition grant is granted always.
 */
function parentGrants(relation: AccessRelation, parent: number): EntryTable {
  const table = new EntryTable();
  relation.cellsFrom(parent, (cell) => {
    const variant = variantOf(cell.condition);
    table.add(0, cell.target, cell.class, variant, cell.permissions);
  });
  const { count } = table;
  for (let entry = 0; entry < count; entry++) {
    const condition = conditionOf(table.variant(entry));
    if (condition === undefined || !condition.branch) continue;
    const target = table.target(entry);
    const other = variantOf({ index: condition.index, branch: false });
    const common = table.values[entry] & granted(table, target, table.class(entry), other);
    if (common !== 0) table.add(0, target, table.class(entry), 0, common);
  }
  return table;
}
