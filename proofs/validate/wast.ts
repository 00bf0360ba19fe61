/** A parsed S-expression of the script format: an atom (strings with their quotes) or a list. */
export type Expression = string | readonly Expression[];

const TOKEN = /\s+|;;[^\n]*|[()]|"(?:[^"\\]|\\.)*"|[^\s()";]+/y;

/** Reads the top-level expressions of a script. Annotations and block comments are dropped. */
export function parseScript(text: string): readonly Expression[] {
  const source = withoutBlockComments(text);
  const stack: Expression[][] = [[]];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(source)?.[0];
    if (token === undefined) throw new Error(`unreadable text at ${at}`);
    if (token === "(") stack.push([]);
    else if (token === ")") {
      const done = stack.pop()!;
      const outer = stack[stack.length - 1];
      if (outer === undefined) throw new Error(`unbalanced parenthesis at ${at}`);
      outer.push(done);
    } else if (!/^(\s|;)/.test(token)) stack[stack.length - 1]!.push(token);
  }
  if (stack.length !== 1) throw new Error("the script ends inside an expression");
  return stack[0]!;
}

/** Block comments nest, and strings may hold their marks. */
function withoutBlockComments(text: string): string {
  let result = "";
  let depth = 0;
  const pattern = /"(?:[^"\\]|\\.)*"|;;[^\n]*|\(;|;\)|[\s\S]/g;
  for (const [token] of text.matchAll(pattern)) {
    if (token === "(;") depth++;
    else if (token === ";)" && depth > 0) depth--;
    else if (depth === 0) result += token;
  }
  return result;
}

/** The text of an expression. */
export function printExpression(expression: Expression): string {
  if (typeof expression === "string") return expression;
  return `(${expression.map(printExpression).join(" ")})`;
}

/** All atoms below an expression. */
export function atoms(expression: Expression): readonly string[] {
  return typeof expression === "string" ? [expression] : expression.flatMap(atoms);
}

export function head(expression: Expression): string {
  const first = typeof expression === "string" ? undefined : expression[0];
  return typeof first === "string" ? first : "";
}
