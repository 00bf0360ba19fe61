/** The kinds of token, and the words that the policy language keeps for itself. */

import { NameTable } from "./names.ts";

/** What a token is; `Keyword` tokens say which one by the lexer's `keyword`. */
export const Token = {
  End: 0,
  Identifier: 1,
  Keyword: 2,
  Number: 3,
  Path: 4,
  QuotedPath: 5,
  QuotedName: 6,
  Semicolon: 7,
  Colon: 8,
  Comma: 9,
  OpenBrace: 10,
  CloseBrace: 11,
  OpenParenthesis: 12,
  CloseParenthesis: 13,
  Minus: 14,
  Tilde: 15,
  Star: 16,
  Equal: 17,
  NotEqual: 18,
  And: 19,
  Or: 20,
  Not: 21,
  Xor: 22,
  /** Something that no rule of the language takes, such as `12ab` or a bare `.`. */
  Invalid: 23,
} as const;

export type TokenKind = (typeof Token)[keyof typeof Token];

/** What a constraint compares: users, roles, types, and low and high levels. */
export const OPERANDS = [
  "u1",
  "u2",
  "u3",
  "r1",
  "r2",
  "r3",
  "t1",
  "t2",
  "t3",
  "l1",
  "l2",
  "h1",
  "h2",
] as const;

/** Every reserved word, in lower case; each is reserved in upper case as well. */
export const KEYWORDS = [
  "common",
  "class",
  "constrain",
  "validatetrans",
  "inherits",
  "sid",
  "role",
  "roles",
  "roleattribute",
  "attribute_role",
  "types",
  "typealias",
  "typeattribute",
  "typebounds",
  "type",
  "bool",
  "tunable",
  "if",
  "else",
  "alias",
  "attribute",
  "expandattribute",
  "type_transition",
  "type_member",
  "type_change",
  "role_transition",
  "range_transition",
  "sensitivity",
  "dominance",
  "category",
  "level",
  "range",
  "mlsconstrain",
  "mlsvalidatetrans",
  "user",
  "neverallow",
  "allow",
  "auditallow",
  "auditdeny",
  "dontaudit",
  "allowxperm",
  "auditallowxperm",
  "dontauditxperm",
  "neverallowxperm",
  "source",
  "target",
  "sameuser",
  "module",
  "require",
  "optional",
  "or",
  "and",
  "not",
  "xor",
  "eq",
  "true",
  "false",
  "dom",
  "domby",
  "incomp",
  "ibpkeycon",
  "ibendportcon",
  "portcon",
  "netifcon",
  "nodecon",
  "pirqcon",
  "iomemcon",
  "ioportcon",
  "pcidevicecon",
  "devicetreecon",
  "fs_use_xattr",
  "fs_use_task",
  "fs_use_trans",
  "genfscon",
  "fscon",
  "clone",
  ...OPERANDS,
  "policycap",
  "permissive",
  "neveraudit",
  "default_user",
  "default_role",
  "default_type",
  "default_range",
  "low-high",
  "low",
  "high",
  "glblub",
] as const;

export type Keyword = (typeof KEYWORDS)[number];

/** How many name numbers the keywords take: lower case first, then upper case. */
export const KEYWORD_NAME_COUNT = KEYWORDS.length * 2;

/** A name table in which the keywords stand first, so that `id < KEYWORD_NAME_COUNT` tells. */
export function createNameTable(): NameTable {
  const names = new NameTable();
  for (const word of KEYWORDS) names.intern(word);
  for (const word of KEYWORDS) names.intern(word.toUpperCase());
  return names;
}

/** Keywords that act as operators wherever they stand. */
export const OPERATOR_WORDS: Readonly<Partial<Record<Keyword, TokenKind>>> = {
  or: Token.Or,
  and: Token.And,
  not: Token.Not,
  xor: Token.Xor,
  eq: Token.Equal,
};

const SYMBOL_TEXT: Readonly<Partial<Record<TokenKind, string>>> = {
  [Token.End]: "the end of the file",
  [Token.Identifier]: "a name",
  [Token.Number]: "a number",
  [Token.Semicolon]: "';'",
  [Token.Colon]: "':'",
  [Token.Comma]: "','",
  [Token.OpenBrace]: "'{'",
  [Token.CloseBrace]: "'}'",
  [Token.OpenParenthesis]: "'('",
  [Token.CloseParenthesis]: "')'",
  [Token.Minus]: "'-'",
};

/** How a kind of token is called in a message. */
export function describeToken(kind: TokenKind): string {
  return SYMBOL_TEXT[kind] ?? "this";
}
