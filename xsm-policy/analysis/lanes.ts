/** Per class: which permissions read and write, and which part of the target. */

import type { PolicyClass } from "../compiler/policy.ts";
import type { DirectionMap } from "./direction-map.ts";

/** The permissions of a class that concern one part of the target. */
export interface Lane {
  /** Number of the part; -1 for the target as a whole. */
  readonly part: number;
  read: number;
  write: number;
}

/** Names of parts of objects, numbered. */
export class PartTable {
  readonly #names: string[] = [];

  get count(): number {
    return this.#names.length;
  }

  name(part: number): string {
    return this.#names[part];
  }

  /** Number of a part; a new one if the name is. */
  number(name: string): number {
    const known = this.#names.indexOf(name);
    return known === -1 ? this.#names.push(name) - 1 : known;
  }

  /** Numbers of the parts that have one of the names. */
  named(names: ReadonlySet<string>): number[] {
    return [...this.#names.keys()].filter((part) => names.has(this.#names[part]));
  }
}

/** The lanes of a class, by the direction map; compound flows have none. */
function lanesOf(each: PolicyClass, map: DirectionMap, parts: PartTable): Lane[] {
  const lanes = new Map<number, Lane>();
  for (const [bit, permission] of each.permissions.entries()) {
    const { flow, part } = map.of(each.name, permission);
    if (flow !== "read" && flow !== "write" && flow !== "both") continue;
    const number = part === undefined ? -1 : parts.number(part);
    const lane = lanes.get(number) ?? { part: number, read: 0, write: 0 };
    lanes.set(number, lane);
    if (flow !== "write") lane.read |= 1 << bit;
    if (flow !== "read") lane.write |= 1 << bit;
  }
  return [...lanes.values()];
}

/** The lanes of all classes of a policy. */
export class Lanes {
  readonly parts = new PartTable();
  readonly byClass: readonly (readonly Lane[])[];
  /** For each class, its lanes by number of the part plus one. */
  readonly #byPart: readonly (readonly Lane[])[];

  constructor(classes: readonly PolicyClass[], map: DirectionMap) {
    this.byClass = classes.map((each) => lanesOf(each, map, this.parts));
    this.#byPart = this.byClass.map((lanes) => {
      const byPart: Lane[] = [];
      for (const lane of lanes) byPart[lane.part + 1] = lane;
      return byPart;
    });
  }

  /** The permissions of a class that concern a part (-1: the target as a whole). */
  of(classIndex: number, part: number): Lane | undefined {
    return this.#byPart[classIndex][part + 1];
  }
}
