/**
 * Checks certificates: that a path is one, or that a set is closed, by the plainest means and with
 * nothing of the rest of the analysis. Given the same problem, it need not trust how an answer was
 * found.
 */

interface Edge {
  readonly from: number;
  readonly to: number;
  /** Alternatives of conditions: 2c + 2 for condition c, 2c + 1 for its opposite. */
  readonly ways: readonly (readonly number[])[];
}

type Condition =
  | { readonly kind: "boolean"; readonly boolean: number }
  | { readonly kind: "not"; readonly operand: Condition }
  | {
      readonly kind: "and" | "or" | "xor" | "eq" | "neq";
      readonly left: Condition;
      readonly right: Condition;
    };

interface Problem {
  readonly conditions: readonly Condition[];
  readonly edges: readonly Edge[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly through: readonly number[];
}

type Closed =
  | { readonly kind: "closed"; readonly nodes: readonly number[] }
  | {
      readonly kind: "split";
      readonly boolean: number;
      readonly whenTrue: Closed;
      readonly whenFalse: Closed;
    };

type Proof =
  | Closed
  | {
      readonly kind: "path";
      readonly nodes: readonly number[];
      readonly booleans: readonly boolean[];
    };

type Values = readonly (boolean | undefined)[];

/** What is wrong with a certificate; undefined if it proves its verdict. */
export function verifyCertificate(problem: Problem, proof: Proof): string | undefined {
  return proof.kind === "path" ? verifyPath(problem, proof) : verifyClosed(problem, proof, []);
}

function verifyPath(
  { conditions, edges, from, to, through }: Problem,
  { nodes, booleans }: Extract<Proof, { kind: "path" }>,
): string | undefined {
  if (nodes.length < 2) return "a path has at least one step";
  if (!from.includes(nodes[0])) return "the path does not begin where the question does";
  if (!to.includes(nodes[nodes.length - 1])) return "the path does not end where the question does";
  for (const [index, node] of nodes.entries()) {
    if (through.includes(node)) return `node ${node} is one that the flow may pass through`;
    if (index === 0) continue;
    const before = nodes[index - 1];
    const isStep = edges.some(
      (edge) =>
        edge.from === before &&
        edge.to === node &&
        edge.ways.some((way) => way.every((each) => literal(conditions, each, booleans) === true)),
    );
    if (!isStep) return `there is no step from node ${before} to node ${node}`;
  }
  return undefined;
}

/** Under the values so far, nothing leaves the set, and what is asked for is not in it. */
function verifyClosed(problem: Problem, proof: Closed, values: Values): string | undefined {
  if (proof.kind === "split") {
    const { boolean, whenTrue, whenFalse } = proof;
    const [yes, no] = [[...values], [...values]];
    yes[boolean] = true;
    no[boolean] = false;
    return verifyClosed(problem, whenTrue, yes) ?? verifyClosed(problem, whenFalse, no);
  }
  const inside = new Set(proof.nodes);
  const through = new Set(problem.through);
  const origins = new Set([...problem.from, ...proof.nodes]);
  for (const node of problem.to) if (inside.has(node)) return `node ${node} is in the closed set`;
  for (const { from, to, ways } of problem.edges) {
    if (!origins.has(from) || inside.has(to) || through.has(to)) continue;
    const canBe = ways.some((way) =>
      way.every((each) => literal(problem.conditions, each, values) !== false),
    );
    if (canBe) return `the step from node ${from} to node ${to} leaves the set`;
  }
  return undefined;
}

/** A condition's value; undefined while the values so far leave it open. */
function literal(
  conditions: readonly Condition[],
  number: number,
  values: Values,
): boolean | undefined {
  const value = evaluate(conditions[(number - 1) >>> 1], values);
  if (value === undefined) return undefined;
  return number % 2 === 0 ? value : !value;
}

function evaluate(condition: Condition, values: Values): boolean | undefined {
  if (condition.kind === "boolean") return values[condition.boolean];
  if (condition.kind === "not") {
    const operand = evaluate(condition.operand, values);
    return operand === undefined ? undefined : !operand;
  }
  const left = evaluate(condition.left, values);
  const right = evaluate(condition.right, values);
  if (condition.kind === "and" && (left === false || right === false)) return false;
  if (condition.kind === "or" && (left === true || right === true)) return true;
  if (left === undefined || right === undefined) return undefined;
  if (condition.kind === "and") return left && right;
  if (condition.kind === "or") return left || right;
  return (left === right) === (condition.kind === "eq");
}
