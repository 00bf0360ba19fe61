// A file of tests, test by test: a test that is added to a file, or changed, leaves what is known
// of the others as it is.

import ts from "typescript";
import { hashOfTokens, parse, textOf } from "./source.ts";

interface TestText {
  /** Matches the names that the runner gives to it. */
  readonly name: RegExp;
  readonly text: string;
}

/** The function whose call this is: it, it.each(...), it.skipIf(...), describe ... */
function calledBy(node: ts.CallExpression): string {
  let at: ts.Expression = node.expression;
  while (ts.isCallExpression(at) || ts.isPropertyAccessExpression(at)) at = at.expression;
  return ts.isIdentifier(at) ? at.text : "";
}

/** A title as a pattern: what is filled in for each row may be anything. */
function patternOf(title: string): string {
  return title
    .split(/%[a-zA-Z#]|\$[\w.]+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
}

const titleOf = (node: ts.CallExpression): string | undefined => {
  const [title, body] = node.arguments;
  const isFull = body !== undefined && title !== undefined;
  return isFull && ts.isStringLiteralLike(title) ? textOf(title) : undefined;
};

/** The tests of a file by name, and what is around them. */
export class TestCode {
  readonly #tests: TestText[] = [];
  readonly #whole: string;
  #around: string;

  constructor(file: string) {
    const source = parse(file);
    this.#whole = source.text;
    this.#around = source.text;
    this.#collect(source, []);
  }

  #collect(node: ts.Node, outer: readonly string[]): void {
    ts.forEachChild(node, (child) => {
      const name = ts.isCallExpression(child) ? calledBy(child) : "";
      const title = ts.isCallExpression(child) ? titleOf(child) : undefined;
      if (title === undefined || !/^(it|test|describe)$/.test(name)) {
        this.#collect(child, outer);
        return;
      }
      const path = [...outer, patternOf(title)];
      if (name === "describe") this.#collect(child, path);
      else this.#add(child, path);
    });
  }

  #add(node: ts.Node, path: readonly string[]): void {
    const text = node.getText();
    this.#tests.push({ name: new RegExp(`^${path.join(" > ")}$`, "s"), text });
    this.#around = this.#around.replace(text, () => "");
  }

  /** Hash of a test with what is around all tests; of the whole file if it is not known by name. */
  hash(name: string): string {
    const own = this.#tests.filter((one) => one.name.test(name));
    if (own.length === 0) return hashOfTokens(this.#whole);
    return hashOfTokens([this.#around, ...own.map(({ text }) => text)].join("\n"));
  }

  /** Whether a test of that name can be found in the file. */
  has(name: string): boolean {
    return this.#tests.some((one) => one.name.test(name));
  }
}
