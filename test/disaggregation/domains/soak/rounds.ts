// Rounds of small PVH guests on the simulated machine: made by builder and toolstack over the
// control line, each with shared_info, a port, a grant and nodes of its own, and destroyed again.
// What the tables hold after is compared with what they held before.

import * as building from "../../../../disaggregation/control/build.ts";
import { ControlClient } from "../../../../disaggregation/control/client.ts";
import * as requests from "../../../../disaggregation/control/requests.ts";
import { SimulatedDomain } from "../../../../disaggregation/runtime/node/domain.ts";
import { STORE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import type { columns as layout } from "../../../../tcb/core/layout.ts";
import { smallElf } from "../../loader/elf-builder.ts";
import { KEY, toolstackSystem } from "../toolstack/toolstack-system.ts";

type Column = (typeof layout)[number];

const GUEST_MIB = 2;
const EVENT_CHANNEL_OP = 32;
const ALLOCATE = 6;
const SEND = 4;
const STORE_WRITE = 11;
const OWN = 0x7ff0;
const SHARED_FRAME = 3;
const GRANTED_FRAME = 4;
const STORE_PRODUCED = 2052n;
/** What a round may change: it counts, or says what was there before. */
const COUNTERS =
  /^(domainExitCount|domainDenials|domainLine|superScrubbed$|policy|portLabel$|frameUnused)/;
const TABLES =
  /^(super|frame|pool|table|directory|leaf|nested|domain|region|port|grant|handle|vcpuDomain$)/;

/** What a free row goes on saying of its last use: the same after every round. */
const WARM = /^(nested|handleWritable$|handleReference$|handleGfn$)/;

/** Bytes of every table that guests take rows of, by name. */
function tablesOf(memory: ArrayBuffer, columns: readonly Column[]): Map<string, Buffer> {
  const wanted = columns.filter(({ name }) => TABLES.test(name) && !COUNTERS.test(name));
  return new Map(
    wanted.map(({ name, base, stride, rows }) => {
      return [name, Buffer.from(memory.slice(base, base + stride * rows))];
    }),
  );
}

/** Every node of the store, with its value. */
async function nodesOf(client: ControlClient, path = "/"): Promise<string[]> {
  const names = await requests.storeDirectory(client, path);
  const below: string[] = [`${path}=${await requests.storeRead(client, path)}`];
  for (const name of names ?? []) {
    below.push(...(await nodesOf(client, path === "/" ? `/${name}` : `${path}/${name}`)));
  }
  return below;
}

/** A guest takes a row of every table that is open to it. */
function work(domain: SimulatedDomain, storePort: number): void {
  domain.mapSharedInfo(SHARED_FRAME);
  domain.call(EVENT_CHANNEL_OP, ALLOCATE, [OWN | (1 << 16), 0]);
  domain.grant(8, GRANTED_FRAME, 1);
  const body = Buffer.from("data/soak\0here");
  const header = Buffer.from(Uint32Array.of(STORE_WRITE, 7, 0, body.length).buffer);
  const ring = BigInt(STORE_FRAME) << 12n;
  domain.write(ring, Buffer.concat([header, body]));
  domain.store32(ring + STORE_PRODUCED, header.length + body.length);
  domain.call(EVENT_CHANNEL_OP, SEND, [storePort]);
}

export interface SoakResult {
  readonly created: number;
  /** Tables, and "nodes", that are not as they were. */
  readonly changed: readonly string[];
}

/** Makes and destroys `guests` guests at a time, `rounds` times. */
export async function soak(
  rounds: number,
  guests: number,
  columns: readonly Column[],
): Promise<SoakResult> {
  const kernel = smallElf();
  const { system, line } = toolstackSystem({ builder: [kernel], freeMib: guests * GUEST_MIB * 2 });
  // Stale translations are the matter of other tests; here speed counts.
  system.machine.tlb.enabled = false;
  const client = await ControlClient.open(line(), KEY, { requestMilliseconds: 60_000 });
  const { memory } = system.machine.core;
  const guest = (name: string): building.GuestRequest => ({
    ...{ name, kernel: { bytes: kernel }, ramdisk: undefined, commandLine: "", label: "" },
    ...{ memoryMib: GUEST_MIB, mostMemoryMib: GUEST_MIB, vcpus: 1, weight: 256, xsave: false },
    ends: { poweroff: "destroy", reboot: "destroy", crash: "destroy" },
    devices: { disks: [], interfaces: [] },
  });
  try {
    const before = tablesOf(memory.buffer, columns);
    let first = before;
    const nodes = await nodesOf(client);
    let created = 0;
    for (let round = 0; round < rounds; round++) {
      const made: number[] = [];
      for (let index = 0; index < guests; index++) {
        const { domain, storePort } = await building.createGuest(client, guest(`g${index}`));
        work(new SimulatedDomain(system.cpu, domain), storePort);
        made.push(domain);
        created++;
      }
      for (const domain of made) await requests.destroyDomain(client, domain);
      const gone = async () =>
        !(await requests.listDomains(client)).some(({ name }) => /^g\d/.test(name));
      for (let wait = 0; wait < 500 && !(await gone()); wait++) system.advance(10_000_000n);
      system.advance(500_000_000n);
      if (round === 0) first = tablesOf(memory.buffer, columns);
    }
    const after = tablesOf(memory.buffer, columns);
    const changed = [...after].filter(([name, bytes]) => {
      const known = WARM.test(name) ? first : before;
      return !bytes.equals(known.get(name)!);
    });
    const same = (await nodesOf(client)).join("\n") === nodes.join("\n");
    return { created, changed: [...changed.map(([name]) => name), ...(same ? [] : ["nodes"])] };
  } finally {
    client.close();
  }
}
