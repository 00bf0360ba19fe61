// Binaryen's expressions of the kinds that a core may hold, one way to reach the children of each.
// The package has accessors at run time that its types do not describe.

import binaryen from "binaryen";

type Expression = number;

/** Children of each kind in the order in which they are carried out. */
export const CHILDREN = {
  Block: [],
  If: ["Condition", "IfTrue", "IfFalse"],
  Loop: ["Body"],
  Break: ["Value", "Condition"],
  Switch: ["Value", "Condition"],
  Call: [],
  LocalGet: [],
  LocalSet: ["Value"],
  GlobalGet: [],
  Load: ["Ptr"],
  Store: ["Ptr", "Value"],
  Const: [],
  Unary: ["Value"],
  Binary: ["Left", "Right"],
  Select: ["IfTrue", "IfFalse", "Condition"],
  Drop: ["Value"],
  Return: ["Value"],
  MemoryCopy: ["Dest", "Source", "Size"],
  MemoryFill: ["Dest", "Value", "Size"],
  Nop: [],
  Unreachable: [],
} as const satisfies Record<string, readonly string[]>;

export type Kind = keyof typeof CHILDREN;

type Accessors = Record<string, (...values: number[]) => number>;
const api = binaryen as unknown as Record<string, Accessors> & Record<string, number>;

const kinds = new Map<number, Kind>(
  (Object.keys(CHILDREN) as Kind[]).map((kind) => [api[`${kind}Id`] as unknown as number, kind]),
);

/** The kind of an expression; Error for one that no core may hold. */
export function kindOf(expression: Expression): Kind {
  const id = binaryen.getExpressionId(expression);
  const kind = kinds.get(id as number);
  if (kind === undefined) throw new Error(`the core holds an expression of kind ${id}`);
  return kind;
}

/** Reads, replaces and inserts children. */
export const expressions = {
  get: (kind: Kind, child: string, parent: Expression): Expression =>
    api[kind]![`get${child}`]!(parent),
  set: (kind: Kind, child: string, parent: Expression, value: Expression): void => {
    api[kind]![`set${child}`]!(parent, value);
  },
  insert: (block: Expression, index: number, value: Expression): void => {
    api.Block!.insertChildAt!(block, index, value);
  },
  setBody: (reference: number, body: Expression): void => {
    api.Function!.setBody!(reference, body);
  },
} as const;

/** The children of an expression, in order. */
export function childrenOf(expression: Expression, kind: Kind): Expression[] {
  const info = binaryen.getExpressionInfo(expression);
  if (kind === "Block") return [...(info as binaryen.BlockInfo).children];
  if (kind === "Call") return [...(info as binaryen.CallInfo).operands];
  return CHILDREN[kind]
    .map((child) => expressions.get(kind, child, expression))
    .filter((child) => child !== 0);
}

/** May control leave the expression other than by its end? */
export function isExit(expression: Expression): boolean {
  const kind = kindOf(expression);
  if (["Break", "Switch", "Return", "Unreachable"].includes(kind)) return true;
  return childrenOf(expression, kind).some(isExit);
}
