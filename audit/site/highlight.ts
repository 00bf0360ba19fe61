// Sources as coloured tokens, made when the bundle is built: the page only puts them together.

import type { Highlighter } from "shiki";
import { createHighlighter } from "shiki";

const LIGHT = "github-light-high-contrast";
const DARK = "github-dark-high-contrast";

/** A line: pairs of a style's number and a text. */
export type Line = readonly (readonly [style: number, text: string])[];

function languageOf(path: string): string {
  if (/[.](ts)$/.test(path)) return "typescript";
  if (/[.](c|h)$/.test(path)) return "c";
  return path.endsWith(".S") ? "asm" : "text";
}

/** Colours by number, light and dark. */
export class Highlight {
  readonly styles: [light: string, dark: string][] = [];
  readonly #numbers = new Map<string, number>();
  readonly #highlighter: Highlighter;

  private constructor(highlighter: Highlighter) {
    this.#highlighter = highlighter;
  }

  static async make(): Promise<Highlight> {
    const langs = ["typescript", "c", "asm"];
    return new Highlight(await createHighlighter({ themes: [LIGHT, DARK], langs }));
  }

  #style(style: Readonly<Record<string, string>> | string | undefined): number {
    const { color = "", "--shiki-dark": dark = color } = typeof style === "object" ? style : {};
    const key = `${color} ${dark}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.styles.length);
    return this.styles.push([color, dark]) - 1;
  }

  /** The lines of a file. */
  lines(path: string, text: string): Line[] {
    const themes = { light: LIGHT, dark: DARK };
    const options = { lang: languageOf(path), themes } as const;
    const { tokens } = this.#highlighter.codeToTokens(text, options as never);
    return tokens.map((line) =>
      line.map(({ content, htmlStyle }) => [this.#style(htmlStyle), content] as const),
    );
  }

  dispose(): void {
    this.#highlighter.dispose();
  }
}
