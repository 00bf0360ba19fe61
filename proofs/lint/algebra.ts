// The rule that keeps the specification one text for numbers and for formulas: its files use an
// algebra of words and nothing of JavaScript that would look at a value. Run by a test.

import ts from "typescript";

export interface LintFinding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly instead: string;
}

/** Syntax that decides or repeats by itself. */
const refusedSyntax = new Map<ts.SyntaxKind, readonly [string, string]>([
  [ts.SyntaxKind.IfStatement, ["if", "s.when, s.branch or choose"]],
  [ts.SyntaxKind.ConditionalExpression, ["a ? b : c", "choose"]],
  [ts.SyntaxKind.SwitchStatement, ["switch", "s.select"]],
  [ts.SyntaxKind.ForStatement, ["for", "s.each or s.repeat"]],
  [ts.SyntaxKind.ForOfStatement, ["for", "s.each or s.repeat"]],
  [ts.SyntaxKind.ForInStatement, ["for", "s.each or s.repeat"]],
  [ts.SyntaxKind.WhileStatement, ["while", "s.repeat"]],
  [ts.SyntaxKind.DoStatement, ["do", "s.repeat"]],
  [ts.SyntaxKind.TryStatement, ["try", "s.attempt"]],
  [ts.SyntaxKind.AwaitExpression, ["await", "nothing: a step does not wait"]],
  [ts.SyntaxKind.ClassDeclaration, ["class", "functions and rows"]],
  [ts.SyntaxKind.NewExpression, ["new", "functions and rows"]],
  [ts.SyntaxKind.AsExpression, ["a type assertion", "the type that it has"]],
  [ts.SyntaxKind.TypeOfExpression, ["typeof", "types"]],
  [ts.SyntaxKind.PostfixUnaryExpression, ["++ or --", "add and sub"]],
]);

/** Operators that would look at a word; between constants of the text they are arithmetic. */
const constantOperators = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.SlashToken,
]);

/** A literal, a name in capitals (a limit or a number of the ABI), or arithmetic of such. */
function isConstant(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) return true;
  if (ts.isStringLiteral(node)) return true;
  if (ts.isParenthesizedExpression(node)) return isConstant(node.expression);
  if (ts.isIdentifier(node)) return /^[A-Z][A-Za-z0-9_]*$/.test(node.text);
  if (ts.isPropertyAccessExpression(node)) return node.expression.getText() === "abi";
  if (ts.isPrefixUnaryExpression(node)) return isConstant(node.operand);
  if (!ts.isBinaryExpression(node)) return false;
  return isConstant(node.left) && isConstant(node.right);
}

function refusal(node: ts.Node): readonly [string, string] | undefined {
  const syntax = refusedSyntax.get(node.kind);
  if (syntax !== undefined) return syntax;
  if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.Const)) {
    return ["a variable that changes", "const"];
  }
  if (ts.isPrefixUnaryExpression(node) && !isConstant(node)) {
    return [`${ts.tokenToString(node.operator)} of a value`, "not, xor(-1) or sub"];
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const operator = node.operatorToken.kind;
  const allowed = constantOperators.has(operator) && isConstant(node);
  if (allowed) return undefined;
  return [`operator ${node.operatorToken.getText()}`, "eq, lt, add, and, or, shl ..."];
}

/** What a file of the specification may not use, in order of appearance. */
export function lintSource(file: string, text: string): LintFinding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const findings: LintFinding[] = [];
  const visit = (node: ts.Node): void => {
    const found = refusal(node);
    if (found !== undefined) {
      const { line, character } = source.getLineAndCharacterOfPosition(node.getStart());
      const [what, instead] = found;
      findings.push({ file, line: line + 1, column: character + 1, what, instead });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** A finding as one line. */
export function describeFinding({ file, line, column, what, instead }: LintFinding): string {
  return `${file}:${line}:${column}: ${what} has no place in the specification; use ${instead}`;
}
