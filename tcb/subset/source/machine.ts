// The list of imports that machine.ts declares, in the binary's own types.

import * as assemblyscript from "assemblyscript";
import type { Expectation } from "../binary/check.ts";
import { parseFile, type SourceFile } from "./compiler.ts";

/** The binary's type for a scalar type of the source. */
function binaryType(type: assemblyscript.TypeNode): string[] {
  const name = type instanceof assemblyscript.NamedTypeNode ? type.name.identifier.text : "";
  if (name === "void") return [];
  return [name === "u64" || name === "i64" ? "i64" : "i32"];
}

/** Name under which a declaration is imported: the second argument of its @external. */
function externalName(node: assemblyscript.FunctionDeclaration): string | undefined {
  for (const { decoratorKind, args } of node.decorators ?? []) {
    const name = args?.at(-1);
    if (decoratorKind === assemblyscript.DecoratorKind.External) {
      return name instanceof assemblyscript.StringLiteralExpression ? name.value : node.name.text;
    }
  }
  return undefined;
}

/** The functions that a file declares with @external. */
export function declaredImports(file: SourceFile): Expectation["imports"] {
  return parseFile(file).statements.flatMap((statement) => {
    if (!(statement instanceof assemblyscript.FunctionDeclaration)) return [];
    const name = externalName(statement);
    if (name === undefined) return [];
    const { parameters, returnType } = statement.signature;
    return [
      {
        name,
        parameters: parameters.flatMap(({ type }) => binaryType(type)),
        results: binaryType(returnType),
      },
    ];
  });
}
