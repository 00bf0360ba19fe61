// Writes down what guests do while programs run on the simulated machine, as records that the
// fuzzing guest carries out on the metal, with the answers that are expected there. Steps that
// would take the guests' own ground away, or cannot be done on a machine, are refused.

import { linearBytes } from "../../tcb/core/layout.ts";
import { place, RAM_BYTES } from "../instrument/places.ts";
import { actors } from "../program/program.ts";
import { columnNamed } from "../world/columns.ts";
import type { Judge, Taken, Violation } from "../world/executor.ts";
import { Guests, vmcb } from "../world/guest.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { residents } from "../world/pack.ts";
import { CODE, TABLES } from "./image.ts";
import { type Answer, hashPage, type Range, type Record } from "./record.ts";

const PAGE = 4096;
/** Behind it residents have no memory. */
const GFN_END = 0x210;
/** Where residents' vCPUs have their structures. */
const STRUCTURES = { first: 0x1000, end: 0x3000 } as const;
const GRANT_GFN = 0x202;
const RUNNING = 2;
const DOMAINS = 64;
const sharedInfo = columnNamed("domainSharedInfo").base;
const domainState = columnNamed("domainState").base;
const gpr = columnNamed("gprValue").base;
const teardownRow = columnNamed("domainTeardownRow").base;
const isTeardown = (at: number): boolean => at >= teardownRow && at < teardownRow + DOMAINS * 4;
/** What is said against the step after a call that did not come to its end. */
export const LEFT = "a call is left";
const poolWord = columnNamed("poolWord");

export interface Recorded {
  readonly record: Record;
  readonly answer: Answer;
}

/** Pages that a guest cannot do without. */
const ground: readonly number[] = [CODE, TABLES, STRUCTURES].flatMap(({ first, end }) =>
  Array.from({ length: (end - first) / PAGE }, (_, index) => first + index * PAGE),
);
const isFixed = (gfn: number): boolean =>
  [CODE, TABLES].some(({ first, end }) => gfn * PAGE >= first && gfn * PAGE < end);

export class Recorder implements Judge {
  recorded: Recorded[] = [];
  readonly #machine: FuzzMachine;
  readonly #guests: Guests;
  /** Where each domain's ground lay at the beginning. */
  readonly #ground = new Map<number, readonly number[]>();
  /** By page of the machine's memory: nobody but its guest may write there. */
  readonly #fixed = new Uint8Array(RAM_BYTES / PAGE);
  #cursor: number;
  #stores: { domain: number; stores: [number, number][] }[] = [];
  /** The call that is under way: its vCPU and what its guest had in its registers. */
  #call: { vcpu: number; rip: number; registers: bigint[]; isLong: boolean } | undefined;
  #why: string | undefined;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#guests = new Guests(machine);
    this.#cursor = machine.logEnd;
    for (const { domain } of residents) {
      const places = ground.map((address) => this.#guests.place(domain, address));
      this.#ground.set(domain, places);
      for (const [index, at] of places.entries()) {
        if (ground[index]! >= TABLES.first) this.#fixed[(at - place.ram) / PAGE] = 1;
      }
    }
  }

  /** A program begins, or begins again: the log ends where it now does. */
  begin(): void {
    this.recorded = [];
    this.#stores = [];
    this.#call = undefined;
    this.#why = undefined;
    this.#cursor = this.#machine.logEnd;
  }

  restore(): void {}
  renew(): void {}

  follow(): void {
    this.#takeStores();
    if (this.#call === undefined) this.#enter(this.#guests.current());
  }

  /** What the harness stored since the last look. */
  #takeStores(): void {
    const { words, logEnd } = this.#machine;
    for (; this.#cursor < logEnd; this.#cursor += 16) {
      const at = words[this.#cursor >> 2]! & ~3;
      if (at >= linearBytes) this.#store(at, words[at >> 2]!);
      // While a call goes on, the harness touches nothing but how far a teardown is.
      else if (this.#call !== undefined && !isTeardown(at)) this.#why = LEFT;
    }
  }

  /** A guest stores a word: whoever has it in its memory. */
  #store(at: number, value: number): void {
    const page = at & ~(PAGE - 1);
    const current = this.#guests.current();
    const order = [actors.findIndex(([domain, id]) => this.#guests.row(domain, id) === current)]
      .filter((index) => index >= 0)
      .map((index) => actors[index]![0])
      .concat(residents.map(({ domain }) => domain));
    for (const domain of order) {
      for (let gfn = 0; gfn < GFN_END; gfn++) {
        if (this.#guests.place(domain, gfn * PAGE) !== page) continue;
        if (this.#fixed[(page - place.ram) / PAGE] !== 0) this.#why = "a guest's ground changes";
        const last = this.#stores.at(-1);
        const store: [number, number] = [gfn * PAGE + (at - page), value];
        if (last?.domain === domain) last.stores.push(store);
        else this.#stores.push({ domain, stores: [store] });
        return;
      }
    }
    this.#why = "no guest has what is stored to";
  }

  #enter(vcpu: number): void {
    const { longs } = this.#machine;
    const code = this.#machine.words[(vmcb.exitCode + vcpu * PAGE) >> 2]!;
    if (vcpu < 0 || code !== 0x81) return;
    const isLong = this.#machine.words[(vmcb.cs + vcpu * PAGE) >> 2]! >>> 16 === 0x0a9b;
    const names = isLong ? [7, 6, 2] : [3, 1, 2];
    const registers = [
      longs[(vmcb.rax + vcpu * PAGE) >> 3]!,
      ...names.map((name) => longs[(gpr + (vcpu * 16 + name) * 8) >> 3]!),
    ];
    this.#call = { vcpu, rip: this.#guests.rip(vcpu), registers, isLong };
  }

  judge({ door, vcpu, ended, from }: Taken): Violation | undefined {
    const { machine, call } = { machine: this.#machine, call: this.#call };
    this.#cursor = machine.logEnd;
    if (ended.how !== "done") return refused(`the step ended by ${ended.how}`);
    if (this.#why !== undefined) return refused(this.#why);
    if (door === "select") return undefined;
    if (call === undefined || call.vcpu !== vcpu) return refused(LEFT);
    const why = this.#lost(from);
    if (why !== undefined) return refused(why);
    if (this.#guests.rip(vcpu) === call.rip) return undefined;
    this.#call = undefined;
    this.#keep(vcpu, call);
    return undefined;
  }

  settle(): Violation | undefined {
    this.#takeStores();
    const why = this.#call === undefined ? this.#why : LEFT;
    if (why !== undefined) return refused(why);
    this.#keepStores();
    return undefined;
  }

  /** Why the guests could not go on after this step, if they could not. */
  #lost(from: number): string | undefined {
    const { words, bytes, logEnd } = this.#machine;
    for (let entry = from; entry < logEnd; entry += 16) {
      const at = words[entry >> 2]!;
      if (at >= linearBytes && this.#fixed[(at - place.ram) >> 12] !== 0) return "ground written";
    }
    for (const [domain, places] of this.#ground) {
      if (ground.some((address, index) => this.#guests.place(domain, address) !== places[index])) {
        return "ground lost";
      }
    }
    for (const [domain, id] of actors.slice(0, 6)) {
      const row = this.#guests.row(domain, id);
      if (row < 0 || !this.#guests.canRun(domain, row)) return "a guest no longer runs";
    }
    for (let domain = 5; domain < DOMAINS; domain++) {
      if (bytes[domainState + domain] === RUNNING) return "somebody else runs";
    }
    return this.#isPoolEmpty() ? "the pool is empty" : undefined;
  }

  /** The metal has more memory than the simulated machine. */
  #isPoolEmpty(): boolean {
    const { base, rows } = poolWord;
    const first = base >> 3;
    return this.#machine.longs.subarray(first, first + rows).every((word) => word === 0n);
  }

  #keep(vcpu: number, { registers, isLong }: { registers: bigint[]; isLong: boolean }): void {
    const actor = actors.findIndex(([domain, id]) => this.#guests.row(domain, id) === vcpu);
    const [domain, id] = actors[actor]!;
    const own = this.#stores.at(-1)?.domain === domain ? this.#stores.pop() : undefined;
    this.#keepStores();
    const structure = { address: STRUCTURES.first + id * PAGE, pages: 1, tellsTime: false };
    const ranges = [structure, ...this.#ranges(domain, GRANT_GFN, GRANT_GFN + 2)];
    const stores = own?.stores ?? [];
    const rax = this.#machine.longs[(vmcb.rax + vcpu * PAGE) >> 3]!;
    this.recorded.push({
      record: { kind: "call", actor, isLong, stores, ranges, registers },
      answer: { result: isLong ? rax : rax & 0xffffffffn, hash: this.#hash(actor, ranges) },
    });
  }

  /** Stores of guests that make no call. */
  #keepStores(): void {
    for (const { domain, stores } of this.#stores) {
      const actor = actors.findIndex(([of]) => of === domain);
      const blank = { isLong: true, ranges: [], registers: [] } as const;
      const record: Record = { kind: "stores", actor, stores, ...blank };
      this.recorded.push({ record, answer: { result: 0n, hash: this.#hash(actor, []) } });
    }
    this.#stores = [];
  }

  /** A look at all memory of each resident, and at nothing else. */
  lookAtAll(kind: "stores" | "finish"): Recorded[] {
    return residents.map(({ domain }, index) => {
      const actor = actors.findIndex(([of]) => of === domain);
      const ranges = this.#ranges(domain, 0, GFN_END);
      const isLast = kind === "finish" && index === residents.length - 1;
      const record: Record = {
        kind: isLast ? "finish" : "stores",
        actor,
        isLong: true,
        stores: [],
        ranges,
        registers: [],
      };
      return { record, answer: { result: 0n, hash: this.#hash(actor, ranges) } };
    });
  }

  /** What a domain has of these pages, in ranges; without code, stacks and page tables. */
  #ranges(domain: number, first: number, end: number): Range[] {
    const ranges: Range[] = [];
    const shared = this.#machine.words[(sharedInfo + domain * 4) >> 2]!;
    const special = this.#guests.special("sharedInfo", domain, 0);
    for (let gfn = first; gfn < end; gfn++) {
      const at = this.#guests.place(domain, gfn * PAGE);
      if (at < 0 || isFixed(gfn)) continue;
      const tellsTime = shared !== 0 && at === special;
      const last = ranges.at(-1);
      const goesOn = last !== undefined && last.address + last.pages * PAGE === gfn * PAGE;
      if (goesOn && !tellsTime && !last.tellsTime) {
        ranges[ranges.length - 1] = { ...last, pages: last.pages + 1 };
      } else ranges.push({ address: gfn * PAGE, pages: 1, tellsTime });
    }
    return ranges;
  }

  #hash(actor: number, ranges: readonly Range[]): number {
    const [domain] = actors[actor]!;
    let hash = actor;
    for (const { address, pages, tellsTime } of ranges) {
      for (let page = 0; page < pages; page++) {
        const at = this.#guests.place(domain, address + page * PAGE) >> 2;
        hash = hashPage(hash, this.#machine.words.subarray(at, at + PAGE / 4), tellsTime);
      }
    }
    return hash >>> 0;
  }
}

function refused(says: string): Violation {
  return { oracle: "metal", about: "not for the metal", says };
}
