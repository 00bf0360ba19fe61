// One service, xenstore and scripted domains, run until nothing moves.

import type { WasmModule } from "../../../../tcb/machine/sim/engine.ts";
import { PageWorld, type PageWorldOptions } from "./page-world.ts";
import { ScriptedDomain } from "./scripted-domain.ts";
import { StorePeer } from "./store-peer.ts";

export const SERVICE_DOMAIN = 1;
/** More turns than any exchange of a test takes: what needs more is a service that never rests. */
const TURNS_LIMIT = 20_000;

export class System {
  /** The service's present instance. */
  world: PageWorld;
  readonly store: StorePeer;
  /** Most work of a turn, and turns so far. */
  mostWork = 0;
  turns = 0;

  readonly #wasm: WasmModule;
  readonly #options: PageWorldOptions;

  constructor(wasm: WasmModule, options: PageWorldOptions = {}) {
    this.#wasm = wasm;
    this.#options = options;
    this.world = new PageWorld(wasm, options);
    this.store = new StorePeer(this.world, SERVICE_DOMAIN);
    this.world.start();
  }

  addDomain(id: number): ScriptedDomain {
    const domain = new ScriptedDomain(id);
    this.world.domains.set(id, domain);
    return domain;
  }

  /** The service's domain is gone, and another of its number starts: its mappings and watches are
   *  no more, and the ports of its clients wait for it again. Its own memory stays. */
  restart(): void {
    const { domains, module, spare, clock } = this.world;
    const config = this.#options.config ?? "";
    this.world = new PageWorld(this.#wasm, { config, module, spare });
    this.world.clock = clock;
    for (const domain of domains.values()) {
      this.world.domains.set(domain.id, domain);
      for (const port of domain.ports.values()) port.servicePort = 0;
      for (const grant of domain.grants.values()) grant.mapped = 0;
    }
    this.store.reconnect(this.world);
    this.world.start();
    this.settle();
  }

  /** One turn of the service and of xenstore. True: there is more to do. */
  step(): boolean {
    const before = this.world.work;
    const deadline = this.world.turn();
    this.turns++;
    this.mostWork = Math.max(this.mostWork, this.world.work - before);
    const moved = this.store.pump();
    return moved || deadline === 0n || this.world.pending.length > 0;
  }

  settle(): void {
    for (let count = 0; this.step(); count++) {
      if (count > TURNS_LIMIT) throw new Error("the service does not come to rest");
    }
  }
}
