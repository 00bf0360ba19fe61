// Random requests of four domains, in and out of transactions, beside a model of the store. Catches
// any answer, right, conflict or event in which the service differs from what the protocol means.

import { describe, expect, it } from "vitest";
import type { StoreClient } from "./client.ts";
import { StoreModel } from "./model.ts";
import { CONTROL, storeWorld } from "./world.ts";

const STEPS = 1200;
const SEEDS = [1, 2, 3, 4];
const HOMES = [2, 3, 4, 5].map((domain) => `/local/domain/${domain}`);

/** A small generator with a seed (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed * 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

class Pair {
  readonly model = new StoreModel([0, CONTROL]);
  readonly clients: readonly (readonly [number, StoreClient])[];
  readonly #random: (below: number) => number;
  readonly #open: [number, number][] = [];

  constructor(seed: number) {
    const { control, one, two, three } = storeWorld();
    this.clients = [control, one, two, three].map((client, index) => [CONTROL + index, client]);
    this.#random = generator(seed);
    for (const home of HOMES) {
      this.model.write(0, home, 0, "");
      this.model.permit(0, home, 0, `n${home.at(-1)}`);
    }
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#random(values.length)]!;
  }

  #path(): string {
    const deep = Array.from({ length: this.#random(4) }, () => this.#pick(["a", "b", "c"]));
    const path = [this.#pick([...HOMES, "/shared"]), ...deep].join("/");
    return this.#random(40) === 0 ? "/" : path;
  }

  #permissions(domain: number): string {
    const letter = (): string => this.#pick(["n", "r", "w", "b"]);
    const owner = this.#random(8) === 0 ? CONTROL + this.#random(4) : domain;
    const others = Array.from({ length: this.#random(3) }, () => {
      return `${letter()}${CONTROL + this.#random(4)}`;
    });
    return [`${letter()}${owner}`, ...others].join(" ");
  }

  /** The same request to both; their answers. */
  #request(domain: number, client: StoreClient): readonly [string, string, string] {
    const mine = this.#open.filter(([owner]) => owner === domain);
    const number = this.#random(3) === 0 ? (this.#pick(mine)?.[1] ?? 0) : 0;
    const path = this.#path();
    const { model } = this;
    const named = (kind: string): string => `${domain}: ${kind} ${path} in ${number}`;
    switch (this.#random(12)) {
      case 0:
      case 1:
        return [named("read"), model.read(domain, path, number), client.read(path, number)];
      case 2: {
        const listed = client.list(path, number).join(" ");
        return [named("list"), model.list(domain, path, number), listed];
      }
      case 3: {
        const found = client.permissions(path, number);
        return [named("permissions"), model.permissions(domain, path, number), found];
      }
      case 4:
        return [
          named("mkdir"),
          model.write(domain, path, number, undefined),
          client.mkdir(path, number),
        ];
      case 5:
        return [named("rm"), model.rm(domain, path, number), client.rm(path, number)];
      case 6: {
        const words = this.#permissions(domain);
        const answer = model.permit(domain, path, number, words);
        return [named(`permit ${words}`), answer, client.permit(path, words, number)];
      }
      case 7: {
        const token = `t${this.#random(3)}`;
        if (model.watches.length > 40) return [named("nothing"), "", ""];
        const answer = model.watch(domain, path, token, (shown) => shown);
        return [named("watch"), answer, client.watch(path, token)];
      }
      case 8:
        return this.#transaction(domain, client);
      default: {
        const value = `${this.#random(1000)}`.repeat(this.#random(30));
        const answer = model.write(domain, path, number, value);
        return [named("write"), answer, client.write(path, value, number)];
      }
    }
  }

  /** Begins or ends one. */
  #transaction(domain: number, client: StoreClient): readonly [string, string, string] {
    const mine = this.#open.filter(([owner]) => owner === domain);
    if (mine.length < 3 && this.#random(2) === 0) {
      const number = client.begin();
      this.model.begin(domain, number);
      this.#open.push([domain, number]);
      return [`${domain}: begin ${number}`, "", ""];
    }
    const found = this.#pick(mine);
    if (found === undefined) return ["nothing", "", ""];
    this.#open.splice(this.#open.indexOf(found), 1);
    const commit = this.#random(4) !== 0;
    const answer = this.model.end(domain, found[1], commit);
    return [`${domain}: end ${found[1]} ${commit}`, answer, client.end(found[1], commit)];
  }

  step(): void {
    const [domain, client] = this.#pick(this.clients);
    const [what, wanted, found] = this.#request(domain, client);
    expect([what, found]).toEqual([what, wanted]);
    for (const [other, receiver] of this.clients) {
      const events = receiver.takeEvents().sort();
      const meant = [...(this.model.events.get(other)?.values() ?? [])].sort();
      this.model.events.delete(other);
      expect([what, other, events]).toEqual([what, other, meant]);
    }
  }
}

describe("the store beside its model", () => {
  it.each(SEEDS)("answers alike, seed %i", { timeout: 120_000 }, (seed) => {
    const pair = new Pair(seed);
    for (let step = 0; step < STEPS; step++) pair.step();
  });
});
