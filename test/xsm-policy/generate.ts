/**
 * Synthetic policies of any size for speed comparisons: same parameters, same bytes.
 *
 * Run as a program: `tsx test/xsm-policy/generate.ts --types 5000 --rules 100000 [--attributes 250]
 * [--neverallows 40] [--seed 1] > policy.conf`
 */

import { parseArgs } from "node:util";

export interface SyntheticShape {
  readonly types: number;
  readonly rules: number;
  readonly attributes?: number;
  readonly neverallows?: number;
  readonly seed?: number;
}

/** One type in this many is a vault: nobody is granted anything on it, so neverallow can hold. */
const TYPES_PER_VAULT = 50;

/** Class names with how many permissions each has; Xen's numbers. */
export const CLASSES: readonly (readonly [string, number])[] = [
  ["xen", 29],
  ["xen2", 10],
  ["domain", 30],
  ["domain2", 27],
  ["hvm", 12],
  ["mmu", 13],
  ["resource", 18],
  ["shadow", 3],
  ["event", 5],
  ["grant", 7],
  ["security", 11],
  ["version", 8],
  ["argo", 4],
];

/** A small deterministic generator (mulberry32): numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The text of a base policy of the given size. */
export function generatePolicy(shape: SyntheticShape): string {
  return new Generator(shape).text();
}

class Generator {
  readonly #shape: Required<SyntheticShape>;
  readonly #random: () => number;
  readonly #vaults: number;

  constructor(shape: SyntheticShape) {
    const attributes = shape.attributes ?? Math.max(1, Math.floor(shape.types / 20));
    this.#shape = { neverallows: 40, seed: 1, ...shape, attributes };
    this.#random = randomFrom(this.#shape.seed);
    this.#vaults = Math.max(1, Math.floor(shape.types / TYPES_PER_VAULT));
  }

  text(): string {
    return [
      ...CLASSES.map(([name]) => `class ${name}`),
      "sid xen",
      ...CLASSES.map(([name, count]) => `class ${name} { ${permissionNames(name, count)} }`),
      ...this.#declarations(),
      ...Array.from({ length: this.#shape.rules }, () => this.#allow()),
      ...Array.from({ length: this.#shape.neverallows }, () => this.#neverallow()),
      "role system_r;",
      "role system_r types { ty0 };",
      "user system_u roles { system_r };",
      "sid xen system_u:system_r:ty0",
      "",
    ].join("\n");
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #declarations(): string[] {
    const lines: string[] = [];
    for (let index = 0; index < this.#shape.attributes; index++)
      lines.push(`attribute at${index};`);
    for (let index = 0; index < this.#shape.types; index++) {
      const count = this.#below(4);
      const chosen = new Set(Array.from({ length: count }, () => this.#attribute()));
      lines.push([`type ty${index}`, ...chosen].join(", ").concat(";"));
    }
    for (let index = 0; index < this.#vaults; index++) lines.push(`type vault${index}_t;`);
    return lines;
  }

  #attribute(): string {
    return `at${this.#below(this.#shape.attributes)}`;
  }

  #type(): string {
    return `ty${this.#below(this.#shape.types)}`;
  }

  #side(): string {
    const dice = this.#random();
    if (dice < 0.86) return this.#type();
    if (dice < 0.98) return this.#attribute();
    if (dice < 0.996) return `{ ${this.#type()} ${this.#type()} }`;
    return `{ ${this.#attribute()} -${this.#type()} }`;
  }

  #classAndPermissions(): string {
    const [name, count] = CLASSES[this.#below(CLASSES.length)];
    const wanted = 1 + this.#below(Math.min(6, count));
    const chosen = new Set(Array.from({ length: wanted }, () => this.#below(count)));
    const names = [...chosen].map((index) => `${name}_p${index}`);
    return `${name} ${names.length === 1 ? names[0] : `{ ${names.join(" ")} }`}`;
  }

  #allow(): string {
    return `allow ${this.#side()} ${this.#side()}:${this.#classAndPermissions()};`;
  }

  #neverallow(): string {
    const vault = `vault${this.#below(this.#vaults)}_t`;
    const source = this.#random() < 0.5 ? this.#side() : `~${this.#type()}`;
    return `neverallow ${source} ${vault}:${this.#classAndPermissions()};`;
  }
}

function permissionNames(className: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${className}_p${index}`).join(" ");
}

/** The shape that command line arguments ask for. */
function shapeFromArguments(): SyntheticShape {
  const { values } = parseArgs({
    options: {
      types: { type: "string", default: "500" },
      rules: { type: "string", default: "10000" },
      attributes: { type: "string" },
      neverallows: { type: "string", default: "40" },
      seed: { type: "string", default: "1" },
    },
  });
  return {
    types: Number(values.types),
    rules: Number(values.rules),
    neverallows: Number(values.neverallows),
    seed: Number(values.seed),
    ...(values.attributes === undefined ? {} : { attributes: Number(values.attributes) }),
  };
}

if (process.argv[1]?.endsWith("generate.ts")) {
  process.stdout.write(generatePolicy(shapeFromArguments()));
}
