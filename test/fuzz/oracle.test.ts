// The oracles on the real core and on one with mistakes: catches an oracle that is blind, a finding
// that does not come back, and a world that a program leaves changed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Campaign } from "../../fuzz/campaign/campaign.ts";
import { explain } from "../../fuzz/campaign/explain.ts";
import { distil } from "../../fuzz/campaign/merge.ts";
import { testOf } from "../../fuzz/campaign/promote.ts";
import { type Finding, Store } from "../../fuzz/campaign/store.ts";
import { fastCheckEngine } from "../../fuzz/engine/fast-check.ts";
import { linkFuzzingCopy } from "../../fuzz/instrument/link.ts";
import { Oracles } from "../../fuzz/oracle/index.ts";
import { Chance, generate } from "../../fuzz/program/generate.ts";
import { decode } from "../../fuzz/program/program.ts";
import { HypercallTarget } from "../../fuzz/targets/hypercall.ts";
import type { Taken, Violation } from "../../fuzz/world/executor.ts";
import { columns } from "../../tcb/core/layout.ts";
import { built, realTarget } from "./judged.ts";
import { compileVariant } from "./variant.ts";

const OPEN = "d1v0 evtchn_alloc_unbound(domain=0x7ff0, remote=2)";

describe.skipIf(!built)("the real core (skipped unless built)", () => {
  it("comes to nothing in random programs, and is as it was after each", () => {
    const target = realTarget();
    const { machine } = target.world;
    const linear = () => Buffer.from(machine.bytes.subarray(0, 0x800000));
    const before = Buffer.from(linear());
    const chance = new Chance(21);
    for (let round = 0; round < 150; round++) {
      const bytes = generate(chance);
      const { failure } = target.run(bytes);
      expect(failure && `${failure.says}\n${target.text(bytes)}`).toBeUndefined();
    }
    expect(linear().equals(before)).toBe(true);
  });

  it("keeps what adds features, and no more", () => {
    const target = realTarget();
    const input = target.parse(OPEN);
    const more = target.parse(`${OPEN}\nd1v0 evtchn_close(port=last)`);
    expect(distil(target, [more, input, more, input])).toEqual([input, more]);
  });
});

describe.skipIf(!built)("each oracle (skipped unless built)", () => {
  /** Judges a step that says of itself that it ended so, after `harm` was done. */
  function judgedAfter(harm: (target: HypercallTarget) => void, ended?: Taken["ended"]) {
    const target = realTarget();
    const { machine } = target.world;
    const oracles = new Oracles(machine, ["safety", "isolation", "invariants"]);
    const from = machine.logEnd;
    harm(target);
    const how = ended ?? { how: "done" as const };
    const taken: Taken = { door: "exit", vcpu: 0, ended: how, from, chosen: 0 };
    const violation = oracles.judge(taken) ?? oracles.settle();
    target.world.reset();
    return violation as Violation | undefined;
  }
  const column = (name: string, row: number): number => {
    const { base, stride } = columns.find((one) => one.name === name)!;
    return base + row * stride;
  };

  it("sees a trap", () => {
    const ended = { how: "trap", why: "unreachable", functions: "xsm/decide" } as const;
    expect(judgedAfter(() => {}, ended)?.oracle).toBe("trap");
  });

  it("sees a store in a red zone", () => {
    const harm = ({ world }: HypercallTarget) => world.machine.poke(column("portFullWord", 64), 1);
    expect(judgedAfter(harm)?.oracle).toBe("red zone");
  });

  it("sees a change of the watched domain", () => {
    const harm = ({ world }: HypercallTarget) => world.machine.poke(column("domainFrames", 3), 9);
    expect(judgedAfter(harm)).toMatchObject({ oracle: "isolation", about: "domainFrames" });
  });

  it("sees a row that breaks an invariant, also of another table", () => {
    const harm = ({ world }: HypercallTarget) => world.machine.poke(column("runnableWord", 0), 0);
    expect(judgedAfter(harm)).toMatchObject({ oracle: "invariant", about: "INV-RUNNABLE-1" });
  });
});

describe.skipIf(!built)("a campaign on a core with a mistake (skipped unless built)", () => {
  let folder: string;
  let target: HypercallTarget;
  let finding: Finding;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "xenolith-fuzz-"));
    const core = compileVariant([
      {
        file: "event_channel.ts",
        right: "  column.setPortState(other, PORT_INTERDOMAIN);\n",
        wrong: "",
      },
    ]);
    writeFileSync(join(folder, "core.wasm"), core);
    target = new HypercallTarget(core);
    const options = {
      seconds: 60,
      seed: 1,
      core: "planted",
      untilFound: true,
      guided: true,
      ofCpu: false,
    };
    await new Campaign(target, new Store(folder), options).run(fastCheckEngine);
    finding = new Store(folder).findings()[0]!;
    return () => rmSync(folder, { recursive: true });
  });

  it("finds it and makes it small", () => {
    expect(finding.oracle).toBe("specification");
    expect(finding.operation).toBe("evtchn_bind_interdomain");
    expect(decode(Buffer.from(finding.bytes, "hex")).length).toBe(2);
  });

  it("tells it step by step, with what it changed and the clause that it breaks", () => {
    const text = explain(target, Buffer.from(finding.bytes, "hex"));
    expect(text).toContain("evtchn_bind_interdomain(");
    expect(text).toContain("portState[");
    expect(text).toMatch(/specification \(EVTCHN-[A-Z]+-\d\)/);
  });

  it("finds it as well in a world that ran another core before, and no more in the real one", () => {
    const real = realTarget();
    const input = Buffer.from(finding.bytes, "hex");
    real.become(new Uint8Array(readFileSync(join(folder, "core.wasm"))));
    expect(real.run(input).failure).toMatchObject({ operation: "evtchn_bind_interdomain" });
    real.become(new Uint8Array(readFileSync(new URL("../../build/core.wasm", import.meta.url))));
    expect(real.run(input).failure).toBeUndefined();
  });

  it("writes it as a test", () => {
    const text = testOf(finding);
    expect(text).toContain(finding.text.split("\n")[0]);
    expect(text).toContain("toBeUndefined()");
  });
});

it.skipIf(!built)("the copy for fuzzing keeps the core's functions (skipped unless built)", () => {
  const core = new Uint8Array(readFileSync(new URL("../../build/core.wasm", import.meta.url)));
  const copy = linkFuzzingCopy(core);
  expect(copy.counters).toBeGreaterThan(1000);
  expect(linkFuzzingCopy(core, true).counters).toBeGreaterThan(copy.counters);
  expect(() => linkFuzzingCopy(core.subarray(0, 100))).toThrow();
});
