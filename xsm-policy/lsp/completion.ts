/** What may stand where the cursor is. */

import type { Policy } from "../compiler/policy.ts";
import { KEYWORDS } from "../compiler/tokens.ts";
import type { Position } from "./place.ts";
import type { Snapshot } from "./snapshot.ts";

export type CompletionKind =
  | "keyword"
  | "macro"
  | "type"
  | "attribute"
  | "class"
  | "permission"
  | "boolean"
  | "role";

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail: string;
}

/** How much text before the cursor is looked at. */
const MAX_LOOKBACK = 4000;

/** Keywords that begin a statement in a module. */
const STATEMENTS = new Set(
  (
    "allow auditallow dontaudit neverallow type typealias typeattribute typebounds attribute bool " +
    "if role role_transition range_transition type_transition type_member type_change user " +
    "constrain validatetrans require optional policycap sid"
  ).split(" "),
);

const ACCESS = "(?:allow|auditallow|auditdeny|dontaudit|neverallow)";
const TYPE_RULE = "(?:type_transition|type_member|type_change)";
const SET = "(?:\\{[^{}]*\\}|~?\\s*[\\w$.*-]+)";

/** Each says what completes a statement that ends so; the first that fits counts. */
const CONTEXTS: readonly (readonly [RegExp, Wanted])[] = [
  [new RegExp(`^${ACCESS}\\s+[^:;]*:\\s*${SET}\\s+(?:[{~]\\s*)*[\\w\\s]*$`), "permissions"],
  [/^constrain\s+\S.*?\s+[{\w][\w\s]*$/s, "permissions"],
  [new RegExp(`^(?:${ACCESS}|${TYPE_RULE})\\s+[^:;]*:\\s*\\{?[\\w\\s]*$`), "classes"],
  [/^(?:type|typeattribute)\s+[\w$]+\s*[\s,][\w$,\s]*$/, "attributes"],
  [/^if\s*\([^)]*$/, "booleans"],
  [/^user\s+\w+\s+roles\s+\{?[\w\s]*$/, "roles"],
  [/^role\s+\w*$/, "roles"],
  [/^role\s+\w+\s+types\s+\{?[\w\s$]*$/, "types"],
  [new RegExp(`^(?:${ACCESS}|${TYPE_RULE})\\b`), "types"],
  [/^[\w$]+\([^)]*$/, "types"],
  [/^[\w$]*$/, "statements"],
];

type Wanted =
  | "permissions"
  | "classes"
  | "attributes"
  | "booleans"
  | "roles"
  | "types"
  | "statements";

/** All that may stand at a position, in the order of the alphabet. */
export function completionsAt(snapshot: Snapshot, file: string, at: Position): Completion[] {
  const statement = statementBefore(snapshot, file, at);
  if (statement === undefined) return [];
  const wanted = CONTEXTS.find(([pattern]) => pattern.test(statement))?.[1];
  if (wanted === "statements") return sorted([...statements(), ...macros(snapshot)]);
  const { policy } = snapshot.known;
  if (policy === undefined || wanted === undefined) return [];
  return sorted(namesFor(policy, wanted, statement));
}

function sorted(list: readonly Completion[]): Completion[] {
  return [...list].sort((one, other) => (one.label < other.label ? -1 : 1));
}

/** The text of the statement up to the cursor, without comments; undefined inside a comment. */
function statementBefore(snapshot: Snapshot, file: string, at: Position): string | undefined {
  const text = snapshot.files.get(file)?.text;
  if (text === undefined) return undefined;
  const offset = snapshot.lines(file).offset(at);
  const before = text.slice(Math.max(0, offset - MAX_LOOKBACK), offset);
  if (/#[^\n]*$/.test(before)) return undefined;
  return lastStatement(before.replace(/#[^\n]*/g, ""));
}

/** Heads of blocks, after whose brace a new statement begins. */
const BLOCK_HEAD = /^(if\b.*\)|else|optional|require)$/s;

/** What ends with a closing brace or parenthesis instead of a semicolon. */
const CLOSED_STATEMENT = /^(class|common)\b.*\}$|^(?!(if|constrain|validatetrans)\b)[\w$]+\(.*\)$/s;

/** The statement that a text ends in the middle of. */
function lastStatement(text: string): string {
  let start = 0;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/[;`'{}()]/g)) {
    const before = text.slice(start, index).trim();
    if (mark === "{" || mark === "(") depth++;
    else if (mark === "}" || mark === ")") depth--;
    const isBlock = (mark === "{" && BLOCK_HEAD.test(before)) || depth < 0;
    const isClosed = depth === 0 && CLOSED_STATEMENT.test(`${before}${mark}`);
    if (isBlock || isClosed || /[;`']/.test(mark)) {
      start = index + 1;
      depth = 0;
    }
  }
  return text.slice(start).trimStart();
}

function namesFor(policy: Policy, wanted: Wanted, statement: string): Completion[] {
  switch (wanted) {
    case "permissions":
      return permissions(policy, statement);
    case "classes":
      return policy.classes.map(({ name, permissions: all }) => {
        return { label: name, kind: "class", detail: `${all.length} permissions` };
      });
    case "attributes":
      return attributes(policy);
    case "booleans":
      return policy.booleans.map(({ name, value }) => {
        return { label: name, kind: "boolean", detail: `declared ${value}` };
      });
    case "roles":
      return policy.roles.map(({ name }) => ({ label: name, kind: "role", detail: "role" }));
    default:
      return [...types(policy), ...attributes(policy)];
  }
}

function types(policy: Policy): Completion[] {
  return policy.types.map(({ name, attributes: own }) => {
    const detail = own.map((index) => policy.attributes[index].name).join(", ");
    return { label: name, kind: "type", detail: detail === "" ? "type" : detail };
  });
}

function attributes(policy: Policy): Completion[] {
  return policy.attributes.map(({ name, types: members }) => {
    return { label: name, kind: "attribute", detail: `attribute of ${members.length} types` };
  });
}

/** The permissions that all classes of the statement have. */
function permissions(policy: Policy, statement: string): Completion[] {
  const match = /(?::|^constrain)\s*(\{[^{}]*\}|[\w-]+)/.exec(statement);
  const names = match?.[1].replace(/[{}]/g, " ").trim().split(/\s+/) ?? [];
  const classes = policy.classes.filter(({ name }) => names.includes(name));
  const [first, ...others] = classes;
  if (first === undefined) return [];
  const shared = first.permissions.filter((name) =>
    others.every((each) => each.permissions.includes(name)),
  );
  const detail = classes.map(({ name }) => name).join(", ");
  return shared.map((label) => ({ label, kind: "permission", detail }));
}

function statements(): Completion[] {
  return KEYWORDS.filter((word) => STATEMENTS.has(word)).map((label) => {
    return { label, kind: "keyword", detail: "statement" };
  });
}

function macros({ macros: index }: Snapshot): Completion[] {
  return [...index.all()].map(({ name, comment }) => {
    return { label: name, kind: "macro", detail: comment.split("\n")[0] };
  });
}
