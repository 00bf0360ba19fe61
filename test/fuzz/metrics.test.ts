// Figures for Prometheus: catches a metric without its help, a job that is left out, and a server
// that answers for what it does not have.

import { expect, it } from "vitest";
import { metricsText, serveMetrics } from "../../fuzz/commands/metrics.ts";

const progress = {
  executions: 7,
  calls: 154,
  edges: 20,
  edgesAll: 30,
  clauses: 5,
  corpus: 3,
  findings: 1,
  seconds: 2,
  sinceNew: 0.5,
};
const jobs = new Map([
  [0, progress],
  [1, { ...progress, executions: 9 }],
]);

it("tells each job's figures in Prometheus's text format", () => {
  const lines = metricsText(jobs).trimEnd().split("\n");
  expect(lines).toContain('xenolith_fuzz_executions_total{job="0"} 7');
  expect(lines).toContain('xenolith_fuzz_executions_total{job="1"} 9');
  const names = new Set(lines.map((line) => /xenolith_fuzz_\w+/.exec(line)![0]));
  for (const name of names) {
    expect(lines.filter((line) => line.startsWith(`# HELP ${name} `)).length).toBe(1);
    expect(lines.filter((line) => line.startsWith(`# TYPE ${name} `)).length).toBe(1);
  }
});

it("serves them, and nothing else", async () => {
  const server = await serveMetrics(0, jobs);
  try {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await answer.text()).toBe(metricsText(jobs));
    expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404);
  } finally {
    server.close();
  }
});
