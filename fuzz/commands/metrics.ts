// Figures of a running campaign for Prometheus, in its text format (version 0.0.4).

import { createServer, type Server } from "node:http";
import type { Progress } from "../campaign/campaign.ts";

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly value: (progress: Progress) => number;
}

const metrics: readonly Metric[] = [
  {
    name: "xenolith_fuzz_executions_total",
    type: "counter",
    help: "Inputs that were run.",
    value: ({ executions }) => executions,
  },
  {
    name: "xenolith_fuzz_calls_total",
    type: "counter",
    help: "Calls that these made.",
    value: ({ calls }) => calls,
  },
  {
    name: "xenolith_fuzz_edges",
    type: "gauge",
    help: "Edges of the core that were reached.",
    value: ({ edges }) => edges,
  },
  {
    name: "xenolith_fuzz_clauses",
    type: "gauge",
    help: "Clauses of the specification that were reached.",
    value: ({ clauses }) => clauses,
  },
  {
    name: "xenolith_fuzz_corpus",
    type: "gauge",
    help: "Inputs that are kept.",
    value: ({ corpus }) => corpus,
  },
  {
    name: "xenolith_fuzz_findings",
    type: "gauge",
    help: "Findings, each counted once.",
    value: ({ findings }) => findings,
  },
  {
    name: "xenolith_fuzz_since_new_seconds",
    type: "gauge",
    help: "Seconds since an input reached something new.",
    value: ({ sinceNew }) => sinceNew,
  },
];

/** The metrics of jobs as text; `job` is a label. */
export function metricsText(jobs: ReadonlyMap<number, Progress>): string {
  return metrics
    .flatMap(({ name, type, help, value }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...[...jobs].map(([job, progress]) => `${name}{job="${job}"} ${value(progress)}`),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

/** Serves /metrics on this machine's loopback until it is closed. Rejects when the port is taken. */
export async function serveMetrics(
  port: number,
  jobs: ReadonlyMap<number, Progress>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const isKnown = request.url === "/metrics";
    response.writeHead(isKnown ? 200 : 404, { "content-type": "text/plain; version=0.0.4" });
    response.end(isKnown ? metricsText(jobs) : "only /metrics is here\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  // The campaign ends when its jobs do.
  server.unref();
  return server;
}
