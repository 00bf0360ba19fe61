/**
 * The parser: policy text to a syntax tree, hand-written because nothing ready-made is as fast.
 * After an error it goes on at the next statement, so that one run tells of several.
 */

import {
  type Conditional,
  type OptionalBlock,
  type RequireBlock,
  type Statement,
  SyntaxTree,
} from "./ast.ts";
import { Lexer } from "./lexer.ts";
import { SOURCE_LIMIT_CHARACTERS } from "./limits.ts";
import { parseCondition } from "./parse-expression.ts";
import { RULES } from "./parse-rules.ts";
import { acceptWord, DECLARATIONS, parseRequire } from "./parse-statements.ts";
import { ParserState, SyntaxFailure } from "./parser-state.ts";
import { checkMissingSections, SectionOrder } from "./sections.ts";
import type { DiagnosticSink } from "./sink.ts";
import { type SourceInput, SourceText } from "./source.ts";
import { createNameTable, type Keyword, Token } from "./tokens.ts";
import { UNSUPPORTED } from "./unsupported.ts";

/** What a block may hold. */
type Place = "policy" | "optional" | "if";

const RULES_IN_IF: readonly Keyword[] = [
  "allow",
  "auditallow",
  "auditdeny",
  "dontaudit",
  "type_transition",
  "type_member",
  "type_change",
];

const NOT_IN_OPTIONAL: readonly Keyword[] = [
  "class",
  "sid",
  "common",
  "policycap",
  "constrain",
  "mlsconstrain",
  "validatetrans",
  "mlsvalidatetrans",
  "sensitivity",
  "category",
  "dominance",
  "level",
  "default_user",
  "default_role",
  "default_type",
  "default_range",
  "pirqcon",
  "iomemcon",
  "ioportcon",
  "pcidevicecon",
  "devicetreecon",
];

/**
 * Parses a policy. Syntax errors go to the sink; the tree then holds the statements that could be
 * read.
 */
export function parse(input: SourceInput, sink: DiagnosticSink): SyntaxTree {
  const source = new SourceText(input);
  const names = createNameTable();
  const state = new ParserState(new Lexer(source, names), sink);
  const statements: Statement[] = [];
  if (input.text.length > SOURCE_LIMIT_CHARACTERS) {
    sink.error({
      code: "source-too-large",
      message: `${input.name} has more than ${SOURCE_LIMIT_CHARACTERS} characters`,
    });
  } else {
    new Parser(state).policy(statements);
  }
  const ids = state.nameIds.subarray(0, state.memberCount);
  const starts = state.nameStarts.subarray(0, state.memberCount);
  return new SyntaxTree(source, names, statements, ids, starts);
}

class Parser {
  readonly #state: ParserState;
  readonly #order: SectionOrder;

  constructor(state: ParserState) {
    this.#state = state;
    this.#order = new SectionOrder(state);
  }

  /** The whole text. */
  policy(statements: Statement[]): void {
    const { lexer, sink } = this.#state;
    lexer.next();
    while (lexer.kind !== Token.End) {
      const statement = this.#guarded("policy");
      if (statement === undefined) continue;
      this.#order.see(statement);
      statements.push(statement);
    }
    if (sink.errorCount === 0) checkMissingSections(statements, this.#state);
  }

  /** One statement; after a syntax error, undefined, with the lexer at a place to go on from. */
  #guarded(place: Place): Statement | undefined {
    const { depth, lexer } = this.#state;
    const { start } = lexer;
    try {
      return this.#statement(place);
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      this.#state.resetDepth(depth);
      this.#recover(start, place);
      return undefined;
    }
  }

  /** Skips to after the next ';', or to a word that begins a statement at the start of a line. */
  #recover(failedAt: number, place: Place): void {
    const { lexer } = this.#state;
    if (lexer.start === failedAt) lexer.next();
    for (;;) {
      if (lexer.kind === Token.End) return;
      if (lexer.kind === Token.Semicolon) {
        lexer.next();
        return;
      }
      if (lexer.kind === Token.CloseBrace && place !== "policy") return;
      if (lexer.keyword !== undefined && beginsStatement(lexer.keyword) && this.#startsLine())
        return;
      lexer.next();
    }
  }

  #startsLine(): boolean {
    const { text } = this.#state.source;
    let at = this.#state.lexer.start - 1;
    while (at >= 0 && (text[at] === " " || text[at] === "\t")) at--;
    return at < 0 || text[at] === "\n";
  }

  #statement(place: Place): Statement | undefined {
    const state = this.#state;
    const { keyword, start, kind } = state.lexer;
    if (kind === Token.Semicolon) return this.#straySemicolon(place);
    if (keyword === undefined) return this.#noStatement(place);
    const refusal = UNSUPPORTED[keyword];
    if (refusal !== undefined) state.fail("unsupported", refusal.message, refusal.hint);
    this.#checkPlace(keyword, place);
    const parser = RULES[keyword] ?? DECLARATIONS[keyword];
    if (parser !== undefined) {
      state.lexer.next();
      return parser(state, start);
    }
    if (acceptWord(state, "if")) return this.#conditional(start);
    if (acceptWord(state, "optional")) return this.#optional(start);
    if (place !== "policy" && acceptWord(state, "require")) return parseRequire(state, start);
    return this.#noStatement(place);
  }

  #straySemicolon(place: Place): undefined {
    if (place === "if" || !this.#order.allowsSemicolon) {
      this.#state.fail("stray-semicolon", "no ';' may stand here", "take it away");
    }
    this.#state.lexer.next();
    return undefined;
  }

  #noStatement(place: Place): never {
    const { lexer } = this.#state;
    if (lexer.kind === Token.CloseBrace) {
      return this.#state.fail("unbalanced", "this '}' closes nothing");
    }
    if (lexer.keyword === "require" && place === "policy") {
      return this.#state.fail("misplaced", "require stands only in optional and if blocks");
    }
    return this.#state.unexpected("a statement");
  }

  #checkPlace(keyword: Keyword, place: Place): void {
    if (place === "if" && keyword !== "require" && !RULES_IN_IF.includes(keyword)) {
      const message =
        keyword === "if"
          ? "an if block cannot hold another: the hypervisor's policy has no nested conditions"
          : `${keyword} cannot stand in an if block`;
      const hint =
        keyword === "if"
          ? "join the two conditions with &&"
          : "only allow, auditallow, dontaudit and type rules can depend on a boolean";
      this.#state.fail("misplaced", message, hint);
    }
    if (place === "optional" && NOT_IN_OPTIONAL.includes(keyword)) {
      this.#state.fail("misplaced", `${keyword} cannot stand in an optional block`);
    }
  }

  #conditional(start: number): Conditional {
    const state = this.#state;
    const condition = parseCondition(state);
    const whenTrue = this.#block("if") as Conditional["whenTrue"];
    const hasElse = acceptWord(state, "else");
    const whenFalse = hasElse ? (this.#block("if") as Conditional["whenFalse"]) : [];
    return { kind: "if", condition, whenTrue, whenFalse, start, end: state.lexer.previousEnd };
  }

  #optional(start: number): OptionalBlock {
    const state = this.#state;
    const body = this.#block("optional");
    const otherwise = acceptWord(state, "else") ? this.#block("optional") : undefined;
    return { kind: "optional", body, otherwise, start, end: state.lexer.previousEnd };
  }

  /** In an optional block, users stand at the end. */
  #checkUserOrder(before: Statement | undefined, statement: Statement): void {
    if (before?.kind !== "user" || statement.kind === "user") return;
    this.#state.sink.error({
      code: "order",
      message: "in an optional block, users must come last",
      span: this.#state.source.span(statement.start, statement.end),
    });
  }

  /** `{ statement* }` */
  #block(place: Place): (Statement | RequireBlock)[] {
    const state = this.#state;
    const opened = state.lexer.start;
    state.expect(Token.OpenBrace);
    state.enter();
    if (place === "optional" && state.at(Token.CloseBrace)) {
      state.fail("empty-block", "an optional block cannot be empty");
    }
    const statements: Statement[] = [];
    while (state.lexer.kind !== Token.CloseBrace) {
      if (state.lexer.kind === Token.End) {
        state.fail("unbalanced", "this '{' is never closed", undefined, opened);
      }
      const statement = this.#guarded(place);
      if (statement === undefined) continue;
      this.#checkUserOrder(statements.at(-1), statement);
      statements.push(statement);
    }
    state.lexer.next();
    state.leave();
    return statements;
  }
}

function beginsStatement(keyword: Keyword): boolean {
  return (
    keyword in DECLARATIONS ||
    keyword in RULES ||
    keyword in UNSUPPORTED ||
    keyword === "if" ||
    keyword === "optional"
  );
}
