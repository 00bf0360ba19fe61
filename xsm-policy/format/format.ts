/** The formatter for policy source: white space changes, tokens and lines of thought do not. */

import { Layout } from "./layout.ts";
import { scan, type Token } from "./scan.ts";
import { spaceBetween } from "./spacing.ts";

/** Columns after which a set of names is spread over several lines. */
const MAX_COLUMNS = 100;

const TAB_COLUMNS = 8;

/** Whether a line directive counts the lines of the text, so that none may come or go. */
const LINE_DIRECTIVE = /^#line\s/m;

/**
 * Formats policy source (modules, interfaces, support macros, a whole policy.conf, assertions).
 * Indentation follows braces, parentheses and quoted blocks; runs of blank lines become one; a
 * line that is too long because of its last set is spread out. Formatting twice changes nothing
 * more, and the tokens stay the same.
 * @throws FormatError if a quote is not closed
 */
export function formatPolicy(text: string): string {
  const keepsLines = LINE_DIRECTIVE.test(text);
  const layout = new Layout();
  const output: string[] = [];
  for (const { tokens, blankBefore } of linesOf(scan(text))) {
    const blanks = keepsLines ? blankBefore : Math.min(blankBefore, output.length > 0 ? 1 : 0);
    for (let blank = 0; blank < blanks; blank++) output.push("");
    if (blankBefore > 0) layout.passBlank();
    const indent = Math.max(0, layout.indentOf(tokens));
    output.push(...(keepsLines ? [render(tokens, indent)] : spread(tokens, indent)));
    layout.pass(tokens, indent);
  }
  return output.map((line) => `${line}\n`).join("");
}

interface Line {
  readonly tokens: readonly Token[];
  readonly blankBefore: number;
}

function linesOf(tokens: readonly Token[]): Line[] {
  const lines: { tokens: Token[]; blankBefore: number }[] = [];
  for (const token of tokens) {
    const last = lines.at(-1);
    if (last !== undefined && token.newlines === 0) last.tokens.push(token);
    else {
      const isFirst = last === undefined;
      lines.push({ tokens: [token], blankBefore: token.newlines - (isFirst ? 0 : 1) });
    }
  }
  return lines;
}

function render(tokens: readonly Token[], indent: number): string {
  return "\t".repeat(indent) + words(tokens).join("");
}

/** The tokens' texts, each with the white space before it. */
function words(tokens: readonly Token[]): string[] {
  return tokens.map((token, index) =>
    index === 0 ? token.text : spaceBetween(tokens[index - 1], token) + token.text,
  );
}

/** The line, or several if it is too long and ends with a set of names. */
function spread(tokens: readonly Token[], indent: number): string[] {
  const line = render(tokens, indent);
  if (columns(line) <= MAX_COLUMNS) return [line];
  const close = tokens.findLastIndex(({ kind, text }) => kind === "mark" && text === "}");
  const open = tokens.findLastIndex(({ kind, text }) => kind === "mark" && text === "{");
  const rest = tokens.slice(close + 1);
  const isLast = rest.every(({ kind, text }) => kind === "mark" && text === ";");
  const inside = tokens.slice(open + 1, close);
  const isNames = inside.every(({ kind, text }) => kind === "word" || text === "~" || text === "*");
  if (open === -1 || close <= open || !isLast || !isNames) return [line];
  return [
    render(tokens.slice(0, open + 1), indent),
    ...fill(words(inside).join("").split(" "), indent + 1),
    render(tokens.slice(close), indent),
  ];
}

/** Fills lines with names. */
function fill(names: readonly string[], indent: number): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && columns(`${last} ${name}`) <= MAX_COLUMNS) {
      lines[lines.length - 1] = `${last} ${name}`;
    } else lines.push("\t".repeat(indent) + name);
  }
  return lines;
}

function columns(line: string): number {
  const tabs = line.length - line.replace(/^\t+/, "").length;
  return line.length + tabs * (TAB_COLUMNS - 1);
}
