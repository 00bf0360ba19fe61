/** How far each line is indented. */

import type { Token } from "./scan.ts";

/** Statements that end with a semicolon: their further lines are indented once more. */
const STATEMENTS = new Set(
  (
    "allow auditallow auditdeny dontaudit neverallow type_transition type_member type_change type " +
    "typealias typeattribute typebounds attribute attribute_role roleattribute expandattribute " +
    "bool tunable role role_transition range_transition user constrain validatetrans mlsconstrain " +
    "mlsvalidatetrans permissive policycap sensitivity category level neverflow"
  ).split(" "),
);

/** What is open at some place of the text. */
interface Level {
  /** Indentation of the line that opened it. */
  readonly indent: number;
  /** Indentation of the statement that is not yet ended, if any. */
  statement: number | undefined;
}

/** Follows the text line by line. */
export class Layout {
  readonly #levels: Level[] = [{ indent: -1, statement: undefined }];

  /** The indentation of the next line, in levels, given its tokens. */
  indentOf(line: readonly Token[]): number {
    let closed = 0;
    while (closed < line.length && isCloser(line[closed])) closed++;
    if (closed > 0) return this.#levels.at(-closed)?.indent ?? 0;
    const level = this.#levels.at(-1)!;
    const isContinued = level.statement !== undefined && !isOpenBrace(line[0]);
    return isContinued ? level.statement! + 1 : level.indent + 1;
  }

  /** Takes note of a line that was put at `indent`. */
  pass(line: readonly Token[], indent: number): void {
    for (const [index, token] of line.entries()) {
      const level = this.#levels.at(-1)!;
      if (index === 0 && token.kind === "word" && STATEMENTS.has(token.text)) {
        level.statement ??= indent;
      }
      if (token.kind === "mark" && token.text === ";") level.statement = undefined;
      if (isOpener(token)) this.#levels.push({ indent, statement: undefined });
      if (isCloser(token) && this.#levels.length > 1) this.#levels.pop();
    }
  }

  /** A blank line: whatever was not ended is taken to be. */
  passBlank(): void {
    this.#levels.at(-1)!.statement = undefined;
  }
}

function isOpenBrace({ kind, text }: Token): boolean {
  return kind === "mark" && text === "{";
}

function isOpener({ kind, text }: Token): boolean {
  return kind === "open-quote" || (kind === "mark" && (text === "{" || text === "("));
}

function isCloser({ kind, text }: Token): boolean {
  return kind === "close-quote" || (kind === "mark" && (text === "}" || text === ")"));
}
