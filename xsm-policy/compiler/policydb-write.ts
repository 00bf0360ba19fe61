/** Writes a policy as a binary that Xen, checkpolicy and SETools load. */

import type { DeviceLabel, Policy, PolicyClass } from "./policy.ts";
import { PolicydbEncoder, PolicydbError } from "./policydb-encoder.ts";
import {
  CONFIG_MLS,
  OBJECT_CONTEXT_COUNT,
  POLICYDB_MAGIC,
  POLICYDB_NAME,
  type PolicydbVersion,
  SYMBOL_TABLE_COUNT,
  subjectClass,
} from "./policydb-format.ts";
import { writeRangeTransitions, writeRoleRules, writeRules } from "./policydb-write-rules.ts";
import { writeSymbols } from "./policydb-write-symbols.ts";
import { type AccessRelation, buildRelation } from "./relation.ts";

export { PolicydbError } from "./policydb-encoder.ts";

/**
 * The binary of a policy.
 * @param relation the policy's allow relation, if it is at hand
 * @throws PolicydbError for what the version cannot hold
 */
export function writePolicydb(
  policy: Policy,
  version: PolicydbVersion,
  relation: AccessRelation = buildRelation(policy),
): Uint8Array {
  checkVersion(policy, version);
  const encoder = new PolicydbEncoder(policy, version);
  const { out } = encoder;
  out.u32(POLICYDB_MAGIC, POLICYDB_NAME.length);
  out.text(POLICYDB_NAME);
  const config = policy.mls ? CONFIG_MLS : 0;
  out.u32(version, config, SYMBOL_TABLE_COUNT, OBJECT_CONTEXT_COUNT[version]);
  encoder.bitmap([...policy.capabilities].sort((one, other) => one - other));
  encoder.bitmap(permissiveValues(policy));
  writeSymbols(encoder);
  writeRules(encoder, relation);
  writeRoleRules(encoder);
  writeLabels(encoder);
  // File system contexts: none.
  out.u32(0);
  writeRangeTransitions(encoder);
  writeTypeMap(encoder);
  return out.bytes().slice();
}

/** Permissive types are marked by value, not by value minus one as everywhere else. */
function permissiveValues({ types }: Policy): number[] {
  return types.flatMap(({ permissive }, index) => (permissive ? [index + 1] : []));
}

function checkVersion(policy: Policy, version: PolicydbVersion): void {
  if (policy.classes.some(({ defaultRange }) => defaultRange === "glblub")) {
    throw new PolicydbError("no policy version that Xen takes has default_range glblub");
  }
  if (version === 30) return;
  const domain = subjectClass(policy);
  if (policy.devices.some(({ device }) => device === "devicetreecon")) {
    throw new PolicydbError("policy version 24 has no devicetree contexts; use version 30");
  }
  if (policy.devices.some(({ high, device }) => device === "iomemcon" && high > 0xffff_ffffn)) {
    throw new PolicydbError("policy version 24 holds page frames below 2^32; use version 30");
  }
  if (policy.roleTransitions.some((rule) => rule.class !== domain)) {
    throw new PolicydbError("policy version 24 has role transitions for class domain only");
  }
  if (policy.classes.some(hasDefaults)) {
    throw new PolicydbError("policy version 24 has no default_* rules; use version 30");
  }
}

function hasDefaults(definition: PolicyClass): boolean {
  const { defaultUser, defaultRole, defaultType, defaultRange } = definition;
  return [defaultUser, defaultRole, defaultType, defaultRange].some((value) => value !== "none");
}

function writeLabels(encoder: PolicydbEncoder): void {
  const { initialSids } = encoder.policy;
  const labelled = [...initialSids.entries()].filter(([, { context }]) => context !== undefined);
  encoder.out.u32(labelled.length);
  for (const [index, { context }] of labelled) {
    encoder.out.u32(index + 1);
    if (context !== undefined) encoder.context(context);
  }
  writeDevices(encoder, "pirqcon", ({ low }) => encoder.out.u32(Number(low)));
  writeDevices(encoder, "ioportcon", ({ low, high }) => encoder.out.u32(Number(low), Number(high)));
  writeDevices(encoder, "iomemcon", ({ low, high }) => {
    if (encoder.version === 24) encoder.out.u32(Number(low), Number(high));
    else {
      encoder.out.u64(low);
      encoder.out.u64(high);
    }
  });
  writeDevices(encoder, "pcidevicecon", ({ low }) => encoder.out.u32(Number(low)));
  if (encoder.version === 24) return;
  writeDevices(encoder, "devicetreecon", ({ path = "" }) => {
    encoder.out.u32(path.length);
    encoder.out.text(path);
  });
}

function writeDevices(
  encoder: PolicydbEncoder,
  kind: DeviceLabel["device"],
  write: (label: DeviceLabel) => void,
): void {
  const labels = encoder.policy.devices.filter(({ device }) => device === kind);
  encoder.out.u32(labels.length);
  for (const label of labels) {
    write(label);
    encoder.context(label.context);
  }
}

/**
 * For each type, itself and its attributes; an attribute stands for itself alone. Attributes that
 * the rules name by their types (`expandattribute`) need no members.
 */
function writeTypeMap(encoder: PolicydbEncoder): void {
  const { types, attributes } = encoder.policy;
  for (const [index, type] of types.entries()) {
    const kept = type.attributes.filter((attribute) => !attributes[attribute].expand);
    encoder.bitmap([index, ...kept.map((attribute) => types.length + attribute)]);
  }
  for (const index of attributes.keys()) encoder.bitmap([types.length + index]);
}
