// Programs by chance, and changes of programs by chance: the same seed, the same programs.

import { operations } from "./operations.ts";
import { STEPS_MAX } from "./program.ts";
import { anyRecipe } from "./recipes.ts";
import type { RoleName } from "./roles.ts";

/** xorshift32: small, fast, the same everywhere. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 0 || 1;
  }

  /** 32 bits, unsigned. */
  word(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** A number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.word() % limit;
  }
}

/** Steps that take long, or end what others need: they come less often. */
const RARE =
  /^(control_|exit_(?!rdmsr|wrmsr|hlt)|sched_shutdown|sched_block|sched_poll|evtchn_reset)|_other$/;
const picks: readonly number[] = operations.flatMap(({ name }, index) =>
  RARE.test(name) ? [index] : [index, index, index, index, index, index],
);
/** Another policy takes the core a hundred times as long as anything else. */
const keeperPicks: readonly number[] = operations.flatMap(({ name }, index) => {
  if (!name.startsWith("control_")) return [];
  return name === "control_load_policy" ? [index] : [index, index, index, index];
});
/** Mostly the two that talk to each other; 4 is the keeper. */
const actorPicks = [0, 1, 0, 1, 2, 3, 0, 1, 4, 5, 6, 0, 1, 2, 4, 7] as const;
const KEEPER = 4;

/** Roles of which calls give results. */
const given = new Set<RoleName>([
  "page",
  ...operations.flatMap(({ reply }) => (reply === undefined ? [] : [reply.role])),
]);

/** Of 32 arguments, 26 are everyday ones or results, 5 near a boundary, 1 is anything. */
function selector(chance: Chance, role: RoleName): number {
  const kind = chance.below(32);
  if (kind < 26) return kind < 13 && given.has(role) ? 176 : 0;
  return kind < 31 ? 112 : 232 + chance.below(16);
}

function pushStep(bytes: number[], chance: Chance): void {
  const actor = actorPicks[chance.below(actorPicks.length)]!;
  const isKeeper = actor === KEEPER && chance.below(4) !== 0;
  const list = isKeeper ? keeperPicks : picks;
  const index = list[chance.below(list.length)]!;
  bytes.push(index, actor, chance.below(3) === 0 ? chance.below(256) : 0);
  for (const { role } of operations[index]!.parameters) {
    bytes.push(selector(chance, role), chance.below(256), chance.below(256));
  }
}

const recipe = (chance: Chance): Uint8Array => anyRecipe((limit) => chance.below(limit));

/** Before one step of so many a recipe stands. */
const RECIPE_OF = 12;

/** The bytes of a program of `least` to `most` steps. */
export function generate(chance: Chance, least = 16, most = 32): Uint8Array {
  const bytes: number[] = [];
  const steps = least + chance.below(most - least + 1);
  for (let step = 0; step < steps; step++) {
    if (chance.below(RECIPE_OF) === 0) bytes.push(...recipe(chance));
    pushStep(bytes, chance);
  }
  return Uint8Array.from(bytes);
}

/** Where each step of a program's bytes begins, and the end. */
export function stepStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  let at = 0;
  while (at < bytes.length && starts.length < STEPS_MAX) {
    starts.push(at);
    const { parameters } = operations[bytes[at]! % operations.length]!;
    at += 3;
    for (const _ of parameters) at += (bytes[at] ?? 0) >= 250 ? 9 : 3;
  }
  starts.push(Math.min(at, bytes.length));
  return starts;
}

type Mutation = (bytes: Uint8Array, chance: Chance, other: Uint8Array) => Uint8Array;

function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function pick(bytes: Uint8Array, chance: Chance): [starts: number[], index: number] {
  const starts = stepStarts(bytes);
  return [starts, chance.below(Math.max(starts.length - 1, 1))];
}

const mutations: readonly Mutation[] = [
  // Another step here.
  (bytes, chance) => {
    const [starts, index] = pick(bytes, chance);
    const added: number[] = [];
    pushStep(added, chance);
    return join(bytes.subarray(0, starts[index]!), added, bytes.subarray(starts[index]!));
  },
  // Without this step.
  (bytes, chance) => {
    const [starts, index] = pick(bytes, chance);
    return join(bytes.subarray(0, starts[index]!), bytes.subarray(starts[index + 1] ?? 0));
  },
  // This step once more.
  (bytes, chance) => {
    const [starts, index] = pick(bytes, chance);
    const end = starts[index + 1] ?? 0;
    return join(bytes.subarray(0, end), bytes.subarray(starts[index]!));
  },
  // One byte of a step.
  (bytes, chance) => {
    const copy = bytes.slice();
    if (copy.length > 0) copy[chance.below(copy.length)] = chance.below(256);
    return copy;
  },
  // A recipe here.
  (bytes, chance) => {
    const [starts, index] = pick(bytes, chance);
    const added = recipe(chance);
    return join(bytes.subarray(0, starts[index]!), added, bytes.subarray(starts[index]!));
  },
  // Its beginning, and the end of another program.
  (bytes, chance, other) => {
    const [starts, index] = pick(bytes, chance);
    const [others, from] = pick(other, chance);
    return join(bytes.subarray(0, starts[index]!), other.subarray(others[from]!));
  },
];

/** A program a few changes away from `bytes`; `other` is one to take parts of. */
export function mutate(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let rounds = 1 + chance.below(4); rounds > 0; rounds--) {
    changed = mutations[chance.below(mutations.length)]!(changed, chance, other);
  }
  return changed;
}
