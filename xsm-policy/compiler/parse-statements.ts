/** Declarations of every kind: one function for each statement of the language. */

import type { DefaultRule, NameSet, RequireBlock, Requirement, Statement } from "./ast.ts";
import { parseContext, parseDevice, parseLevel, parseRange } from "./parse-context.ts";
import { parseConstraint } from "./parse-expression.ts";
import type { ParserState } from "./parser-state.ts";
import { type Keyword, Token } from "./tokens.ts";

/** Parses the rest of a statement whose keyword, at `start`, has been taken. */
export type StatementParser = (state: ParserState, start: number) => Statement;

/** Statements that hold no others and are no rules. */
export const DECLARATIONS: Readonly<Partial<Record<Keyword, StatementParser>>> = {
  class: classStatement,
  sid: sidStatement,
  common: commonStatement,
  default_user: (state, start) => defaultStatement(state, start, "user"),
  default_role: (state, start) => defaultStatement(state, start, "role"),
  default_type: (state, start) => defaultStatement(state, start, "type"),
  default_range: (state, start) => defaultStatement(state, start, "range"),
  sensitivity: (state, start) => mlsName(state, start, "sensitivity"),
  category: (state, start) => mlsName(state, start, "category"),
  dominance: dominanceStatement,
  level: levelStatement,
  attribute: (state, start) => bareName(state, start, "attribute", "an attribute"),
  attribute_role: (state, start) => bareName(state, start, "attribute_role", "a role attribute"),
  permissive: (state, start) => bareName(state, start, "permissive", "a type"),
  policycap: (state, start) => bareName(state, start, "policycap", "a policy capability"),
  expandattribute: expandAttributeStatement,
  type: typeStatement,
  typealias: typeAliasStatement,
  typeattribute: typeAttributeStatement,
  typebounds: typeBoundsStatement,
  bool: (state, start) => booleanStatement(state, start, false),
  tunable: (state, start) => booleanStatement(state, start, true),
  role: roleStatement,
  roleattribute: roleAttributeStatement,
  user: userStatement,
  constrain: (state, start) => constrainStatement(state, start, false),
  mlsconstrain: (state, start) => constrainStatement(state, start, true),
  validatetrans: (state, start) => validateStatement(state, start, false),
  mlsvalidatetrans: (state, start) => validateStatement(state, start, true),
  pirqcon: (state, start) => parseDevice(state, "pirqcon", start),
  iomemcon: (state, start) => parseDevice(state, "iomemcon", start),
  ioportcon: (state, start) => parseDevice(state, "ioportcon", start),
  pcidevicecon: (state, start) => parseDevice(state, "pcidevicecon", start),
  devicetreecon: (state, start) => parseDevice(state, "devicetreecon", start),
};

function classStatement(state: ParserState, start: number): Statement {
  const name = state.name("a class");
  const inherits = acceptWord(state, "inherits") ? state.name("a common") : undefined;
  if (inherits === undefined && state.lexer.kind !== Token.OpenBrace) {
    return { kind: "class", name, start, end: name.end };
  }
  const permissions =
    state.lexer.kind === Token.OpenBrace ? state.flatSet("a permission", false) : undefined;
  return {
    kind: "access-vector",
    name,
    inherits,
    permissions,
    start,
    end: state.lexer.previousEnd,
  };
}

function sidStatement(state: ParserState, start: number): Statement {
  const name = state.name("an initial SID");
  if (state.lexer.kind !== Token.Identifier) {
    return { kind: "initial-sid", name, start, end: name.end };
  }
  const context = parseContext(state);
  return { kind: "sid-context", name, context, start, end: context.end };
}

function commonStatement(state: ParserState, start: number): Statement {
  const name = state.name("a common");
  const permissions = state.flatSet("a permission", false);
  return { kind: "common", name, permissions, start, end: permissions.end };
}

function defaultStatement(
  state: ParserState,
  start: number,
  component: DefaultRule["component"],
): Statement {
  const classes = state.nameSet("a class");
  const { keyword } = state.lexer;
  const ranged = component === "range";
  const allowed = keyword === "source" || keyword === "target" || (ranged && keyword === "glblub");
  if (!allowed) state.unexpected(ranged ? "source, target or glblub" : "source or target");
  const from = keyword as DefaultRule["from"];
  state.lexer.next();
  const part = ranged && from !== "glblub" ? rangePart(state) : undefined;
  return { kind: "default", component, classes, from, part, start, end: state.semicolon() };
}

function rangePart(state: ParserState): "low" | "high" | "low-high" {
  const { keyword } = state.lexer;
  if (keyword !== "low" && keyword !== "high" && keyword !== "low-high") {
    return state.unexpected("low, high or low-high");
  }
  state.lexer.next();
  return keyword;
}

function mlsName(state: ParserState, start: number, kind: "sensitivity" | "category"): Statement {
  const name = state.name(`a ${kind}`);
  const aliases = optionalAliases(state);
  return { kind, name, aliases, start, end: state.semicolon() };
}

function optionalAliases(state: ParserState): NameSet | undefined {
  return acceptWord(state, "alias") ? state.nameSet("an alias") : undefined;
}

function dominanceStatement(state: ParserState, start: number): Statement {
  if (state.lexer.kind === Token.OpenBrace) {
    const order = dominanceSet(state);
    return { kind: "dominance", order, start, end: order.end };
  }
  const order = state.flatSet("a sensitivity", true);
  return { kind: "dominance", order, start, end: order.end };
}

/** Tells `dominance { s0 s1 }` from the role dominance of old, which is refused by name. */
function dominanceSet(state: ParserState): NameSet {
  const { start, end } = state.lexer;
  const ahead = /^\s*role\b/i.test(state.source.text.slice(end, end + 200));
  if (ahead) {
    state.fail(
      "unsupported",
      "role dominance is no longer part of the policy language",
      "give the roles a common attribute with attribute_role and roleattribute",
      start,
    );
  }
  return state.flatSet("a sensitivity", false);
}

function levelStatement(state: ParserState, start: number): Statement {
  const sensitivity = state.name("a sensitivity");
  const categories = state.accept(Token.Colon) ? state.commaNames("a category") : undefined;
  return { kind: "level", sensitivity, categories, start, end: state.semicolon() };
}

function bareName(
  state: ParserState,
  start: number,
  kind: "attribute" | "attribute_role" | "permissive" | "policycap",
  what: string,
): Statement {
  const name = state.name(what);
  return { kind, name, start, end: state.semicolon() };
}

function expandAttributeStatement(state: ParserState, start: number): Statement {
  const attributes = state.nameSet("an attribute");
  const value = truth(state);
  return { kind: "expandattribute", attributes, value, start, end: state.semicolon() };
}

function truth(state: ParserState): boolean {
  const { keyword } = state.lexer;
  if (keyword !== "true" && keyword !== "false") state.unexpected("true or false");
  state.lexer.next();
  return keyword === "true";
}

function typeStatement(state: ParserState, start: number): Statement {
  const name = state.name("a type");
  const aliases = optionalAliases(state);
  const attributes = state.accept(Token.Comma) ? state.commaNames("an attribute") : undefined;
  return { kind: "type", name, aliases, attributes, start, end: state.semicolon() };
}

function typeAliasStatement(state: ParserState, start: number): Statement {
  const name = state.name("a type");
  if (!acceptWord(state, "alias")) state.unexpected("'alias'");
  const aliases = state.nameSet("an alias");
  return { kind: "typealias", name, aliases, start, end: state.semicolon() };
}

function typeAttributeStatement(state: ParserState, start: number): Statement {
  const name = state.name("a type");
  const attributes = state.commaNames("an attribute");
  return { kind: "typeattribute", name, attributes, start, end: state.semicolon() };
}

function typeBoundsStatement(state: ParserState, start: number): Statement {
  const parent = state.name("a type");
  const children = state.commaNames("a type");
  return { kind: "typebounds", parent, children, start, end: state.semicolon() };
}

function booleanStatement(state: ParserState, start: number, tunable: boolean): Statement {
  const name = state.name(tunable ? "a tunable" : "a boolean");
  const value = truth(state);
  return { kind: "bool", name, value, tunable, start, end: state.semicolon() };
}

function roleStatement(state: ParserState, start: number): Statement {
  const name = state.name("a role");
  if (acceptWord(state, "types")) {
    const types = state.nameSet("a type");
    return { kind: "role-types", name, types, start, end: state.semicolon() };
  }
  const attributes = state.accept(Token.Comma) ? state.commaNames("a role attribute") : undefined;
  return { kind: "role", name, attributes, start, end: state.semicolon() };
}

function roleAttributeStatement(state: ParserState, start: number): Statement {
  const name = state.name("a role");
  const attributes = state.commaNames("a role attribute");
  return { kind: "roleattribute", name, attributes, start, end: state.semicolon() };
}

function userStatement(state: ParserState, start: number): Statement {
  const name = state.name("a user");
  if (!acceptWord(state, "roles")) state.unexpected("'roles'");
  const roles = state.nameSet("a role");
  const mls = acceptWord(state, "level");
  const level = mls ? parseLevel(state) : undefined;
  if (mls && !acceptWord(state, "range")) state.unexpected("'range'");
  const range = mls ? parseRange(state) : undefined;
  return { kind: "user", name, roles, level, range, start, end: state.semicolon() };
}

function constrainStatement(state: ParserState, start: number, mls: boolean): Statement {
  const classes = state.nameSet("a class");
  const permissions = state.nameSet("a permission");
  const expression = parseConstraint(state);
  const end = state.semicolon();
  return { kind: "constrain", mls, classes, permissions, expression, start, end };
}

function validateStatement(state: ParserState, start: number, mls: boolean): Statement {
  const classes = state.nameSet("a class");
  const expression = parseConstraint(state);
  return { kind: "validatetrans", mls, classes, expression, start, end: state.semicolon() };
}

/** Takes a keyword if it stands here. */
export function acceptWord(state: ParserState, word: Keyword): boolean {
  if (state.lexer.keyword !== word) return false;
  state.lexer.next();
  return true;
}

const REQUIREMENTS: Readonly<Partial<Record<Keyword, Requirement["what"]>>> = {
  role: "role",
  type: "type",
  attribute: "attribute",
  attribute_role: "attribute_role",
  user: "user",
  bool: "bool",
  tunable: "tunable",
  sensitivity: "sensitivity",
  category: "category",
};

/** `require { type a_t, b_t; class domain { create }; }` */
export function parseRequire(state: ParserState, start: number): RequireBlock {
  state.expect(Token.OpenBrace);
  const requirements: Requirement[] = [];
  do requirements.push(requirement(state));
  while (state.lexer.kind !== Token.CloseBrace);
  const { end } = state.lexer;
  state.lexer.next();
  return { kind: "require", requirements, start, end };
}

function requirement(state: ParserState): Requirement {
  const { start, keyword } = state.lexer;
  if (acceptWord(state, "class")) {
    const names = singleName(state, "a class");
    const permissions = state.nameSet("a permission");
    return { what: "class", names, permissions, start, end: state.semicolon() };
  }
  const what = keyword === undefined ? undefined : REQUIREMENTS[keyword];
  if (what === undefined) return state.unexpected("class, type, attribute, role, user or bool");
  state.lexer.next();
  const names = state.commaNames("a name");
  return { what, names, permissions: undefined, start, end: state.semicolon() };
}

function singleName(state: ParserState, what: string): NameSet {
  if (state.lexer.kind !== Token.Identifier) state.unexpected(what);
  return state.flatSet(what, true);
}
