// [services.privilege.metal]: on the metal, without one of ten rules that a seed draws, stock
// guests cannot use disk and network any more; with all rules they can.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../scripts/artefacts.ts";
import { makeDebianGuests } from "../../../scripts/debian.ts";
import { LinuxFiles, linuxKernel } from "../../disaggregation/domains/metal/linux.ts";
import { worksOnMetal } from "../../disaggregation/domains/privilege/metal.ts";
import { rulesOf } from "../../disaggregation/domains/privilege/rules.ts";
import { randomNumbers } from "../../disaggregation/domains/support/ring-world.ts";
import type { Check } from "../check.ts";

const SEED = 5;
const DRAWN = 10;
const SERVICES = ["xenstore", "block", "network"];

interface Drawn {
  readonly service: string;
  readonly name: string;
  /** The service's domain.te without the rule. */
  readonly rest: string;
}

const textOf = (service: string): string =>
  readFileSync(join(root, "disaggregation", "domains", service, "domain.te"), "utf8");

/** Ten rules of all, the same at every run. */
function drawRules(): Drawn[] {
  const left = SERVICES.flatMap((service) => {
    return rulesOf(textOf(service)).map((rule) => ({ service, ...rule }));
  });
  const next = randomNumbers(SEED);
  const count = Math.min(DRAWN, left.length);
  // The low bits of such numbers repeat soon.
  return Array.from({ length: count }, () => left.splice((next() >>> 8) % left.length, 1)[0]!);
}

export const metalPrivilege: Check = {
  name: "services.privilege.metal",
  claim: "on the metal, ten rules of the services' domain.te are each needed by stock guests",
  short: false,
  async run() {
    makeDebianGuests();
    const kernel = await linuxKernel();
    const files = new LinuxFiles();
    const folder = mkdtempSync(join(tmpdir(), "xenolith-drawn-"));
    writeFileSync(join(folder, "extends"), join(root, "xsm-policy", "policy", "xenolith"));
    try {
      const enough = await worksOnMetal(kernel, files, folder);
      const needed: Record<string, boolean> = {};
      for (const { service, name, rest } of drawRules()) {
        const module = join(folder, `${service}.te`);
        writeFileSync(module, rest);
        needed[`${service}: ${name}`] = !(await worksOnMetal(kernel, files, folder));
        rmSync(module);
      }
      const figures = { enough, needed };
      const idle = Object.entries(needed).filter(([, one]) => !one);
      const summary = `${Object.keys(needed).length - idle.length} of ${DRAWN} rules are needed`;
      return { passed: enough && idle.length === 0, figures, summary };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
