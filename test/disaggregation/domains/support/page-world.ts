// A service alone in a world of pages, for tests: its imports (disaggregation/runtime/world.ts)
// over arrays of bytes that belong to the service or to scripted domains. Every access to a page
// can be watched, so that a test sees how often a field is read and can change it in between.

import {
  HANDLES,
  PAGE_GRANTS,
  PAGE_OWN,
  PAGES_OWN,
  WINDOW,
} from "../../../../disaggregation/runtime/places.ts";
import { engine, type WasmModule } from "../../../../tcb/machine/sim/engine.ts";
import { Hypercalls } from "./hypercalls.ts";
import type { ScriptedDomain } from "./scripted-domain.ts";

export const PAGE_BYTES = 4096;
const WINDOW_FRAME = WINDOW >>> 12;
/** Frames of what came with the configuration, and of spare memory. */
const MODULE_FRAME = 0x1000;
const SPARE_FRAME = 0x8000;

export interface PageWorldOptions {
  readonly config?: string;
  readonly module?: Uint8Array;
  readonly spareBytes?: number;
  /** Spare memory that has something in it. */
  readonly spare?: Uint8Array;
}

interface ServiceExports {
  start(): void;
  turn(): bigint;
  readonly memory: { readonly buffer: ArrayBuffer };
}

export type PageReader = (page: Uint8Array, offset: number, bytes: number) => void;

/** The service touched what no working service touches: its domain would be stopped. */
export class WorldFault extends Error {}

export class PageWorld {
  readonly pages: (Uint8Array | undefined)[] = new Array(HANDLES).fill(undefined);
  readonly module: Uint8Array;
  readonly spare: Uint8Array;
  readonly domains = new Map<number, ScriptedDomain>();
  readonly hypercalls: Hypercalls;
  /** Called before each read of a page. */
  onRead: PageReader = () => {};
  /** Accesses to pages, hypercalls and copies together: what a turn costs. */
  work = 0;
  clock = 0n;
  readonly pending: number[] = [];
  readonly #config: Buffer;
  readonly #service: ServiceExports;

  constructor(wasm: WasmModule, options: PageWorldOptions = {}) {
    this.#config = Buffer.from(options.config ?? "");
    this.module = options.module ?? new Uint8Array(0);
    this.spare = options.spare ?? new Uint8Array(options.spareBytes ?? 0);
    for (let page = 0; page < PAGE_GRANTS; page++) this.pages[page] = new Uint8Array(PAGE_BYTES);
    this.hypercalls = new Hypercalls(this);
    const instance = new engine.Instance(wasm, { world: this.#imports() });
    this.#service = instance.exports as unknown as ServiceExports;
  }

  start(): void {
    this.#service.start();
  }

  /** One turn; returns its deadline. */
  turn(): bigint {
    return BigInt.asUintN(64, this.#service.turn());
  }

  /** The page at a handle; a fault if there is none, or the access leaves it. */
  page(handle: number, offset: number, bytes: number): Uint8Array {
    const page = this.pages[handle >>> 0];
    this.work++;
    if (page === undefined) throw new WorldFault(`no page at handle ${handle >>> 0}`);
    if (offset < 0 || bytes < 0 || offset + bytes > PAGE_BYTES) {
      throw new WorldFault(`bytes ${offset} to ${offset + bytes} of a page`);
    }
    return page;
  }

  /** A frame of the service's own memory, as hypercalls name it. */
  ownFrame(frame: number): Uint8Array | undefined {
    const handle = frame - WINDOW_FRAME;
    if (handle >= PAGE_OWN && handle < PAGE_OWN + PAGES_OWN) return this.pages[handle];
    return pageOf(this.module, frame - MODULE_FRAME) ?? pageOf(this.spare, frame - SPARE_FRAME);
  }

  #linear(offset: number, bytes: number): Uint8Array {
    return new Uint8Array(this.#service.memory.buffer, offset >>> 0, bytes);
  }

  #imports(): Record<string, (...values: never[]) => unknown> {
    return {
      ...this.#single(),
      ...this.#bulk(),
      hypercall: (number: number, a: bigint, b: bigint, c: bigint) =>
        this.hypercalls.call(number, Number(a), BigInt.asUintN(64, b), Number(c)),
      nextEvent: () => this.pending.shift() ?? -1,
      now: () => this.clock,
      random: () => 4n,
      portIn8: () => 0xff,
      portOut8: () => {},
      log: () => {},
      config: (linear: number, bytes: number) => {
        this.#linear(linear, bytes).set(this.#config.subarray(0, bytes));
        return this.#config.length;
      },
      moduleAddress: () => BigInt(MODULE_FRAME) << 12n,
      moduleBytes: () => BigInt(this.module.length),
      spareAddress: () => BigInt(SPARE_FRAME) << 12n,
      spareBytes: () => BigInt(this.spare.length),
    };
  }

  #single(): Record<string, (...values: never[]) => unknown> {
    const view = (handle: number, offset: number, bytes: number) => {
      if (offset % bytes !== 0) throw new WorldFault(`access of ${bytes} bytes at ${offset}`);
      const page = this.page(handle, offset, bytes);
      return new DataView(page.buffer, page.byteOffset);
    };
    const reading = (handle: number, offset: number, bytes: number) => {
      this.onRead(this.page(handle, offset, bytes), offset, bytes);
      return view(handle, offset, bytes);
    };
    return {
      pageLoad8: (h: number, o: number) => reading(h, o, 1).getUint8(o),
      pageLoad16: (h: number, o: number) => reading(h, o, 2).getUint16(o, true),
      pageLoad32: (h: number, o: number) => reading(h, o, 4).getUint32(o, true),
      pageLoad64: (h: number, o: number) => reading(h, o, 8).getBigUint64(o, true),
      pageStore8: (h: number, o: number, v: number) => view(h, o, 1).setUint8(o, v),
      pageStore16: (h: number, o: number, v: number) => view(h, o, 2).setUint16(o, v, true),
      pageStore32: (h: number, o: number, v: number) => view(h, o, 4).setUint32(o, v, true),
      pageStore64: (h: number, o: number, v: bigint) => view(h, o, 8).setBigUint64(o, v, true),
    };
  }

  #bulk(): Record<string, (...values: never[]) => unknown> {
    return {
      pageCopyIn: (handle: number, offset: number, linear: number, bytes: number) => {
        const page = this.page(handle, offset, bytes);
        this.onRead(page, offset, bytes);
        this.#linear(linear, bytes).set(page.subarray(offset, offset + bytes));
      },
      pageCopyOut: (handle: number, offset: number, linear: number, bytes: number) => {
        this.page(handle, offset, bytes).set(this.#linear(linear, bytes), offset);
      },
      pageCopy: (from: number, at: number, to: number, target: number, bytes: number) => {
        const source = this.page(from, at, bytes);
        this.onRead(source, at, bytes);
        this.page(to, target, bytes).set(source.subarray(at, at + bytes), target);
      },
      fence: () => {},
    };
  }
}

function pageOf(memory: Uint8Array, index: number): Uint8Array | undefined {
  const start = index * PAGE_BYTES;
  if (index < 0 || start >= memory.length) return undefined;
  return memory.subarray(start, start + PAGE_BYTES);
}
