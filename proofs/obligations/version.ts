// HYPERVISOR_xen_version, operation by operation.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import type { Case } from "./case.ts";
import { anyFirst, hypercallCase } from "./entry.ts";

const family = "version";
const number = abi.HYPERVISOR_xen_version;
/** Words of the greatest structure that is filled, and some. */
const LIMIT_ROUNDS = 260;

const operations: Readonly<Record<string, number>> = {
  version: abi.XENVER_version,
  extraversion: abi.XENVER_extraversion,
  compile_info: abi.XENVER_compile_info,
  capabilities: abi.XENVER_capabilities,
  changeset: abi.XENVER_changeset,
  platform_parameters: abi.XENVER_platform_parameters,
  get_features: abi.XENVER_get_features,
  pagesize: abi.XENVER_pagesize,
  guest_handle: abi.XENVER_guest_handle,
  commandline: abi.XENVER_commandline,
  build_id: abi.XENVER_build_id,
};

/** Long structures are compared where they are filled. */
const splitOf = (operation: string): Partial<Case> => {
  if (operation === "capabilities") return { split: ["VERSION-6"] };
  return /compile_info|changeset|commandline/.test(operation) ? { split: ["VERSION-4"] } : {};
};

export const versionCases: readonly Case[] = [
  ...Object.entries(operations).map(([operation, first]) =>
    hypercallCase(
      { number, first },
      {
        family,
        operation,
        unroll: LIMIT_ROUNDS,
        ...splitOf(operation),
      },
    ),
  ),
  hypercallCase(
    { number },
    {
      family,
      operation: "any other operation",
      when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
    },
  ),
];
