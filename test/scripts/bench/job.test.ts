// What Xen's Dom0 is told to do. Catches domain ids that do not match the order of creation, and a
// job that changes from run to run (its hash finds the kept figures).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Workload } from "../../../scripts/bench/workload.ts";
import { domainIds, jobArchive } from "../../../scripts/bench/xen-job.ts";

const folder = mkdtempSync(join(tmpdir(), "job-test-"));
const kernel = join(folder, "guest.elf");
writeFileSync(kernel, "kernel");
afterAll(() => rmSync(folder, { recursive: true }));

const workload = (name: string, count: number): Workload => ({
  name,
  count,
  guests: (domains) =>
    domains.map((domain, index) => {
      const commandLine = `me=${domain} peers=${domains.join(",")}`;
      return { name: `${name}${index}`, kernel, commandLine, memoryMib: 16 };
    }),
});

describe("the Dom0's job", () => {
  const workloads = [workload("a", 1), workload("b", 2)];
  const archive = Buffer.from(jobArchive(workloads)).toString("latin1");

  it("numbers domains in the order of their creation", () => {
    expect(domainIds(workloads)).toEqual([[1], [2, 3]]);
    expect(archive).toContain('cmdline = "me=3 peers=2,3"');
  });

  it("creates the guests of one workload paused, and lets them go together", () => {
    const script = archive.slice(archive.indexOf("xl create -F"));
    const order = ["a0.cfg", "-p /g/b0.cfg", "-p /g/b1.cfg", "unpause b0", "unpause b1", "wait"];
    const places = order.map((text) => script.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  it("is the same bytes every time", () => {
    expect(Buffer.from(jobArchive(workloads)).toString("latin1")).toBe(archive);
  });
});
