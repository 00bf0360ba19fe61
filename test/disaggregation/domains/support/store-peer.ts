// xenstore as a back end meets it, for tests: a tree without permissions behind the service's ring,
// with watches. Tests and scripted front ends use the tree itself.

import { PAGE_STORE } from "../../../../disaggregation/runtime/places.ts";
import { STORE_PORT } from "./hypercalls.ts";
import type { PageWorld } from "./page-world.ts";

const HEADER_BYTES = 16;
const RING_BYTES = 1024;
const type = { directory: 1, read: 2, watch: 4, unwatch: 5, write: 11, event: 15, error: 16 };

interface Watch {
  readonly path: string;
  readonly token: string;
  /** The path as the client gave it, and what it is relative to. */
  readonly base: string;
}

export class StorePeer {
  readonly nodes = new Map<string, string>();
  /** Called after each change, with the absolute path. */
  readonly listeners: ((path: string) => void)[] = [];
  #world: PageWorld;
  readonly #home: string;
  #watches: Watch[] = [];
  #input = Buffer.alloc(0);
  #output = Buffer.alloc(0);

  constructor(world: PageWorld, serviceDomain: number) {
    this.#world = world;
    this.#home = `/local/domain/${serviceDomain}/`;
  }

  /** A new client in the place of the old one, of which nothing is left but its nodes. */
  reconnect(world: PageWorld): void {
    this.#world = world;
    this.#watches = [];
    this.#input = Buffer.alloc(0);
    this.#output = Buffer.alloc(0);
  }

  read(path: string): string | undefined {
    return this.nodes.get(path);
  }

  write(path: string, value: string): void {
    this.nodes.set(path, value);
    this.#changed(path);
  }

  /** Removes a node and all below it. */
  remove(path: string): void {
    for (const node of [...this.nodes.keys()]) {
      if (node === path || node.startsWith(`${path}/`)) this.nodes.delete(node);
    }
    this.#changed(path);
  }

  /** Answers what the service has asked, as far as the ring has room; true: something moved. */
  pump(): boolean {
    const taken = this.#take();
    while (this.#handle());
    return this.#give() || taken;
  }

  #changed(path: string): void {
    for (const watch of this.#watches) {
      const below = path === watch.path || path.startsWith(`${watch.path}/`);
      if (below || watch.path.startsWith(`${path}/`)) this.#fire(watch, below ? path : watch.path);
    }
    for (const listener of this.listeners) listener(path);
  }

  #fire(watch: Watch, path: string): void {
    const told = path.startsWith(watch.base) ? path.slice(watch.base.length) : path;
    this.#send(type.event, 0, Buffer.from(`${told}\0${watch.token}\0`));
  }

  #send(kind: number, tag: number, body: Buffer): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(kind, 0);
    header.writeUInt32LE(tag, 4);
    header.writeUInt32LE(body.length, 12);
    this.#output = Buffer.concat([this.#output, header, body]);
  }

  #ring(): DataView {
    const page = this.#world.pages[PAGE_STORE]!;
    return new DataView(page.buffer, page.byteOffset);
  }

  #take(): boolean {
    const ring = this.#ring();
    let consumed = ring.getUint32(2048, true);
    const produced = ring.getUint32(2052, true);
    const bytes: number[] = [];
    for (; consumed !== produced; consumed = (consumed + 1) >>> 0) {
      bytes.push(ring.getUint8(consumed % RING_BYTES));
    }
    ring.setUint32(2048, consumed, true);
    this.#input = Buffer.concat([this.#input, Buffer.from(bytes)]);
    return bytes.length > 0;
  }

  #give(): boolean {
    const ring = this.#ring();
    let produced = ring.getUint32(2060, true);
    const room = RING_BYTES - (produced - ring.getUint32(2056, true));
    const bytes = this.#output.subarray(0, room);
    this.#output = this.#output.subarray(bytes.length);
    for (const byte of bytes) {
      ring.setUint8(RING_BYTES + (produced % RING_BYTES), byte);
      produced = (produced + 1) >>> 0;
    }
    ring.setUint32(2060, produced, true);
    if (bytes.length > 0) this.#world.pending.push(STORE_PORT);
    return bytes.length > 0;
  }

  #handle(): boolean {
    if (this.#input.length < HEADER_BYTES) return false;
    const length = this.#input.readUInt32LE(12);
    if (this.#input.length < HEADER_BYTES + length) return false;
    const kind = this.#input.readUInt32LE(0);
    const tag = this.#input.readUInt32LE(4);
    const body = this.#input.subarray(HEADER_BYTES, HEADER_BYTES + length).toString("latin1");
    this.#input = this.#input.subarray(HEADER_BYTES + length);
    this.#answer(kind, tag, body.split("\0"));
    return true;
  }

  #absolute(path: string): string {
    return path.startsWith("/") ? path : this.#home + path;
  }

  #answer(kind: number, tag: number, [given = "", second = ""]: string[]): void {
    const path = this.#absolute(given);
    const body = this.#perform(kind, path, path === given, second);
    if (body === undefined) this.#send(type.error, tag, Buffer.from("ENOENT\0"));
    else this.#send(kind, tag, Buffer.from(body));
    const watch = this.#watches.at(-1);
    if (kind === type.watch && watch !== undefined) this.#fire(watch, path);
  }

  /** Carries a request out; its answer's body, or undefined: there is no such node. */
  #perform(kind: number, path: string, absolute: boolean, second: string): string | undefined {
    if (kind === type.read) return this.nodes.get(path);
    if (kind === type.directory) return this.#children(path);
    if (kind === type.write) this.write(path, second);
    if (kind === type.watch) {
      this.#watches.push({ path, token: second, base: absolute ? "" : this.#home });
    }
    if (kind === type.unwatch) {
      const index = this.#watches.findIndex((w) => w.path === path && w.token === second);
      if (index >= 0) this.#watches.splice(index, 1);
    }
    return "OK\0";
  }

  #children(path: string): string | undefined {
    const names = new Set<string>();
    for (const node of this.nodes.keys()) {
      if (node.startsWith(`${path}/`)) names.add(node.slice(path.length + 1).split("/")[0]!);
    }
    if (names.size === 0 && !this.nodes.has(path)) return undefined;
    return [...names].map((name) => `${name}\0`).join("");
  }
}
