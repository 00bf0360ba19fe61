/** Access rules, type rules, role and range transitions. */

import {
  AccessRule,
  type AccessRuleKind,
  type RoleAllow,
  type Statement,
  type TypeRule,
  type TypeRuleKind,
} from "./ast.ts";
import { parseRange } from "./parse-context.ts";
import type { StatementParser } from "./parse-statements.ts";
import type { ParserState } from "./parser-state.ts";
import { type Keyword, Token } from "./tokens.ts";

/** Rules that may stand anywhere among the type enforcement statements. */
export const RULES: Readonly<Partial<Record<Keyword, StatementParser>>> = {
  allow: allowStatement,
  neverallow: (state, start) => accessRule(state, start, "neverallow"),
  auditallow: (state, start) => accessRule(state, start, "auditallow"),
  auditdeny: (state, start) => accessRule(state, start, "auditdeny"),
  dontaudit: (state, start) => accessRule(state, start, "dontaudit"),
  type_transition: (state, start) => typeRule(state, start, "type_transition"),
  type_member: (state, start) => typeRule(state, start, "type_member"),
  type_change: (state, start) => typeRule(state, start, "type_change"),
  role_transition: roleTransition,
  range_transition: rangeTransition,
};

/** `allow` of types, or of roles: only the `:` tells. */
function allowStatement(state: ParserState, start: number): AccessRule | RoleAllow {
  const firstSet = state.columnSet("a type");
  const second = state.columnSet("a type");
  if (state.lexer.kind !== Token.Semicolon) return ruleRest(state, start, "allow", firstSet);
  const { sets } = state;
  const end = state.semicolon();
  return { kind: "role-allow", from: sets.at(firstSet), to: sets.at(second), start, end };
}

function accessRule(state: ParserState, start: number, rule: AccessRuleKind): AccessRule {
  const firstSet = state.columnSet("a type");
  state.columnSet("a type");
  return ruleRest(state, start, rule, firstSet);
}

/** Classes and permissions, whose sets follow those of source and target. */
function ruleRest(
  state: ParserState,
  start: number,
  rule: AccessRuleKind,
  firstSet: number,
): AccessRule {
  if (state.lexer.kind !== Token.Colon) {
    state.unexpected("':'", `${rule} SOURCE TARGET:CLASS PERMISSIONS;`);
  }
  state.lexer.next();
  state.columnSet("a class");
  state.columnSet("a permission");
  return new AccessRule(rule, state.sets, firstSet, start, state.semicolon());
}

function typeRule(state: ParserState, start: number, rule: TypeRuleKind): TypeRule {
  const source = state.nameSet("a type");
  const target = state.nameSet("a type");
  state.expect(Token.Colon, `${rule} SOURCE TARGET:CLASS TYPE;`);
  const classes = state.nameSet("a class");
  const result = state.name("a type");
  if (state.lexer.kind === Token.QuotedName) {
    state.fail(
      "unsupported",
      "a file name transition means nothing to the hypervisor: it has no files",
      "leave the name out",
    );
  }
  return {
    kind: "type-rule",
    rule,
    source,
    target,
    classes,
    result,
    start,
    end: state.semicolon(),
  };
}

function roleTransition(state: ParserState, start: number): Statement {
  const roles = state.nameSet("a role");
  const types = state.nameSet("a type");
  const classes = state.accept(Token.Colon) ? state.nameSet("a class") : undefined;
  const result = state.name("a role");
  return { kind: "role_transition", roles, types, classes, result, start, end: state.semicolon() };
}

function rangeTransition(state: ParserState, start: number): Statement {
  const source = state.nameSet("a type");
  const target = state.nameSet("a type");
  const classes = state.accept(Token.Colon) ? state.nameSet("a class") : undefined;
  const range = parseRange(state);
  return {
    kind: "range_transition",
    source,
    target,
    classes,
    range,
    start,
    end: state.semicolon(),
  };
}
