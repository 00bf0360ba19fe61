// The table of a policy for services and guests that a test puts together without files.

import { appliancePolicy } from "../../../../bin/policy.ts";
import type { GuestConfig } from "../../../../disaggregation/appliance/guest-config.ts";
import {
  type ServiceName,
  serviceNames,
} from "../../../../disaggregation/appliance/service-config.ts";

/** The label of guests that have a disk and a network, in the policy that we ship. */
const GUEST_LABEL = "system_u:system_r:guest_t";
/** Where a description is said to stand that stands in no file. */
const PLACE = { file: "test", line: 1, column: 1 };

/** What of a description decides a label: a service has its name's, every other is a guest. */
function describe(name: string): GuestConfig {
  const known = serviceNames.find((service): service is ServiceName => service === name);
  const service = known && { service: known, config: undefined, files: [], ports: [] };
  return {
    file: "test",
    name,
    kernel: { ...PLACE, value: name },
    ramdisk: undefined,
    commandLine: "",
    memoryMib: 2,
    mostMemoryMib: 2,
    vcpus: 1,
    weight: 256,
    label: service === undefined ? { ...PLACE, value: GUEST_LABEL } : undefined,
    notes: [],
    ...(service === undefined ? {} : { service }),
  };
}

/** The table, and each member's label in it. `folder`: a policy's, else the one that we ship. */
export function labelsOf(
  names: readonly string[],
  folder?: string,
): { readonly bytes: Uint8Array; readonly labels: readonly number[] } {
  const described = names.map(describe);
  const named = folder === undefined ? undefined : { ...PLACE, value: folder };
  const policy = appliancePolicy(named, described);
  return { bytes: policy.bytes, labels: described.map(policy.labelOf) };
}
