/** Every name in a policy's tree: what kind of thing it names, and whether it declares it. */

import type {
  Condition,
  ConstraintExpression,
  ContextText,
  LevelText,
  Name,
  NameSet,
  RangeText,
  RequireBlock,
  Statement,
  SyntaxTree,
} from "../compiler/ast.ts";

export type NamedKind =
  /** A type, an attribute or an alias: they share one name space. */
  | "type"
  | "role"
  | "user"
  | "boolean"
  | "class"
  | "permission"
  | "common"
  | "sid"
  | "sensitivity"
  | "category"
  | "capability";

/**
 * `join`: a type is put into an attribute, or a type or role is given to a role or a user, which
 * says nothing yet of what it may do. `require`: only says that the name exists.
 */
export type Manner = "declare" | "use" | "join" | "require";

/** Called for each name; `statement` is the innermost statement that it stands in. */
export type Visitor = (name: Name, kind: NamedKind, manner: Manner, statement: Statement) => void;

/** Calls back for every name of the tree, statement by statement. */
export function forEachName(tree: SyntaxTree, visit: Visitor): void {
  for (const statement of tree.statements) new NameWalker(tree, visit, statement).walk();
}

/** The properties of a statement that are names or sets of names. */
type NameField<S> = {
  [Key in keyof S]-?: S[Key] extends Name | NameSet | undefined ? Key : never;
}[keyof S] &
  string;

type FieldsOf<Kind extends Statement["kind"]> = readonly (readonly [
  NameField<Extract<Statement, { kind: Kind }>>,
  NamedKind,
  Manner,
])[];

/** The names of each statement, in the order in which they are written. */
const FIELDS: { readonly [Kind in Statement["kind"]]: FieldsOf<Kind> } = {
  "access-rule": [
    ["source", "type", "use"],
    ["target", "type", "use"],
    ["classes", "class", "use"],
    ["permissions", "permission", "use"],
  ],
  "type-rule": [
    ["source", "type", "use"],
    ["target", "type", "use"],
    ["classes", "class", "use"],
    ["result", "type", "use"],
  ],
  class: [["name", "class", "declare"]],
  "initial-sid": [["name", "sid", "declare"]],
  common: [
    ["name", "common", "declare"],
    ["permissions", "permission", "declare"],
  ],
  "access-vector": [
    ["name", "class", "use"],
    ["inherits", "common", "use"],
    ["permissions", "permission", "declare"],
  ],
  default: [["classes", "class", "use"]],
  sensitivity: [
    ["name", "sensitivity", "declare"],
    ["aliases", "sensitivity", "declare"],
  ],
  dominance: [["order", "sensitivity", "use"]],
  category: [
    ["name", "category", "declare"],
    ["aliases", "category", "declare"],
  ],
  level: [
    ["sensitivity", "sensitivity", "use"],
    ["categories", "category", "use"],
  ],
  attribute: [["name", "type", "declare"]],
  attribute_role: [["name", "role", "declare"]],
  expandattribute: [["attributes", "type", "join"]],
  type: [
    ["name", "type", "declare"],
    ["aliases", "type", "declare"],
    ["attributes", "type", "join"],
  ],
  typealias: [
    ["name", "type", "join"],
    ["aliases", "type", "declare"],
  ],
  typeattribute: [
    ["name", "type", "join"],
    ["attributes", "type", "join"],
  ],
  typebounds: [
    ["parent", "type", "use"],
    ["children", "type", "use"],
  ],
  permissive: [["name", "type", "use"]],
  bool: [["name", "boolean", "declare"]],
  if: [],
  role: [
    ["name", "role", "declare"],
    ["attributes", "role", "join"],
  ],
  "role-types": [
    ["name", "role", "use"],
    ["types", "type", "join"],
  ],
  roleattribute: [
    ["name", "role", "join"],
    ["attributes", "role", "join"],
  ],
  "role-allow": [
    ["from", "role", "use"],
    ["to", "role", "use"],
  ],
  role_transition: [
    ["roles", "role", "use"],
    ["types", "type", "use"],
    ["classes", "class", "use"],
    ["result", "role", "use"],
  ],
  range_transition: [
    ["source", "type", "use"],
    ["target", "type", "use"],
    ["classes", "class", "use"],
  ],
  policycap: [["name", "capability", "use"]],
  require: [],
  optional: [],
  user: [
    ["name", "user", "declare"],
    ["roles", "role", "join"],
  ],
  constrain: [
    ["classes", "class", "use"],
    ["permissions", "permission", "use"],
  ],
  validatetrans: [["classes", "class", "use"]],
  "sid-context": [["name", "sid", "use"]],
  "device-context": [],
};

const OPERAND_KIND = { u: "user", r: "role", t: "type" } as const;

const REQUIRED_KIND = {
  class: "class",
  role: "role",
  type: "type",
  attribute: "type",
  attribute_role: "role",
  user: "user",
  bool: "boolean",
  tunable: "boolean",
  sensitivity: "sensitivity",
  category: "category",
} as const;

/** Walks one statement. */
class NameWalker {
  readonly #tree: SyntaxTree;
  readonly #visit: Visitor;
  readonly #statement: Statement;

  constructor(tree: SyntaxTree, visit: Visitor, statement: Statement) {
    this.#tree = tree;
    this.#visit = visit;
    this.#statement = statement;
  }

  walk(): void {
    const statement = this.#statement;
    const named = statement as unknown as Readonly<Record<string, Name | NameSet | undefined>>;
    for (const [field, kind, manner] of FIELDS[statement.kind]) {
      const found = named[field];
      if (found === undefined) continue;
      if ("id" in found) this.#one(found, kind, manner);
      else this.#set(found, kind, manner);
    }
    this.#inside(statement);
  }

  /** What stands deeper than in a property of its own. */
  #inside(statement: Statement): void {
    switch (statement.kind) {
      case "if":
        this.#condition(statement.condition);
        this.#block([...statement.whenTrue, ...statement.whenFalse]);
        break;
      case "optional":
        this.#block([...statement.body, ...(statement.otherwise ?? [])]);
        break;
      case "require":
        this.#require(statement);
        break;
      case "constrain":
      case "validatetrans":
        this.#constraint(statement.expression);
        break;
      case "sid-context":
      case "device-context":
        this.#context(statement.context);
        break;
      case "user":
        this.#level(statement.level);
        this.#range(statement.range);
        break;
      case "range_transition":
        this.#range(statement.range);
        break;
      default:
    }
  }

  #block(statements: readonly Statement[]): void {
    for (const each of statements) new NameWalker(this.#tree, this.#visit, each).walk();
  }

  #require({ requirements }: RequireBlock): void {
    for (const { what, names, permissions } of requirements) {
      this.#set(names, REQUIRED_KIND[what], "require");
      if (permissions !== undefined) this.#set(permissions, "permission", "require");
    }
  }

  #condition(condition: Condition): void {
    if (condition.kind === "boolean") this.#one(condition.name, "boolean", "use");
    else if (condition.kind === "not") this.#condition(condition.operand);
    else {
      this.#condition(condition.left);
      this.#condition(condition.right);
    }
  }

  #constraint(expression: ConstraintExpression): void {
    if (expression.kind === "not") this.#constraint(expression.operand);
    else if (expression.kind === "and" || expression.kind === "or") {
      this.#constraint(expression.left);
      this.#constraint(expression.right);
    } else if (expression.kind === "member") {
      const kind = OPERAND_KIND[expression.left[0] as keyof typeof OPERAND_KIND];
      this.#set(expression.names, kind, "use");
    }
  }

  #context({ user, role, type, range }: ContextText): void {
    this.#one(user, "user", "use");
    this.#one(role, "role", "use");
    this.#one(type, "type", "use");
    this.#range(range);
  }

  #range(range: RangeText | undefined): void {
    this.#level(range?.low);
    this.#level(range?.high);
  }

  #level(level: LevelText | undefined): void {
    if (level === undefined) return;
    this.#one(level.sensitivity, "sensitivity", "use");
    if (level.categories !== undefined) this.#set(level.categories, "category", "use");
  }

  #set(set: NameSet, kind: NamedKind, manner: Manner): void {
    for (let index = set.first; index < set.first + set.count; index++) {
      this.#one(this.#tree.member(index), kind, manner);
    }
  }

  #one(name: Name, kind: NamedKind, manner: Manner): void {
    this.#visit(name, kind, manner, this.#statement);
  }
}
