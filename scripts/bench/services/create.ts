// How long it takes to create a guest on a running system: the whole command, as `xl create` is
// measured on the other side. Kernel and root file system lie in the builder's store.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CREATIONS, SMALL_MIB, type SpeedFiles } from "./guests.ts";
import { guestFile, type RunningSystem, withRunningSystem } from "./running.ts";

function createOnce({ command }: RunningSystem, guest: string): number {
  const start = performance.now();
  command("create", guest);
  const milliseconds = Math.round(performance.now() - start);
  command("destroy", "small");
  return milliseconds;
}

/** Milliseconds of wall time of each creation. Throws BuildError. */
export function createOnXenolith(
  files: SpeedFiles,
  timeoutSeconds: number,
): Promise<readonly number[]> {
  return withRunningSystem(files, 2 * SMALL_MIB, timeoutSeconds, async (system) => {
    const guest = join(system.folder, "small.cfg");
    writeFileSync(guest, guestFile("small", SMALL_MIB, files));
    return Array.from({ length: CREATIONS }, () => createOnce(system, guest));
  });
}
