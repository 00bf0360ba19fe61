// What `npm run build` made and the commands use: the hypervisor, and the core's hash.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { BuildOptions } from "../disaggregation/appliance/image.ts";
import { Problem } from "../disaggregation/appliance/problem.ts";
import type { ServiceImages } from "../disaggregation/appliance/service-plan.ts";
import { artefacts } from "../scripts/artefacts.ts";
import { servicePath, services } from "../scripts/service-table.ts";
import { appliancePolicy } from "./policy.ts";

/** The hypervisor's image. Throws a Problem when it was not built. */
export function hypervisorImage(): string {
  if (existsSync(artefacts.image)) return artefacts.image;
  throw new Problem(`${artefacts.image} is missing; run "npm run build" first`);
}

const serviceImage: ServiceImages = (name) => {
  const service = services.find((one) => one.name === name);
  const path = servicePath(name, "elf");
  if (service === undefined || !existsSync(path)) return undefined;
  return { image: new Uint8Array(readFileSync(path)), memoryMib: service.memoryMib };
};

/** What every boot pack is built with. */
export function buildOptions(): BuildOptions {
  hypervisorImage();
  const core = readFileSync(artefacts.core);
  return {
    policy: appliancePolicy,
    coreHash: createHash("sha256").update(core).digest("hex"),
    serviceImage,
  };
}
