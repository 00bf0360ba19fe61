/** All oracles, as one judge of each step of the core. */

import type { Judge, Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { Agreement } from "./agreement.ts";
import { Console } from "./console.ts";
import { Invariants } from "./invariants.ts";
import { Isolation } from "./isolation.ts";
import { Safety } from "./safety.ts";

export const oracleNames = [
  ...(["specification", "invariants", "isolation", "safety", "console"] as const),
] as const;
export type OracleName = (typeof oracleNames)[number];

export class Oracles implements Judge {
  readonly agreement: Agreement | undefined;
  readonly #invariants: Invariants | undefined;
  readonly #others: readonly { judge(taken: Taken): Violation | undefined }[];

  /** Without `names`: all of them. */
  constructor(machine: FuzzMachine, names: readonly OracleName[] = oracleNames) {
    const wanted = new Set<OracleName>(names);
    this.agreement = wanted.has("specification") ? new Agreement(machine) : undefined;
    this.#invariants = wanted.has("invariants") ? new Invariants(machine) : undefined;
    this.#others = [
      ...(wanted.has("safety") ? [new Safety(machine)] : []),
      ...(this.agreement === undefined ? [] : [this.agreement]),
      ...(wanted.has("console") ? [new Console(machine)] : []),
      ...(wanted.has("isolation") ? [new Isolation(machine)] : []),
      ...(this.#invariants === undefined ? [] : [this.#invariants]),
    ];
  }

  /** Whether every program is looked at as closely as can be; a campaign does so with findings. */
  set thorough(value: boolean) {
    if (this.#invariants !== undefined) this.#invariants.thorough = value;
  }

  follow(from: number): void {
    this.agreement?.follow(from);
  }

  restore(end: number): void {
    this.agreement?.restore(end);
    this.#invariants?.restore();
  }

  renew(): void {
    this.agreement?.renew();
    this.#invariants?.renew();
  }

  settle(): Violation | undefined {
    return this.#invariants?.settle();
  }

  judge(taken: Taken): Violation | undefined {
    for (const oracle of this.#others) {
      const violation = oracle.judge(taken);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }
}
