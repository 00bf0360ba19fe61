/** Where a grant comes from: the rules, the macro calls and the attributes that lead to it. */

import type { Node, Statement, SyntaxTree } from "../compiler/ast.ts";
import type { GrantRule, Policy, RuleCondition } from "../compiler/policy.ts";
import { type AccessRelation, variantOf } from "../compiler/relation.ts";
import { evaluateCondition } from "../compiler/resolve-condition.ts";
import type { Span } from "../compiler/source.ts";
import { Conditions } from "./conditions.ts";

/** Longest text of a rule that is shown. */
const TEXT_LIMIT_CHARACTERS = 160;

/** That a type is meant by way of an attribute, and where it was put into it. */
export interface AttributePath {
  readonly type: string;
  readonly attribute: string;
  readonly span: Span | undefined;
}

/** A rule that gives a grant. */
export interface RuleOrigin {
  /** Index into the policy's rules. */
  readonly rule: number;
  /** As written, in one line; made from the binary where there is no text. */
  readonly text: string;
  /** With the macro calls that lead there. */
  readonly span: Span | undefined;
  readonly source: AttributePath | undefined;
  readonly target: AttributePath | undefined;
  /** The condition under which it stands; empty if none. */
  readonly condition: string;
}

export class Provenance {
  readonly #relation: AccessRelation;
  readonly #policy: Policy;
  readonly #conditions: Conditions;
  #memberships: ReadonlyMap<string, Node> | undefined;

  constructor(relation: AccessRelation) {
    this.#relation = relation;
    this.#policy = relation.policy;
    this.#conditions = new Conditions(relation.policy);
  }

  /** The rules that give any of `permissions`, in source order. */
  rules(source: number, target: number, classIndex: number, permissions: number): RuleOrigin[] {
    return this.#relation
      .rulesFor(source, target, classIndex, permissions)
      .map((rule) => this.origin(rule, source, target));
  }

  /** A rule as what gives something to a pair of types. */
  origin(index: number, source: number, target: number): RuleOrigin {
    const rule = this.#policy.grantRules[index];
    const isSelf = rule.self && source === target;
    return {
      rule: index,
      text: this.ruleText(rule),
      span: this.#span(rule.node),
      source: this.#path(rule.sources.keys, source),
      target: isSelf ? undefined : this.#path(rule.targets.keys, target),
      condition: this.#conditions.text(variantOf(rule.condition)),
    };
  }

  /** The text of a rule in one line. */
  ruleText(rule: GrantRule): string {
    const { tree } = this.#policy;
    if (tree === undefined || rule.node === undefined) return this.#writtenAnew(rule);
    return statementText(tree, rule.node);
  }

  #writtenAnew({ kind, sources, targets, self, grants }: GrantRule): string {
    const { classes } = this.#policy;
    const target = setText([
      ...targets.keys.map((key) => this.keyName(key)),
      ...(self ? ["self"] : []),
    ]);
    const source = setText(sources.keys.map((key) => this.keyName(key)));
    const parts = grants.map(({ class: index, permissions }) => {
      const { name, permissions: names } = classes[index];
      const granted = names.filter((_, bit) => ((permissions >>> bit) & 1) === 1);
      return `${kind} ${source} ${target}:${name} ${setText(granted)};`;
    });
    return shorten(parts.join(" "));
  }

  /** The name of a type or attribute by its key. */
  keyName(key: number): string {
    const { types, attributes } = this.#policy;
    return key < types.length ? types[key].name : attributes[key - types.length].name;
  }

  /** Whether a rule's condition holds when the booleans have these values. */
  conditionHolds({ index, branch }: RuleCondition, booleans: readonly boolean[]): boolean {
    const { expression } = this.#policy.conditionals[index];
    return evaluateCondition(expression, booleans) === branch;
  }

  #span(node: Node | undefined): Span | undefined {
    const { tree } = this.#policy;
    return tree === undefined || node === undefined ? undefined : tree.span(node);
  }

  /** The attribute by which a type is among keys; undefined if it is named itself. */
  #path(keys: readonly number[], type: number): AttributePath | undefined {
    if (keys.includes(type)) return undefined;
    const { types, attributes } = this.#policy;
    const attribute = types[type].attributes.find((each) => keys.includes(types.length + each));
    if (attribute === undefined) return undefined;
    const { name } = types[type];
    const { name: attributeName } = attributes[attribute];
    return { type: name, attribute: attributeName, span: this.membership(name, attributeName) };
  }

  /** Where a type was put into an attribute. */
  membership(type: string, attribute: string): Span | undefined {
    const { tree } = this.#policy;
    if (tree === undefined) return undefined;
    this.#memberships ??= indexMemberships(tree);
    return this.#span(this.#memberships.get(`${type} ${attribute}`));
  }
}

function setText(names: readonly string[]): string {
  return names.length === 1 ? names[0] : `{ ${names.join(" ")} }`;
}

/** A statement's text in one line, cut where it is long. */
export function statementText(tree: SyntaxTree, { start, end }: Node): string {
  return shorten(tree.source.text.slice(start, end).replace(/#.*/g, "").replace(/\s+/g, " "));
}

function shorten(text: string): string {
  const isLong = text.length > TEXT_LIMIT_CHARACTERS;
  return isLong ? `${text.slice(0, TEXT_LIMIT_CHARACTERS - 4)} ...` : text;
}

function indexMemberships(tree: SyntaxTree): Map<string, Node> {
  const found = new Map<string, Node>();
  const enter = (statement: Statement): void => {
    if (statement.kind === "optional") {
      for (const inner of [...statement.body, ...(statement.otherwise ?? [])]) enter(inner);
    }
    if (statement.kind !== "type" && statement.kind !== "typeattribute") return;
    if (statement.attributes === undefined) return;
    const type = tree.text(statement.name);
    for (const { text } of tree.members(statement.attributes)) {
      const key = `${type} ${text}`;
      if (!found.has(key)) found.set(key, statement);
    }
  };
  for (const statement of tree.statements) enter(statement);
  return found;
}
