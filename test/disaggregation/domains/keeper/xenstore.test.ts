// What would be caught: a store that forgets or half remembers when it ends at any moment, a
// request that is carried out twice or never answered, an answer that is cut in two, a watch that
// is silent.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { STORE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { labelsOf } from "../support/labels.ts";
import { randomNumbers } from "../support/ring-world.ts";
import { StoreClient } from "../xenstore/client.ts";

const NAMES = ["xenstore", "guest", "keeper"] as const;
const GUEST = 2;
const HOME = `/local/domain/${GUEST}`;
const ROUNDS = 40;
const LONG = "x".repeat(1900);
/** Time between looks: a keeper makes a service again in a few of these. */
const STEP = 60_000_000n;
/** Most accesses to pages after which the store ends. */
const MOST_ACCESSES = 200;

function world() {
  const { bytes, labels } = labelsOf(NAMES);
  const config = (): string => `node ${HOME} n${GUEST}\ndomain ${GUEST} 1\n`;
  const system = new ServiceSystem({
    core: new Uint8Array(readFileSync(corePath)),
    policy: bytes,
    members: NAMES.map((name, index) => {
      if (name === "guest") return { name, label: labels[index]! };
      const service = { kind: name, wasm: serviceBytes(name), config };
      return { name, label: labels[index]!, service };
    }),
  });
  system.advance(STEP);
  const domain = (name: string) => system.domain(name);
  const service = (name: string) => system.service(name);
  const around = { domain, service, settle: () => system.advance(STEP) };
  return { system, client: new StoreClient(around, "guest", STORE_FRAME) };
}

type World = ReturnType<typeof world>;

/** One change, alone or in a transaction that is begun anew as often as needed. */
function change({ client }: World, model: Map<string, string>, pick: number): void {
  const path = `${HOME}/n${pick % 7}`;
  const value = pick % 5 === 0 ? LONG : `v${pick}`;
  const removes = pick % 4 === 0 && model.has(path);
  const perform = (transaction: number): string =>
    removes ? client.rm(path, transaction) : client.write(path, value, transaction);
  if (pick % 3 !== 0) expect(perform(0)).toBe("OK\0");
  else {
    for (let ended = "!EAGAIN"; ended === "!EAGAIN"; ) {
      const transaction = client.begin();
      expect(transaction).toBeGreaterThan(0);
      expect(client.read(path, transaction)).toBe(model.get(path) ?? "!ENOENT");
      expect(perform(transaction)).toBe("OK\0");
      ended = client.end(transaction);
      if (ended !== "!EAGAIN") expect(ended).toBe("OK\0");
    }
  }
  if (removes) model.delete(path);
  else model.set(path, value);
}

describe.skipIf(!existsSync(corePath)).each([1, 2])("the store, seed %i", (seed) => {
  it("ends at any moment, and goes on as if nothing had been", () => {
    const all = world();
    const { system, client } = all;
    const model = new Map<string, string>();
    const next = randomNumbers(seed);
    let deaths = 0;
    expect(client.watch(HOME, "token")).toBe("OK\0");
    // The journal's second half begins somewhere in here.
    for (let count = 0; seed === 1 && count < 290; count++) client.write(`${HOME}/long`, LONG);
    for (let round = 0; round < ROUNDS; round++) {
      client.takeEvents();
      const before = system.service("xenstore");
      before.accessesLeft = (next() >>> 8) % MOST_ACCESSES;
      change(all, model, next() >>> 8);
      const path = `${HOME}/n${round % 7}`;
      expect(client.read(path)).toBe(model.get(path) ?? "!ENOENT");
      expect(client.takeEvents().some((event) => event.endsWith(" token"))).toBe(true);
      if (system.service("xenstore") !== before) deaths++;
    }
    expect(deaths).toBeGreaterThan(ROUNDS / 4);
    const names = client.list(HOME).filter((name) => name !== "long");
    expect(names.sort()).toEqual([...model.keys()].map((path) => path.split("/").at(-1)!).sort());
    expect(client.unwatch(HOME, "token")).toBe("OK\0");
  });
});
