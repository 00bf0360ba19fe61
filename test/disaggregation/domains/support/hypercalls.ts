// The hypercalls that a back end makes, over scripted domains: event channels and grants, with the
// results that the core gives (tcb/core/event_channel.ts, grant_table.ts).

import { PAGE_ARGUMENTS, WINDOW } from "../../../../disaggregation/runtime/places.ts";
import type { PageWorld } from "./page-world.ts";
import type { Grant, ScriptedDomain } from "./scripted-domain.ts";

const ARGUMENTS = BigInt(WINDOW) + BigInt(PAGE_ARGUMENTS) * 4096n;
const EINVAL = -22n;
const ENOSYS = -38n;
const OWN = 0x7ff0;
export const STORE_PORT = 1;

const GENERAL_ERROR = -1;
const DENIED = -8;
const BAD_COPY = -10;

interface Mapping {
  readonly handle: number;
  readonly grant: Grant;
}

export class Hypercalls {
  readonly mappings = new Map<number, Mapping>();
  /** The service's ports: whose they are connected to. */
  readonly channels = new Map<number, { domain: ScriptedDomain; port: number }>();
  /** Bytes moved by grant copies. */
  copied = 0;
  /** Called before each grant copy is looked at, with its number since the beginning. */
  onCopy: (number: number) => void = () => {};
  /** Notifications of xenstore's port. */
  storeNotified = 0;
  readonly #world: PageWorld;
  #copies = 0;
  #nextMapping = 0;
  #nextPort = STORE_PORT + 1;

  constructor(world: PageWorld) {
    this.#world = world;
  }

  call(number: number, operation: number, address: bigint, count: number): bigint {
    this.#world.work++;
    const offset = Number(address - ARGUMENTS);
    const page = this.#world.pages[PAGE_ARGUMENTS]!;
    const view = new DataView(page.buffer, page.byteOffset);
    if (number === 20 && operation === 0) return this.#map(view, offset);
    if (number === 20 && operation === 1) return this.#unmap(view, offset);
    if (number === 20 && operation === 5) return this.#copyAll(view, offset, count);
    if (number === 32 && operation === 0) return this.#bind(view, offset);
    if (number === 32 && operation === 3) return this.#close(view, offset);
    if (number === 32 && operation === 4) return this.#send(view, offset);
    if (number === 34 && operation === 1) return this.#parameter(view, offset);
    return ENOSYS;
  }

  #parameter(view: DataView, offset: number): bigint {
    const index = view.getUint32(offset + 4, true);
    view.setBigUint64(offset + 8, index === 2 ? BigInt(STORE_PORT) : 0n, true);
    return 0n;
  }

  #bind(view: DataView, offset: number): bigint {
    const domain = this.#world.domains.get(view.getUint16(offset, true));
    const remote = view.getUint32(offset + 4, true);
    const state = domain?.ports.get(remote);
    if (domain === undefined || state === undefined || state.servicePort !== 0) return EINVAL;
    const port = this.#nextPort++;
    state.servicePort = port;
    this.channels.set(port, { domain, port: remote });
    view.setUint32(offset + 8, port, true);
    return 0n;
  }

  #close(view: DataView, offset: number): bigint {
    const port = view.getUint32(offset, true);
    const channel = this.channels.get(port);
    if (channel === undefined) return EINVAL;
    const state = channel.domain.ports.get(channel.port);
    if (state !== undefined) state.servicePort = 0;
    this.channels.delete(port);
    return 0n;
  }

  #send(view: DataView, offset: number): bigint {
    const port = view.getUint32(offset, true);
    if (port === STORE_PORT) {
      this.storeNotified++;
      return 0n;
    }
    const channel = this.channels.get(port);
    const state = channel?.domain.ports.get(channel.port);
    if (state === undefined) return EINVAL;
    state.notified++;
    return 0n;
  }

  /** The front end notifies the service by one of its ports. */
  notify(domain: ScriptedDomain, port: number): void {
    const service = domain.ports.get(port)?.servicePort ?? 0;
    if (service !== 0 && !this.#world.pending.includes(service)) this.#world.pending.push(service);
  }

  #map(view: DataView, offset: number): bigint {
    const handle = Number((view.getBigUint64(offset, true) - BigInt(WINDOW)) >> 12n);
    const readOnly = (view.getUint32(offset + 8, true) & 4) !== 0;
    const domain = this.#world.domains.get(view.getUint16(offset + 16, true));
    const grant = domain?.grants.get(view.getUint32(offset + 12, true));
    if (grant === undefined || (grant.readOnly && !readOnly)) {
      view.setInt16(offset + 18, DENIED, true);
      return 0n;
    }
    const mapping = this.#nextMapping++;
    this.mappings.set(mapping, { handle, grant });
    grant.mapped++;
    this.#world.pages[handle] = grant.page;
    view.setInt16(offset + 18, 0, true);
    view.setUint32(offset + 20, mapping, true);
    return 0n;
  }

  #unmap(view: DataView, offset: number): bigint {
    const number = view.getUint32(offset + 16, true);
    const mapping = this.mappings.get(number);
    view.setInt16(offset + 20, mapping === undefined ? GENERAL_ERROR : 0, true);
    if (mapping === undefined) return 0n;
    mapping.grant.mapped--;
    this.#world.pages[mapping.handle] = undefined;
    this.mappings.delete(number);
    return 0n;
  }

  #copyAll(view: DataView, offset: number, count: number): bigint {
    for (let index = 0; index < count; index++) {
      const at = offset + index * 40;
      this.#world.work++;
      this.onCopy(this.#copies++);
      view.setInt16(at + 36, this.#copyOne(view, at), true);
    }
    return 0n;
  }

  #end(view: DataView, at: number, isGrant: boolean, write: boolean): Uint8Array | undefined {
    const value = Number(view.getBigUint64(at, true));
    const named = view.getUint16(at + 8, true);
    if (!isGrant) return named === OWN ? this.#world.ownFrame(value) : undefined;
    const grant = this.#world.domains.get(named)?.grants.get(value);
    return grant === undefined || (write && grant.readOnly) ? undefined : grant.page;
  }

  #copyOne(view: DataView, at: number): number {
    const bytes = view.getUint16(at + 32, true);
    const flags = view.getUint16(at + 34, true);
    const from = view.getUint16(at + 10, true);
    const to = view.getUint16(at + 26, true);
    if (from + bytes > 4096 || to + bytes > 4096) return BAD_COPY;
    const source = this.#end(view, at, (flags & 1) !== 0, false);
    const target = this.#end(view, at + 16, (flags & 2) !== 0, true);
    if (source === undefined || target === undefined) return DENIED;
    this.#world.onRead(source, from, bytes);
    target.set(source.subarray(from, from + bytes), to);
    this.copied += bytes;
    return 0;
  }
}
