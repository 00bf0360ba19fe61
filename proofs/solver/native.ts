import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { parseModel } from "./model.ts";
import { Queue } from "./queue.ts";
import {
  checkText,
  DEFAULT_MEMORY_MEGABYTES,
  DEFAULT_WORKERS,
  type SolveOptions,
  type SolveResult,
  type Solver,
  type SolverOptions,
  type Verdict,
} from "./types.ts";

type NativeName = "z3" | "cvc5";

/** After its own time-out a process gets this long to say so before it is killed. */
const GRACE_MILLISECONDS = 2000;

/** A way to put a query. */
interface Way {
  readonly words: readonly string[];
  /** It is given up after so many seconds of processor time. */
  readonly seconds?: number;
}

/** Ways to put a query, one after the other until there is an answer. */
type Ways = (options: SolveOptions, text: string) => readonly Way[];

/** cvc5 has no count of what it does that fits Z3's; it gets about ten times Z3's own time. */
const CVC5_EFFORT_A_SECOND = 400_000;
/** What it can not do in so many seconds, its SAT solver alone mostly does sooner. */
const CVC5_QUICK_SECONDS = 3;

const commands: Record<NativeName, Ways> = {
  z3: ({ timeoutMs, effort }) => [
    {
      words: [
        ...["-in", "-smt2", `-t:${timeoutMs}`],
        ...(effort === undefined ? [] : [`rlimit=${effort}`]),
      ],
    },
  ],
  cvc5: ({ timeoutMs, wantModel }, text) => {
    const end = [`--tlimit-per=${timeoutMs}`, ...(wantModel ? ["--produce-models"] : []), "-"];
    const plain = { words: ["--lang=smt2", ...end] };
    // Of texts of bits alone, some are better off with its SAT solver at once.
    const isBits = text.includes("(set-logic QF_BV)");
    const eager = { words: ["--lang=smt2", "--bitblast=eager", ...end] };
    return isBits ? [{ ...plain, seconds: CVC5_QUICK_SECONDS }, eager, plain] : [plain];
  },
};

/** Seconds of processor time for a process, whatever else the machine does; none if not limited. */
function processorSeconds(name: NativeName, { effort }: SolveOptions): number | undefined {
  if (name === "z3" || effort === undefined) return undefined;
  return Math.ceil(effort / CVC5_EFFORT_A_SECOND);
}

/** A solver that is installed on this machine; each query has a process of its own. */
export class NativeSolver implements Solver {
  readonly name: NativeName;
  readonly #memory: number;
  readonly #queue: Queue;
  readonly #running = new Set<ChildProcess>();
  #version: Promise<string> | undefined;

  constructor(name: NativeName, options: SolverOptions = {}) {
    this.name = name;
    this.#memory = options.memoryMegabytes ?? DEFAULT_MEMORY_MEGABYTES;
    this.#queue = new Queue(options.workers ?? DEFAULT_WORKERS);
  }

  version(): Promise<string> {
    this.#version ??= nativeVersion(this.name);
    return this.#version;
  }

  async solve(text: string, options: SolveOptions): Promise<SolveResult> {
    checkText(text);
    const version = await this.version();
    const model = options.wantModel ? "(get-model)\n" : "";
    return this.#queue.run(async () => {
      const started = performance.now();
      const input = `${text}(check-sat)\n${model}`;
      let answer: Answer = { verdict: "error", detail: "it was not asked" };
      for (const way of commands[this.name](options, input)) {
        answer = await this.#execute(input, way, options);
        if (answer.verdict !== "unknown") break;
      }
      const ms = performance.now() - started;
      return { ...answer, ms, solver: this.name, version };
    });
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
  }

  #execute(input: string, { words, seconds: most }: Way, options: SolveOptions): Promise<Answer> {
    const seconds = most ?? processorSeconds(this.name, options);
    const time = seconds === undefined ? "" : `ulimit -S -t ${seconds}; `;
    const limit = `${time}ulimit -v ${this.#memory * 1024}; exec "$0" "$@"`;
    const child = spawn("/bin/sh", ["-c", limit, this.name, ...words], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#running.add(child);
    return new Promise((resolve) => {
      let output = "";
      let isLate = false;
      const guard = setTimeout(() => {
        isLate = true;
        child.kill("SIGKILL");
      }, options.timeoutMs + GRACE_MILLISECONDS);
      const collect = (part: Buffer) => {
        output += part.toString();
      };
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      // A solver that dies early closes the pipe; its exit says why.
      child.stdin.on("error", () => undefined);
      child.on("error", (error) => resolve({ verdict: "error", detail: error.message }));
      child.on("close", (code, signal) => {
        clearTimeout(guard);
        this.#running.delete(child);
        if (isLate) resolve({ verdict: "unknown", detail: "time-out; the process was killed" });
        else resolve(answerOf(output, code, signal));
      });
      child.stdin.end(input);
    });
  }
}

type Answer = Pick<SolveResult, "verdict" | "model" | "detail">;

/** The verdict is the first line; anything odd in the output makes it an error. */
function answerOf(output: string, code: number | null, signal: string | null): Answer {
  const first = output.split("\n", 1)[0]!.trim();
  const verdict = ["sat", "unsat", "unknown"].find((known) => known === first);
  // cvc5 says so and then aborts.
  if (/timeout|interrupted/.test(first)) return { verdict: "unknown", detail: "time-out" };
  if (signal === "SIGXCPU") return { verdict: "unknown", detail: "time-out" };
  if (signal !== null) return { verdict: "error", detail: `killed by ${signal}` };
  // Asking an unsatisfiable query for a model is the one complaint that is expected.
  const complaints = output
    .split("\n")
    .filter(
      (line) => line.includes("(error") && !/model is not available|cannot get model/i.test(line),
    );
  if (verdict === undefined || complaints.length > 0) {
    return { verdict: "error", detail: output.slice(0, 400) || `exit code ${code}` };
  }
  if (verdict === "sat") return { verdict, model: parseModel(output) };
  return verdict === "unknown" ? { verdict, detail: "gave up" } : { verdict: verdict as Verdict };
}

async function nativeVersion(name: NativeName): Promise<string> {
  const { stdout } = await promisify(execFile)(name, ["--version"]);
  return /[0-9]+(\.[0-9]+)+/.exec(stdout)?.[0] ?? "unknown";
}

/** Is the program there? */
export async function isInstalled(name: NativeName): Promise<boolean> {
  try {
    await nativeVersion(name);
    return true;
  } catch {
    return false;
  }
}
