// A child process with its own instance of Z3. Only the calls below are safe in this build of Z3:
// texts are parsed synchronously, the check is awaited alone, every query has its own context, and
// no object of the high-level interface exists whose finaliser could run during a check.

import { init } from "z3-solver";

export interface Request {
  readonly id: number;
  readonly text: string;
  readonly timeoutMs: number;
  readonly effort?: number;
  readonly wantModel: boolean;
}

export interface Response {
  readonly id: number;
  readonly verdict: "unsat" | "sat" | "unknown" | "error";
  readonly model?: string;
  readonly detail?: string;
  /** Processor time, in milliseconds. */
  readonly ms?: number;
}

export interface Ready {
  readonly ready: string;
}

type Z3 = Awaited<ReturnType<typeof init>>["Z3"];

async function answer(z3: Z3, request: Request): Promise<Response> {
  const { id } = request;
  const config = z3.mk_config();
  const context = z3.mk_context_rc(config);
  z3.del_config(config);
  try {
    const solver = solverFor(z3, context, logicOf(request.text));
    z3.solver_inc_ref(context, solver);
    const parameters = z3.mk_params(context);
    z3.params_inc_ref(context, parameters);
    const limits = { timeout: request.timeoutMs, rlimit: request.effort };
    for (const [name, value] of Object.entries(limits)) {
      if (value === undefined) continue;
      z3.params_set_uint(context, parameters, z3.mk_string_symbol(context, name), value);
    }
    z3.solver_set_params(context, solver, parameters);
    z3.params_dec_ref(context, parameters);
    z3.solver_from_string(context, solver, request.text);
    const problem = z3.get_error_code(context);
    if (problem !== 0) return { id, verdict: "error", detail: z3.get_error_msg(context, problem) };
    const missing = missingAssertions(z3, context, solver, request.text);
    if (missing !== 0) return { id, verdict: "error", detail: `${missing} assertions were lost` };
    const verdict = await z3.solver_check(context, solver);
    const failure = z3.get_error_code(context);
    if (failure !== 0) return { id, verdict: "error", detail: z3.get_error_msg(context, failure) };
    if (verdict === 0) {
      return { id, verdict: "unknown", detail: z3.solver_get_reason_unknown(context, solver) };
    }
    if (verdict < 0) return { id, verdict: "unsat" };
    if (!request.wantModel) return { id, verdict: "sat" };
    return { id, verdict: "sat", model: modelText(z3, context, solver) };
  } finally {
    z3.del_context(context);
  }
}

/** The logic that a text names; with functions if it names none. */
const logicOf = (text: string): string => /^\(set-logic (\w+)\)/m.exec(text)?.[1] ?? "QF_UFBV";

/** What decides bits alone fastest, in this order. */
const STEPS = ["simplify", "propagate-values", "solve-eqs", "bit-blast", "sat"];

/** Z3's own choice for a logic; for bits alone, steps that cost less to set up. */
function solverFor(z3: Z3, context: Context, logic: string): Z3Solver {
  if (logic !== "QF_BV") {
    return z3.mk_solver_for_logic(context, z3.mk_string_symbol(context, logic));
  }
  const [first, ...rest] = STEPS.map((name) => {
    const tactic = z3.mk_tactic(context, name);
    z3.tactic_inc_ref(context, tactic);
    return tactic;
  });
  const all = rest.reduce((done, next) => {
    const both = z3.tactic_and_then(context, done, next);
    z3.tactic_inc_ref(context, both);
    return both;
  }, first!);
  return z3.mk_solver_from_tactic(context, all);
}

type Context = ReturnType<Z3["mk_context_rc"]>;
type Z3Solver = ReturnType<Z3["mk_solver_for_logic"]>;

/** A text that was damaged on its way may still parse; then it has lost or gained assertions. */
function missingAssertions(z3: Z3, context: Context, solver: Z3Solver, text: string): number {
  const assertions = z3.solver_get_assertions(context, solver);
  z3.ast_vector_inc_ref(context, assertions);
  const count = z3.ast_vector_size(context, assertions);
  z3.ast_vector_dec_ref(context, assertions);
  return (text.match(/^\(assert /gm) ?? []).length - count;
}

function modelText(z3: Z3, context: Context, solver: Z3Solver): string {
  const model = z3.solver_get_model(context, solver);
  z3.model_inc_ref(context, model);
  const text = z3.model_to_string(context, model);
  z3.model_dec_ref(context, model);
  return text;
}

async function main(): Promise<void> {
  const { Z3 } = await init();
  let busy: Promise<void> = Promise.resolve();
  process.on("message", (request: Request) => {
    busy = busy.then(async () => {
      const before = process.cpuUsage();
      const response = await answer(Z3, request);
      const { user, system } = process.cpuUsage(before);
      process.send?.({ ...response, ms: (user + system) / 1000 });
    });
    // Whatever went wrong, this instance is not to be trusted with another query.
    busy.catch(() => process.exit(3));
  });
  process.on("disconnect", () => process.exit(0));
  const ready: Ready = { ready: Z3.get_full_version() };
  process.send?.(ready);
}

void main();
