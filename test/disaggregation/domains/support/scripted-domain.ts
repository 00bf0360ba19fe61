// A domain that a test plays: frames, a grant table and event ports, and nothing that runs.

import { PAGE_BYTES } from "./page-world.ts";

export interface Grant {
  readonly page: Uint8Array;
  readonly readOnly: boolean;
  /** Mappings of it that exist. */
  mapped: number;
}

export class ScriptedDomain {
  readonly id: number;
  readonly grants = new Map<number, Grant>();
  /** Ports that are offered to the service, and notifications that came by them. */
  readonly ports = new Map<number, { servicePort: number; notified: number }>();
  #nextReference = 8;
  #nextPort = 5;

  constructor(id: number) {
    this.id = id;
  }

  /** Offers a page to the service; returns the reference. */
  grant(page: Uint8Array, readOnly = false): number {
    const reference = this.#nextReference++;
    this.grants.set(reference, { page, readOnly, mapped: 0 });
    return reference;
  }

  revoke(reference: number): void {
    this.grants.delete(reference);
  }

  offerPort(): number {
    const port = this.#nextPort++;
    this.ports.set(port, { servicePort: 0, notified: 0 });
    return port;
  }

  /** How often the service has notified a port since the last look. */
  takeNotifications(port: number): number {
    const state = this.ports.get(port);
    if (state === undefined) return 0;
    const count = state.notified;
    state.notified = 0;
    return count;
  }
}

export function freshPage(): Uint8Array {
  return new Uint8Array(PAGE_BYTES);
}
