// What a campaign shows while it runs: one line that changes on a terminal, now and then a line
// elsewhere, or lines of JSON.

import pc from "picocolors";
import type { Progress } from "../campaign/campaign.ts";
import type { Finding } from "../campaign/store.ts";

const LINE_MILLISECONDS = 10_000;

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** The figures of all jobs together: what they share counts once, as the largest. */
function together(figures: readonly Progress[]): Progress {
  const sum = (of: (one: Progress) => number) => figures.reduce((all, one) => all + of(one), 0);
  const most = (of: (one: Progress) => number) => Math.max(0, ...figures.map(of));
  return {
    executions: sum(({ executions }) => executions),
    calls: sum(({ calls }) => calls),
    edges: most(({ edges }) => edges),
    edgesAll: most(({ edgesAll }) => edgesAll),
    clauses: most(({ clauses }) => clauses),
    corpus: most(({ corpus }) => corpus),
    findings: most(({ findings }) => findings),
    seconds: most(({ seconds }) => seconds),
    sinceNew: Math.min(...figures.map(({ sinceNew }) => sinceNew)),
  };
}

function lineOf(figures: readonly Progress[]): string {
  const all = together(figures);
  const rate = Math.round(all.calls / Math.max(all.seconds, 0.001));
  return (
    `${duration(all.seconds)}  ${all.executions} programs  ${all.calls} calls (${rate}/s)  ` +
    `edges ${all.edges}/${all.edgesAll}  clauses ${all.clauses}  corpus ${all.corpus}  ` +
    `findings ${all.findings}  new edge ${duration(all.sinceNew)} ago`
  );
}

export class View {
  readonly #json: boolean;
  readonly #figures: Progress[] = [];
  readonly #isTerminal = process.stderr.isTTY === true && process.env.CI === undefined;
  #lineAt = Date.now();

  constructor(json: boolean) {
    this.#json = json;
  }

  progress(job: number, figures: Progress): void {
    this.#figures[job] = figures;
    if (this.#json) {
      process.stdout.write(`${JSON.stringify({ kind: "progress", job, ...figures })}\n`);
      return;
    }
    const known = this.#figures.filter((one) => one !== undefined);
    if (this.#isTerminal) process.stderr.write(`\r\u001b[K${lineOf(known)}`);
    else if (Date.now() - this.#lineAt >= LINE_MILLISECONDS) {
      this.#lineAt = Date.now();
      process.stderr.write(`fuzz: ${lineOf(known)}\n`);
    }
  }

  finding({ id, oracle, operation, says }: Finding): void {
    if (this.#json) return;
    const clear = this.#isTerminal ? "\r\u001b[K" : "";
    process.stderr.write(`${clear}${pc.red("found")} ${id} ${oracle}: ${operation}: ${says}\n`);
  }

  end(): void {
    if (this.#isTerminal && !this.#json) process.stderr.write("\n");
  }

  /** What is told at the end. */
  summary(figures: readonly Progress[], findings: number, corpus: string): string {
    const found = findings === 0 ? "nothing found" : `${findings} found`;
    return `${lineOf(figures)}\n${found}; corpus and findings are in ${corpus}\n`;
  }
}
