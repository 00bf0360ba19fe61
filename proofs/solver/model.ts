/** Reads the constants of a model in SMT-LIB's form or in Z3's ("name -> value"). */
export function parseModel(text: string): ReadonlyMap<string, bigint> {
  const model = new Map<string, bigint>();
  const value = "(#x[0-9a-fA-F]+|#b[01]+|true|false|\\(_ bv[0-9]+ [0-9]+\\))";
  const standard = new RegExp(
    `\\(define-fun\\s+(\\S+)\\s+\\(\\)\\s+(?:Bool|\\(_ BitVec [0-9]+\\))\\s+${value}\\s*\\)`,
    "g",
  );
  const arrows = new RegExp(`^(\\S+) -> ${value}$`, "gm");
  for (const pattern of [standard, arrows]) {
    for (const [, name, literal] of text.matchAll(pattern)) {
      model.set(name!.replace(/^\|(.*)\|$/, "$1"), parseValue(literal!));
    }
  }
  return model;
}

function parseValue(literal: string): bigint {
  if (literal === "true") return 1n;
  if (literal === "false") return 0n;
  if (literal.startsWith("#")) return BigInt(`0${literal.slice(1)}`);
  return BigInt(/bv([0-9]+)/.exec(literal)![1]!);
}
