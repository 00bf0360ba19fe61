// The rings of blkif and netif with a front end that writes whatever it likes, beside one that
// works: the service comes to rest within its bound, answers what it took, and the others' disk
// and packets are as they were.

import type { Subject } from "../../../fuzz/targets/bytes.ts";
import { addPort, MAC, newSystem } from "../../disaggregation/domains/network/ports.ts";
import {
  BlockFront,
  directRequest,
  discardRequest,
  indirectRequest,
  blockOperation as op,
} from "../../disaggregation/domains/support/block-front.ts";
import { compiledService } from "../../disaggregation/domains/support/compiled.ts";
import { frame, type NetworkFront } from "../../disaggregation/domains/support/network-front.ts";
import { System } from "../../disaggregation/domains/support/system.ts";
import { bytesSubject, pieces, problem } from "./subject.ts";

const DISK_BYTES = 64 * 1024;
const BLOCK_SLOT = 112;
const NETWORK_SLOT = 12;
const SLOTS_MAX = 32;
/** Accesses of one turn of a service, at most. */
const WORK_MAX = 100_000;
const pattern = (at: number): number => ((at * 31) >> 3) & 255;

function blockSeeds(): Uint8Array[] {
  const segments = [{ reference: 8, first: 0, last: 7 }];
  const list = { page: new Uint8Array(4096), reference: 9 };
  return [
    directRequest(op.read, 1, 0n, segments),
    directRequest(op.write, 2, 8n, segments),
    directRequest(op.flush, 3, 0n, []),
    discardRequest(4, 0n, 8n),
    indirectRequest(op.write, 5, 0n, segments, list),
  ];
}

/** blkif. The input: the requests of the ring; behind them a byte that says how far the producer's
 *  index is ahead of them. */
export function blockRing(): Subject {
  const wasm = compiledService("block");
  const config = `disk d scratch ${DISK_BYTES}\ndisk e scratch ${DISK_BYTES}\n`;
  return bytesSubject("block-ring", blockSeeds(), [], (bytes, features) => {
    const system = new System(wasm, { config, spareBytes: 2 * DISK_BYTES });
    const { spare } = system.world;
    for (let at = 0; at < spare.length; at++) spare[at] = pattern(at);
    const front = new BlockFront(system, system.addDomain(5));
    front.create({ params: "d", mode: "w" });
    front.connect();
    for (let index = 0; index < 4; index++) front.buffer();
    const requests = pieces(bytes, BLOCK_SLOT, SLOTS_MAX);
    for (const request of requests) front.ring.put(request);
    const ahead = bytes.length % BLOCK_SLOT === 1 ? bytes.at(-1)! : 0;
    front.ring.setIndex(0, front.ring.produced + (ahead > 200 ? ahead << 22 : 0));
    system.world.hypercalls.notify(front.domain, front.port);
    system.settle();
    for (let at = DISK_BYTES; at < 2 * DISK_BYTES; at++) {
      if (spare[at] !== pattern(at)) return problem("model", "disk", "another's disk changed");
    }
    if (system.mostWork > WORK_MAX) return problem("work", "turn", "a turn is too long");
    if (ahead > 200) return undefined;
    const responses = front.responses();
    for (const { operation, status } of responses) features.add(`${operation} ${status}`);
    if (responses.length === requests.length) return undefined;
    const says = `${requests.length} requests, ${responses.length} responses`;
    return problem("model", "responses", says);
  });
}

function othersTalk(one: NetworkFront, two: NetworkFront): boolean {
  one.received();
  two.received();
  one.send({ bytes: frame(MAC[2], MAC[1], 700) });
  return two.received().length === 1 && one.statuses().join() === "0";
}

/** netif. The input: slots of the transmit ring. */
export function networkRing(): Subject {
  const seed = new Uint8Array(4 * NETWORK_SLOT);
  const view = new DataView(seed.buffer);
  for (const [index, flags] of [4, 0, 8, 1].entries()) {
    view.setUint32(index * NETWORK_SLOT, 10, true);
    view.setUint16(index * NETWORK_SLOT + 6, flags, true);
    view.setUint16(index * NETWORK_SLOT + 10, 100 - index * 20, true);
  }
  return bytesSubject("network-ring", [seed], [], (bytes, features) => {
    const system = newSystem();
    const [bad, one, two] = [0, 1, 2].map((index) => addPort(system, index));
    const slots = pieces(bytes, NETWORK_SLOT, SLOTS_MAX);
    for (const slot of slots) bad!.tx.put(slot);
    bad!.kick();
    for (const status of bad!.statuses()) features.add(`status ${status}`);
    for (const { bytes: heard } of [...one!.received(), ...two!.received()]) {
      features.add(`heard ${Math.min(heard.length >> 6, 24)}`);
      const source = Buffer.from(heard.subarray(6, 12)).toString("hex");
      if (source !== MAC[0].replaceAll(":", "")) {
        return problem("model", "source", `a packet says that it is from ${source}`);
      }
    }
    if (system.mostWork > WORK_MAX) return problem("work", "turn", "a turn is too long");
    if (othersTalk(one!, two!)) return undefined;
    return problem("model", "others", "the others no longer reach each other");
  });
}

const NODES = ["ring-ref", "event-channel", "protocol", "ring-page-order", "ring-ref0"] as const;
const LEGAL_STATES = new Set([0, 1, 2, 3, 4, 5, 6]);

/** xenbus: a front end that goes through states and writes nodes in any order; the input is pairs
 *  of bytes, what to do and with which value. */
export function xenbus(): Subject {
  const wasm = compiledService("block");
  const config = `disk d scratch ${DISK_BYTES}\ndisk e scratch ${DISK_BYTES}\n`;
  const seed = Uint8Array.of(1, 8, 2, 5, 0, 3, 0, 4, 0, 5, 0, 6, 0, 1, 1, 8, 2, 5, 0, 3);
  return bytesSubject("xenbus", [seed], [], (bytes, features) => {
    const system = new System(wasm, { config, spareBytes: 2 * DISK_BYTES });
    const good = new BlockFront(system, system.addDomain(6));
    good.create({ params: "e", mode: "w" });
    good.connect();
    const front = new BlockFront(system, system.addDomain(5));
    front.create({ params: "d", mode: "w" });
    front.connect();
    for (const [what = 0, value = 0] of pieces(bytes, 2, SLOTS_MAX)) {
      if (what < 128 && what % 8 === 0) front.setState(value % 8);
      else if (what % 8 < 6) front.set(NODES[(what % 8) - 1] ?? "state", value);
      else if (what % 8 === 6) front.domain.revoke(8 + (value % 4));
      else front.connect(value % 3);
      system.settle();
      const { backState } = front;
      features.add(`${what % 8} ${backState}`);
      if (!LEGAL_STATES.has(backState)) return problem("model", "state", `state ${backState}`);
    }
    if (system.mostWork > WORK_MAX) return problem("work", "turn", "a turn is too long");
    if (good.perform(directRequest(op.flush, 1, 0n, [])) === 0) return undefined;
    return problem("model", "others", "another front end is no longer served");
  });
}
