/** All targets by name: those of this wing, and those that others bring along. */

import { tsImport } from "tsx/esm/api";
import { bootSubject } from "./boot.ts";
import { ByteTarget, type Subject } from "./bytes.ts";
import { HypercallTarget } from "./hypercall.ts";
import type { Target } from "./target.ts";

const makers: Readonly<Record<string, (core: Uint8Array<ArrayBuffer>) => Target>> = {
  hypercall: (core) => new HypercallTarget(core),
  boot: (core) => new ByteTarget(bootSubject(core)),
};

export const targetNames: readonly string[] = Object.keys(makers);

/** A module of another wing with targets of its own, by the names that it gives them. */
export interface TargetModule {
  /** The module's address; it exports `subject(name): Promise<Subject>`. */
  readonly href: string;
  readonly names: readonly string[];
}

/**
 * The target of that name.
 * @param module where a target that is not of this wing comes from
 * @throws RangeError if there is none
 */
export async function makeTarget(
  name: string,
  core: Uint8Array<ArrayBuffer>,
  module?: string,
): Promise<Target> {
  const make = makers[name];
  if (make !== undefined) return make(core);
  if (module === undefined) throw new RangeError(`there is no target "${name}"`);
  // Other wings come as sources, also into threads that run compiled ones.
  const loaded: unknown = await tsImport(module, import.meta.url);
  const { subject } = loaded as { subject(of: string): Promise<Subject> };
  return new ByteTarget(await subject(name));
}
