// The front end's half of xenbus as Linux plays it (drivers/xen/xenbus): what the toolstack writes
// for a device, and the states that both ends go through.

import type { ScriptedDomain } from "./scripted-domain.ts";
import { SERVICE_DOMAIN, type System } from "./system.ts";

export const state = {
  initialising: 1,
  waiting: 2,
  initialised: 3,
  connected: 4,
  closing: 5,
  closed: 6,
} as const;

export class XenbusFront {
  readonly system: System;
  readonly domain: ScriptedDomain;
  readonly front: string;
  readonly back: string;

  constructor(system: System, domain: ScriptedDomain, kind: string, number: number) {
    this.system = system;
    this.domain = domain;
    this.front = `/local/domain/${domain.id}/device/${kind}/${number}`;
    this.back = `/local/domain/${SERVICE_DOMAIN}/backend/${kind}/${domain.id}/${number}`;
  }

  /** What the toolstack writes, front end first, as xl does. */
  create(backKeys: Readonly<Record<string, string>>): void {
    this.set("backend", this.back);
    this.set("backend-id", String(SERVICE_DOMAIN));
    this.set("state", String(state.initialising));
    const common = { frontend: this.front, "frontend-id": String(this.domain.id), online: "1" };
    for (const [key, value] of Object.entries({ ...common, state: "1", ...backKeys })) {
      this.system.store.nodes.set(`${this.back}/${key}`, value);
    }
    this.system.store.write(this.back, "");
    this.system.settle();
  }

  set(key: string, value: string | number): void {
    this.system.store.write(`${this.front}/${key}`, String(value));
  }

  setState(value: number): void {
    this.set("state", value);
    this.system.settle();
  }

  backKey(key: string): string | undefined {
    return this.system.store.read(`${this.back}/${key}`);
  }

  get backState(): number {
    return Number(this.backKey("state") ?? 0);
  }

  /** The toolstack takes the device away. */
  remove(): void {
    this.system.store.remove(this.back);
    this.system.settle();
  }
}
