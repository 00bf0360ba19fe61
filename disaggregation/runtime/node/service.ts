// A service's .wasm in a domain of the simulated machine: the imports of world.ts, over the
// domain's window.

import { engine, type WasmMemory } from "../../../tcb/machine/sim/engine.ts";
import { HANDLES, PAGE_ARGUMENTS, PAGE_SHARED, WINDOW } from "../places.ts";
import type { SimulatedDomain } from "./domain.ts";

/** I/O ports that a service was given, in a test. */
export interface PortDevice {
  in8(port: number): number;
  out8(port: number, value: number): void;
}

export interface ServiceOptions {
  readonly wasm: Uint8Array;
  readonly config: string;
  readonly module?: { readonly address: bigint; readonly bytes: bigint };
  readonly spare?: { readonly address: bigint; readonly bytes: bigint };
  readonly ports?: PortDevice;
  readonly seed?: bigint;
}

interface ServiceExports {
  start(): void;
  turn(): bigint;
  readonly memory: WasmMemory;
}

const PAGE_BYTES = 4096;
export const NEVER = 0xffffffffffffffffn;
/** Where the world itself puts the structures of its hypercalls. */
const STRUCTURE = BigInt(WINDOW + PAGE_ARGUMENTS * PAGE_BYTES);
const NOTHING = { address: 0n, bytes: 0n };

export class SimulatedService {
  readonly domain: SimulatedDomain;
  readonly exports: ServiceExports;
  /** What the service logged. */
  log = "";
  /** When it wants to be called at the latest (ns). */
  deadline = 0n;
  /** Accesses to pages until it ends as by a fault. */
  accessesLeft = Number.POSITIVE_INFINITY;
  /** It never comes to the end of a turn. */
  hangs = false;
  /** Why it ended; undefined: it runs. */
  crash: Error | undefined;
  readonly #options: ServiceOptions;
  #random: bigint;

  constructor(domain: SimulatedDomain, options: ServiceOptions) {
    this.domain = domain;
    this.#options = options;
    this.#random = options.seed ?? 0x9e3779b97f4a7c15n;
    const module = new engine.Module(options.wasm);
    const instance = new engine.Instance(module, { world: this.#imports() });
    this.exports = instance.exports as unknown as ServiceExports;
  }

  /** Maps shared_info and starts the service. */
  start(): void {
    this.domain.awaken();
    this.domain.mapSharedInfo(WINDOW / PAGE_BYTES + PAGE_SHARED, STRUCTURE);
    this.#guard(() => this.exports.start());
  }

  /** One call of `turn`, and the wait that it asks for. */
  turn(): void {
    this.#guard(() => {
      this.deadline = BigInt.asUintN(64, this.exports.turn());
      if (this.deadline === 0n) return;
      this.domain.wait(this.deadline === NEVER ? 0n : this.deadline, STRUCTURE);
    });
  }

  /** A trap ends the service, as it ends its domain on the metal. */
  #guard(step: () => void): void {
    if (this.crash !== undefined) return;
    try {
      step();
    } catch (error) {
      this.crash = error instanceof Error ? error : new Error(String(error));
    }
  }

  #imports() {
    return { ...this.#pageImports(), ...this.#copyImports(), ...this.#callImports() };
  }

  #linear(offset: number, bytes: number): Uint8Array {
    const { buffer } = this.exports.memory;
    if ((bytes >>> 0) + (offset >>> 0) > buffer.byteLength) {
      throw new RangeError("an access outside of linear memory");
    }
    return new Uint8Array(buffer, offset >>> 0, bytes >>> 0);
  }

  #page(handle: number, offset: number, bytes: number, write: boolean) {
    if (this.accessesLeft-- <= 0) throw new Error("the service ends here, by a test's will");
    if (handle >>> 0 >= HANDLES || (offset >>> 0) + (bytes >>> 0) > PAGE_BYTES) {
      throw new RangeError(`a page's border was crossed: ${handle >>> 0}, ${offset >>> 0}`);
    }
    return this.domain.at(BigInt(WINDOW + handle * PAGE_BYTES + offset), bytes, write);
  }

  #whole(handle: number, offset: number, bytes: number, write: boolean) {
    if (offset % bytes !== 0) throw new RangeError(`an access is not aligned: ${offset}`);
    return this.#page(handle, offset, bytes, write);
  }

  #pageImports() {
    const load = (bytes: number) => (handle: number, offset: number) => {
      const { view, offset: at } = this.#whole(handle, offset, bytes, false);
      if (bytes === 1) return view.getUint8(at);
      return bytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
    };
    const store = (bytes: number) => (handle: number, offset: number, value: number) => {
      const { view, offset: at } = this.#whole(handle, offset, bytes, true);
      if (bytes === 1) view.setUint8(at, value);
      else if (bytes === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
    };
    return {
      pageLoad8: load(1),
      pageLoad16: load(2),
      pageLoad32: load(4),
      pageLoad64: (handle: number, offset: number) => {
        const { view, offset: at } = this.#whole(handle, offset, 8, false);
        return view.getBigUint64(at, true);
      },
      pageStore8: store(1),
      pageStore16: store(2),
      pageStore32: store(4),
      pageStore64: (handle: number, offset: number, value: bigint) => {
        const { view, offset: at } = this.#whole(handle, offset, 8, true);
        view.setBigUint64(at, BigInt.asUintN(64, value), true);
      },
    };
  }

  #copyImports() {
    return {
      pageCopyIn: (handle: number, offset: number, linear: number, bytes: number) => {
        const { content, offset: at } = this.#page(handle, offset, bytes, false);
        this.#linear(linear, bytes).set(content.subarray(at, at + bytes));
      },
      pageCopyOut: (handle: number, offset: number, linear: number, bytes: number) => {
        const { content, offset: at } = this.#page(handle, offset, bytes, true);
        content.set(this.#linear(linear, bytes), at);
      },
      pageCopy: (from: number, fromAt: number, to: number, toAt: number, bytes: number) => {
        const source = this.#page(from, fromAt, bytes, false);
        const copied = source.content.slice(source.offset, source.offset + bytes);
        const target = this.#page(to, toAt, bytes, true);
        target.content.set(copied, target.offset);
      },
      fence: () => {},
    };
  }

  #callImports() {
    const { module = NOTHING, spare = NOTHING, ports, config } = this.#options;
    const text = Buffer.from(config, "latin1");
    const { machine } = this.domain.cpu;
    return {
      hypercall: (number: number, a: bigint, b: bigint, c: bigint) =>
        this.domain.hypercall(number, a, b, c),
      nextEvent: () => this.domain.nextEvent(),
      now: () => machine.ticks,
      random: () => {
        this.#random = BigInt.asUintN(64, this.#random * 6364136223846793005n + 1n);
        return this.#random;
      },
      portIn8: (port: number) => ports?.in8(port) ?? 0xff,
      portOut8: (port: number, value: number) => ports?.out8(port, value & 0xff),
      log: (linear: number, bytes: number) => {
        this.log += Buffer.from(this.#linear(linear, bytes)).toString("latin1");
      },
      config: (linear: number, bytes: number) => {
        const count = Math.min(bytes >>> 0, text.length);
        this.#linear(linear, count).set(text.subarray(0, count));
        return text.length;
      },
      moduleAddress: () => module.address,
      moduleBytes: () => module.bytes,
      spareAddress: () => spare.address,
      spareBytes: () => spare.bytes,
    };
  }
}
