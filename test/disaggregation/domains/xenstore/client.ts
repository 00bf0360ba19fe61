// A client of xenstore at the wire: messages into the ring of a domain that the test plays, and
// answers and events out of it.

import type { SimulatedDomain } from "../../../../disaggregation/runtime/node/domain.ts";
import type { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";

/** Types of messages (public/io/xs_wire.h). */
export const type = {
  control: 0,
  directory: 1,
  read: 2,
  getPermissions: 3,
  watch: 4,
  unwatch: 5,
  transactionStart: 6,
  transactionEnd: 7,
  introduce: 8,
  release: 9,
  getDomainPath: 10,
  write: 11,
  mkdir: 12,
  rm: 13,
  setPermissions: 14,
  watchEvent: 15,
  error: 16,
  isDomainIntroduced: 17,
  resume: 18,
  setTarget: 19,
  resetWatches: 21,
  directoryPart: 22,
} as const;

export interface Message {
  readonly type: number;
  readonly tag: number;
  readonly transaction: number;
  readonly body: string;
}

const RING_BYTES = 1024;
const ANSWERS = 1024n;
const index = { requestConsumed: 2048n, requestProduced: 2052n } as const;
const answerIndex = { consumed: 2056n, produced: 2060n } as const;
const HEADER_BYTES = 16;
const EVENT_CHANNEL_OP = 32;
const EVENT_SEND = 4;
const MOST_STEPS = 10_000;

/** What a client needs of a system: `settle` lets the store work. */
type Around = Pick<ServiceSystem, "domain" | "service" | "settle">;

export class StoreClient {
  readonly system: Around;
  readonly domain: SimulatedDomain;
  readonly ring: bigint;
  /** Events that came, as "path token". */
  events: string[] = [];
  readonly #port: number;
  #tag = 0;
  #received = Buffer.alloc(0);

  constructor(system: Around, name: string, frame: number, port = 1) {
    this.system = system;
    this.domain = system.domain(name);
    this.ring = BigInt(frame) << 12n;
    this.#port = port;
  }

  // ---- bytes ------------------------------------------------------------------------------------

  notify(): void {
    this.domain.call(EVENT_CHANNEL_OP, EVENT_SEND, [this.#port]);
  }

  /** Puts as many bytes into the ring as fit; returns the rest. */
  put(bytes: Buffer): Buffer {
    const produced = this.domain.load32(this.ring + index.requestProduced);
    const consumed = this.domain.load32(this.ring + index.requestConsumed);
    const count = Math.min(RING_BYTES - (produced - consumed), bytes.length);
    for (let at = 0; at < count; at++) {
      const offset = BigInt((produced + at) % RING_BYTES);
      this.domain.write(this.ring + offset, bytes.subarray(at, at + 1));
    }
    this.domain.store32(this.ring + index.requestProduced, produced + count);
    return bytes.subarray(count);
  }

  /** Takes what the ring has of answers. */
  take(): void {
    const consumed = this.domain.load32(this.ring + answerIndex.consumed);
    const produced = this.domain.load32(this.ring + answerIndex.produced);
    const count = (produced - consumed) >>> 0;
    const parts = [this.#received];
    for (let at = 0; at < count; at++) {
      const offset = ANSWERS + BigInt((consumed + at) % RING_BYTES);
      parts.push(Buffer.from(this.domain.read(this.ring + offset, 1)));
    }
    this.#received = Buffer.concat(parts);
    this.domain.store32(this.ring + answerIndex.consumed, produced);
  }

  /** Takes the next whole message that came, event or answer. */
  next(): Message | undefined {
    this.take();
    if (this.#received.length < HEADER_BYTES) return undefined;
    const bytes = HEADER_BYTES + this.#received.readUInt32LE(12);
    if (this.#received.length < bytes) return undefined;
    const header = [0, 4, 8].map((at) => this.#received.readUInt32LE(at));
    const body = this.#received.subarray(HEADER_BYTES, bytes).toString("latin1");
    this.#received = this.#received.subarray(bytes);
    return { type: header[0]!, tag: header[1]!, transaction: header[2]!, body };
  }

  // ---- requests ---------------------------------------------------------------------------------

  /** The bytes of a message. */
  static message(kind: number, body: string | Buffer, transaction = 0, tag = 0): Buffer {
    const payload = typeof body === "string" ? Buffer.from(body, "latin1") : body;
    const header = Buffer.alloc(HEADER_BYTES);
    for (const [at, word] of [kind, tag, transaction, payload.length].entries()) {
      header.writeUInt32LE(word, at * 4);
    }
    return Buffer.concat([header, payload]);
  }

  /** Sends bytes as the ring takes them and lets the services run. */
  send(bytes: Buffer): void {
    let rest = bytes;
    for (let step = 0; rest.length > 0; step++) {
      if (step === MOST_STEPS) throw new Error("the store takes no more");
      rest = this.put(rest);
      this.notify();
      this.system.settle();
      if (rest.length > 0) this.take();
    }
  }

  /** Sends a request and waits for its answer; events that come meanwhile are kept. */
  request(kind: number, body: string, transaction = 0): Message {
    const tag = ++this.#tag;
    this.send(StoreClient.message(kind, body, transaction, tag));
    for (let step = 0; step < MOST_STEPS; step++) {
      for (let found = this.next(); found !== undefined; found = this.next()) {
        if (found.type !== type.watchEvent) {
          if (found.tag !== tag) throw new Error(`an answer to ${found.tag}, not to ${tag}`);
          return found;
        }
        this.#keep(found);
      }
      this.notify();
      this.system.settle();
    }
    throw new Error("no answer came");
  }

  /** The body of the answer, or the error's name behind "!". */
  ask(kind: number, body: string, transaction = 0): string {
    const answer = this.request(kind, body, transaction);
    if (answer.type === type.error) return `!${answer.body.replace("\0", "")}`;
    return answer.body;
  }

  #keep({ body }: Message): void {
    const [path, token] = body.split("\0");
    this.events.push(`${path} ${token}`);
  }

  /** The events that came since the last look. */
  takeEvents(): string[] {
    for (let quiet = false; !quiet; ) {
      for (let found = this.next(); found !== undefined; found = this.next()) this.#keep(found);
      const before = this.#received.length;
      this.notify();
      this.system.settle();
      this.take();
      quiet = this.#received.length === before;
    }
    const events = this.events;
    this.events = [];
    return events;
  }

  read(path: string, transaction = 0): string {
    return this.ask(type.read, `${path}\0`, transaction);
  }

  write(path: string, value: string, transaction = 0): string {
    return this.ask(type.write, `${path}\0${value}`, transaction);
  }

  list(path: string, transaction = 0): string[] {
    const body = this.ask(type.directory, `${path}\0`, transaction);
    return body.startsWith("!") ? [body] : body.split("\0").slice(0, -1);
  }

  mkdir(path: string, transaction = 0): string {
    return this.ask(type.mkdir, `${path}\0`, transaction);
  }

  rm(path: string, transaction = 0): string {
    return this.ask(type.rm, `${path}\0`, transaction);
  }

  /** Permissions as words: "n1 r2". */
  permit(path: string, permissions: string, transaction = 0): string {
    const words = permissions.split(" ").map((word) => `${word}\0`);
    return this.ask(type.setPermissions, `${path}\0${words.join("")}`, transaction);
  }

  permissions(path: string, transaction = 0): string {
    const body = this.ask(type.getPermissions, `${path}\0`, transaction);
    return body.startsWith("!") ? body : body.split("\0").slice(0, -1).join(" ");
  }

  watch(path: string, token: string): string {
    return this.ask(type.watch, `${path}\0${token}\0`);
  }

  unwatch(path: string, token: string): string {
    return this.ask(type.unwatch, `${path}\0${token}\0`);
  }

  /** Begins a transaction; its number. */
  begin(): number {
    return Number(this.ask(type.transactionStart, "\0").replace("\0", ""));
  }

  end(transaction: number, commit = true): string {
    return this.ask(type.transactionEnd, commit ? "T\0" : "F\0", transaction);
  }
}
