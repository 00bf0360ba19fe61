/** Reads recorded decisions out of a log: of Xenolith's core, and of Xen. */

import { classNames, permissionsOf } from "../../tcb/core/hooks.ts";

/** A decision about one permission between two labels. */
export interface RecordedDecision {
  readonly kind: "denied" | "granted";
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permission: string;
  /** How often, as far as the log tells. */
  readonly count: number;
  /** The first line of the log that tells of it, from 1. */
  readonly line: number;
}

/** A line that speaks of a decision but cannot be read. */
export interface UnreadableLine {
  readonly line: number;
  readonly reason: string;
}

export interface DecisionLog {
  readonly decisions: readonly RecordedDecision[];
  readonly unreadable: readonly UnreadableLine[];
}

const MARK = /\bavc:\s+(denied|granted)\b/;

/** `avc:  denied  { a b } for source=d1 ... scontext=u:r:t tcontext=u:r:t tclass=c` */
const OF_XEN = /\{([^{}]*)\}\s+for\b.*?\bscontext=(\S+)\s+tcontext=(\S+)\s+tclass=(\w+)/;

/** `avc: denied scontext=u:r:t tcontext=u:r:t class=8 permission=1 count=4` */
const OF_CORE = /\bscontext=(\S+)\s+tcontext=(\S+)\s+class=(\d+)\s+permission=(\d+)\s+count=(\d+)/;

/**
 * Reads a log; lines that speak of something else are passed over. The core counts itself and
 * prints the 1st, 2nd, 4th ... decision, so that its largest count is the number; Xen prints each.
 */
export function readDecisionLog(text: string): DecisionLog {
  const decisions = new Map<string, RecordedDecision>();
  const unreadable: UnreadableLine[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const kind = MARK.exec(content)?.[1];
    if (kind !== "denied" && kind !== "granted") continue;
    const line = index + 1;
    const found = readLine(content);
    if (typeof found === "string") {
      unreadable.push({ line, reason: found });
      continue;
    }
    for (const { count, ...access } of found) {
      const key = [kind, ...Object.values(access)].join(" ");
      const known = decisions.get(key);
      const sum =
        count === undefined ? (known?.count ?? 0) + 1 : Math.max(known?.count ?? 0, count);
      decisions.set(key, { kind, line, ...known, ...access, count: sum });
    }
  }
  return { decisions: [...decisions.values()], unreadable };
}

interface Access {
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permission: string;
  /** Undefined where each decision has a line of its own. */
  readonly count: number | undefined;
}

function readLine(line: string): Access[] | string {
  const byName = OF_XEN.exec(line);
  if (byName !== null) {
    const [, names, source, target, className] = byName;
    const permissions = names.split(/\s+/).filter((name) => name !== "");
    if (permissions.length === 0) return "it names no permission";
    return permissions.map((permission) => {
      return { source, target, class: className, permission, count: undefined };
    });
  }
  const byNumber = OF_CORE.exec(line);
  if (byNumber === null) return "it lacks the labels, the class or the permission";
  const [, source, target, classNumber, permissionNumber, count] = byNumber;
  const className = classNames[Number(classNumber)];
  if (className === undefined) return `there is no class number ${classNumber}`;
  const permission = permissionsOf(className)[Number(permissionNumber)];
  if (permission === undefined) return `class ${className} has no permission ${permissionNumber}`;
  return [{ source, target, class: className, permission, count: Number(count) }];
}
