// A simulated machine with the real core and two small guests under a policy that allows all.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BootPack } from "../../../../disaggregation/appliance/pack.ts";
import { writeAccess } from "../../../../scripts/access.ts";
import { writeLayout } from "../../../../scripts/columns.ts";
import { compileCore } from "../../../../scripts/core.ts";
import { allowTable } from "../../../../scripts/policy-tables.ts";
import { linearBytes } from "../../../../tcb/core/layout.ts";

const GUEST_LABEL = 2;
const SUPERFRAME_FRAMES = 512;

/** Compiles tcb/core; the bytes are those of build/core.wasm. */
export function compileRealCore(): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-core-"));
  try {
    writeLayout();
    writeAccess();
    const root = fileURLToPath(new URL("../../../..", import.meta.url));
    const output = join(folder, "core.wasm");
    compileCore({ root, entry: "tcb/core/core.ts", linearBytes, output });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Two domains of 4 MiB and a reservation, one vCPU each, that start at 0x1000. */
export function twoGuests(): Uint8Array {
  const pack = new BootPack();
  for (const domain of [1, 2]) {
    const limit = 4 * SUPERFRAME_FRAMES;
    pack.create(domain, { label: GUEST_LABEL, vcpus: 1, limit, weight: 256, name: `g${domain}` });
    pack.populateSuperframe(domain, 0);
    pack.populateSuperframe(domain, SUPERFRAME_FRAMES);
    pack.reserve(domain);
    pack.startContext(domain, 0, 0x1000, 0x2000);
    pack.unpause(domain);
  }
  return pack.write(allowTable(), "xenolith: simulated\n");
}
