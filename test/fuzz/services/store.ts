// The store's wire and the control protocol's frames.

import {
  encodeFrame,
  type Frame,
  FrameScanner,
  isGenuine,
} from "../../../disaggregation/control/frames.ts";
import type { Subject } from "../../../fuzz/targets/bytes.ts";
import { compiledService } from "../../disaggregation/domains/support/compiled.ts";
import { type RingEnd, RingWorld } from "../../disaggregation/domains/support/ring-world.ts";
import { type as message, StoreClient } from "../../disaggregation/domains/xenstore/client.ts";
import { bytesSubject, type Failure, problem } from "./subject.ts";

const [BAD, GOOD] = [5, 6] as const;
const RING = 1024;
const ANSWERS = 1024;
const HEADER_BYTES = 16;
const PAYLOAD_MAX = 4096;
const MESSAGES_MAX = 64;
/** Accesses of a turn: 512 steps, each an answer, a request and their indices. */
const WORK_MAX = 512 * 40;
const index = { produced: 2052, answerConsumed: 2056, answerProduced: 2060, connection: 2068 };
const ERROR = 2072;

const home = (domain: number): string =>
  `node /local/domain/${domain} n${domain}\ndomain ${domain} 5\n`;

function answersOf(end: RingEnd): Buffer {
  return end.take(ANSWERS, RING, index.answerConsumed, index.answerProduced);
}

/** Sends bytes as the ring takes them; all that is answered. */
function exchange(end: RingEnd, bytes: Uint8Array): Buffer {
  const heard: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += RING) {
    end.put(0, RING, index.produced, bytes.subarray(at, at + RING));
    for (let last = answersOf(end); last.length > 0; last = answersOf(end)) heard.push(last);
    if (end.get(ERROR) !== 0) break;
  }
  return Buffer.concat(heard);
}

/** What is wrong with the form of the answers, if anything is. */
function malformed(heard: Buffer, features: Set<string>): Failure | undefined {
  for (let at = 0; at + HEADER_BYTES <= heard.length; ) {
    const [kind, , , bytes] = [0, 4, 8, 12].map((offset) => heard.readUInt32LE(at + offset));
    const body = heard.subarray(at + HEADER_BYTES, at + HEADER_BYTES + bytes!);
    if (bytes! > PAYLOAD_MAX) return problem("wire", "length", `an answer of ${bytes} bytes`);
    if (kind! > message.directoryPart) return problem("wire", "type", `an answer of type ${kind}`);
    const isError = kind === message.error;
    features.add(isError ? `error ${body.toString("latin1")}` : `answer ${kind} ${bytes! >> 6}`);
    at += HEADER_BYTES + bytes!;
  }
  return undefined;
}

function isServed(good: RingEnd): boolean {
  exchange(good, StoreClient.message(message.write, "a\0value"));
  const answer = exchange(good, StoreClient.message(message.read, "a\0"));
  return answer.subarray(HEADER_BYTES).toString().startsWith("value");
}

const wireSeeds = [
  [message.write, "a/b\0value"],
  [message.read, "a/b\0"],
  [message.directory, "a\0"],
  [message.watch, "a\0token\0"],
  [message.setPermissions, "a\0n5\0r6\0"],
  [message.transactionStart, "\0"],
  [message.rm, "a\0"],
  [message.transactionEnd, "T\0"],
  [message.directoryPart, "a\x000\0"],
  [message.resetWatches, "\0"],
] as const;

/** xenstore's wire: one domain sends any bytes, another one is served as ever. */
export function xenstoreWire(): Subject {
  const wasm = compiledService("xenstore");
  const seeds = wireSeeds.map(([kind, body]) => StoreClient.message(kind, body));
  const words = ["/local/domain/6", "@releaseDomain", "/", "a/b/c", "T\0", "n5\0", "\0"];
  const all = [...seeds, Buffer.concat(seeds)];
  return bytesSubject("xenstore-wire", all, words, (bytes, features) => {
    const world = new RingWorld(wasm, home(BAD) + home(GOOD), [BAD, GOOD], 1);
    const [bad, good] = [world.end(BAD), world.end(GOOD)];
    if (!isServed(good)) return problem("model", "others", "the other domain is not served");
    const most = bytes.subarray(0, MESSAGES_MAX * RING);
    const wrong = malformed(exchange(bad, most), features);
    features.add(`ends ${bad.get(ERROR)}`);
    if (wrong !== undefined) return wrong;
    if (world.mostWork > WORK_MAX) return problem("work", "turn", "a turn is too long");
    if (!isServed(good)) return problem("model", "others", "the other domain is not served");
    bad.set(index.connection, 1);
    bad.notify();
    if (bad.get(ERROR) === 0 && isServed(bad)) return undefined;
    return problem("model", "reconnection", "the domain cannot begin anew");
  });
}

const key = new Uint8Array(32).fill(7);
const frames = Array.from({ length: 4 }, (_, sequence) =>
  encodeFrame(key, { type: sequence, channel: 1, sequence, body: new Uint8Array(sequence * 40) }),
);
const genuine = new Set(frames.map((bytes) => Buffer.from(bytes).toString("hex")));

function scan(bytes: Uint8Array, size: number): string[] {
  const heard: string[] = [];
  const scanner = new FrameScanner((frame: Frame): boolean => {
    if (!isGenuine(frame, key)) return false;
    heard.push(Buffer.concat([frame.signed, frame.tag]).toString("hex"));
    return true;
  });
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
  scanner.gap();
  return heard;
}

/** The management protocol: a line on which anything may be said; who has no key says nothing that
 *  is believed, and it makes no difference in which pieces it comes. */
export function management(): Subject {
  const seeds = [...frames, Buffer.concat(frames)];
  return bytesSubject("management", seeds, [], (bytes, features) => {
    const whole = scan(bytes, Math.max(bytes.length, 1));
    features.add(`heard ${whole.map((text) => text.length).join(" ")}`);
    if (whole.some((text) => !genuine.has(text))) {
      return problem("model", "forged", "a frame is believed that nobody with the key wrote");
    }
    const differs = [1, 7, 64].find((size) => scan(bytes, size).join() !== whole.join());
    if (differs === undefined) return undefined;
    return problem("model", "pieces", `in pieces of ${differs} bytes other frames are heard`);
  });
}
