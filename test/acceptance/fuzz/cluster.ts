// fuzz.cluster: three workers over a Redis, of which one is killed every ten seconds.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Store } from "../../../fuzz/campaign/store.ts";
import { compileForSpeed } from "../../../fuzz/compile.ts";
import { HypercallTarget } from "../../../fuzz/targets/hypercall.ts";
import { compileVariant } from "../../fuzz/variant.ts";
import { startRedis, type TestRedis } from "../../jobs/redis-server.ts";
import type { Check, Outcome } from "../check.ts";
import { root, runProgram } from "../cli.ts";

const WORKERS = 3;
const SECONDS = 180;
const KILL_SECONDS = 10;
const XENOLITH = join(root, "bin/xenolith");
const TICKS_A_SECOND = 100;

/** So that there is something to find. */
const MISTAKES = [
  {
    file: "event_channel.ts",
    right: "  column.setPortState(other, PORT_INTERDOMAIN);\n",
    wrong: "",
  },
  { file: "event.ts", right: "exchange8(info, 1);", wrong: "exchange8(info, 0);" },
];

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** CPU seconds that a process has taken, with all its threads. */
function cpuOf({ pid }: ChildProcess): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

class Workers {
  readonly #redis: TestRedis;
  readonly #children: ChildProcess[] = [];
  /** What those that are gone have taken. */
  cpuSeconds = 0;
  killed = 0;

  constructor(redis: TestRedis) {
    this.#redis = redis;
    for (let index = 0; index < WORKERS; index++) this.#start(index);
  }

  folder(index: number): string {
    return join(this.#redis.folder, `worker-${index}`);
  }

  #log(index: number): string {
    return join(this.#redis.folder, `worker-${index}.log`);
  }

  #start(index: number): void {
    const log = openSync(this.#log(index), "w");
    const words = ["fuzz", "worker", "--redis", this.#redis.address];
    const options = [...words, "--folder", this.folder(index)];
    this.#children[index] = spawn(XENOLITH, options, { stdio: ["ignore", log, log] });
  }

  /** Ends one without a word, and starts another one in its place. */
  kill(index: number): void {
    const child = this.#children[index]!;
    this.cpuSeconds += cpuOf(child);
    child.kill("SIGKILL");
    this.killed++;
    this.#start(index);
  }

  /** Waits until all have told what those before them left. */
  async ready(): Promise<void> {
    const isReady = (_: unknown, index: number): boolean =>
      readFileSync(this.#log(index), "utf8").includes("waiting for pieces");
    while (!this.#children.every(isReady)) await pause(1);
  }

  end(): void {
    for (const child of this.#children) {
      this.cpuSeconds += cpuOf(child);
      child.kill("SIGKILL");
    }
  }
}

/** Names of what a campaign's folder holds. */
function held(folder: string): string[] {
  return ["inputs", "findings"].flatMap((kind) => {
    const path = join(folder, kind);
    return existsSync(path) ? readdirSync(path).map((name) => `${kind}/${name}`) : [];
  });
}

/** Edges that a corpus reaches. */
function edgesOf(core: Uint8Array<ArrayBuffer>, corpus: string): number {
  const target = new HypercallTarget(core, ["safety"]);
  for (const bytes of new Store(corpus).inputs()) target.run(bytes);
  return target.figures().edges;
}

async function runCluster(redis: TestRedis, wasm: string, corpus: string): Promise<Workers> {
  const workers = new Workers(redis);
  const common = ["fuzz", "run", "--redis", redis.address, "--wasm", wasm, "--corpus", corpus];
  const options = [...common, "--jobs", String(WORKERS), "--seconds", "0", "--piece", "10"];
  const campaign = spawn(XENOLITH, options, { stdio: "ignore" });
  const over = new Promise<void>((resolve) => campaign.once("exit", () => resolve()));
  await workers.ready();
  for (let time = KILL_SECONDS; time < SECONDS; time += KILL_SECONDS) {
    await pause(KILL_SECONDS);
    workers.kill((time / KILL_SECONDS) % WORKERS);
  }
  await pause(KILL_SECONDS);
  await workers.ready();
  campaign.kill("SIGINT");
  await over;
  workers.end();
  return workers;
}

async function compareWithOne(redis: TestRedis): Promise<Outcome> {
  compileForSpeed(root);
  const core = compileVariant(MISTAKES);
  const wasm = join(redis.folder, "core.wasm");
  writeFileSync(wasm, core);
  const [together, alone] = ["together", "alone"].map((name) => join(redis.folder, name));
  for (const folder of [together!, alone!]) mkdirSync(folder);
  const workers = await runCluster(redis, wasm, together!);
  const there = new Set(held(together!));
  const kept = Array.from({ length: WORKERS }, (_, index) => workers.folder(index)).flatMap(
    (folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap((entry) => held(join(folder, entry.name))),
  );
  const lost = [...new Set(kept)].filter((name) => !there.has(name));
  const seconds = Math.ceil(workers.cpuSeconds);
  const time = ["--cpu", "--seconds", String(seconds)];
  const one = ["fuzz", "run", "--wasm", wasm, "--corpus", alone!, ...time];
  await runProgram(XENOLITH, one, 60 * seconds);
  const edges = { together: edgesOf(core, together!), alone: edgesOf(core, alone!) };
  const findings = [...there].filter((name) => name.startsWith("findings/")).length;
  const passed = lost.length === 0 && findings > 0 && edges.together >= edges.alone;
  const inputs = there.size - findings;
  const summary =
    `${workers.killed} killed, ${lost.length} of ${inputs} inputs and ${findings} findings lost; ` +
    `${edges.together} edges together, ${edges.alone} alone, in ${seconds} s of CPU time each`;
  return {
    passed,
    figures: { killed: workers.killed, lost, inputs, findings, edges, seconds },
    summary,
  };
}

export const fuzzCluster: Check = {
  name: "fuzz.cluster",
  claim: "three workers, one killed every ten seconds, lose nothing and cover as much as one",
  short: false,
  async run(): Promise<Outcome> {
    const redis = await startRedis();
    try {
      return await compareWithOne(redis);
    } finally {
      redis.close();
    }
  },
};
