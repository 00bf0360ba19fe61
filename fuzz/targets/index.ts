/** All targets by name: those of this wing, and those that others bring along. */

import type { Subject } from "./bytes.ts";
import type { Target } from "./target.ts";

type Make = (
  core: Uint8Array<ArrayBuffer>,
  comparisons: boolean,
  native?: string,
) => Promise<Target>;

/** Each is loaded when it is asked for. */
const makers: Readonly<Record<string, Make>> = {
  hypercall: async (core, comparisons, native) => {
    const { HypercallTarget } = await import("./hypercall.ts");
    return new HypercallTarget(core, undefined, comparisons, native);
  },
  boot: async (core) => {
    const [{ ByteTarget }, { bootSubject }] = await Promise.all([
      import("./bytes.ts"),
      import("./boot.ts"),
    ]);
    return new ByteTarget(bootSubject(core));
  },
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
 * @param comparisons whether the core's comparisons are counted, for engines that make use of it
 * @param native a hosted build of the core, for targets that compare with one
 * @throws RangeError if there is none
 */
export async function makeTarget(
  name: string,
  core: Uint8Array<ArrayBuffer>,
  module?: string,
  comparisons = false,
  native?: string,
): Promise<Target> {
  const make = makers[name];
  if (make !== undefined) return make(core, comparisons, native);
  if (module === undefined) throw new RangeError(`there is no target "${name}"`);
  const { ByteTarget } = await import("./bytes.ts");
  // Other wings come as sources, also into threads that run compiled ones.
  const { tsImport } = await import("tsx/esm/api");
  const loaded: unknown = await tsImport(module, import.meta.url);
  const { subject } = loaded as { subject(of: string): Promise<Subject> };
  return new ByteTarget(await subject(name));
}
