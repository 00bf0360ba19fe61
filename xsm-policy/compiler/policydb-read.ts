/** Reads a binary policy of Xen back into the form that the compiler makes from text. */

import { BinaryError, type ByteReader } from "./byte-reader.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { emptyPolicy } from "./empty-policy.ts";
import { BINARY_LIMIT_BYTES } from "./limits.ts";
import type { Policy } from "./policy.ts";
import { PolicydbDecoder } from "./policydb-decoder.ts";
import {
  CONFIG_MLS,
  OBJECT_CONTEXT_COUNT,
  POLICYDB_MAGIC,
  POLICYDB_NAME,
  POLICYDB_VERSIONS,
  type PolicydbVersion,
  SYMBOL_TABLE_COUNT,
  subjectClass,
  XEN_INITIAL_SIDS,
} from "./policydb-format.ts";
import { readConditions, readRules } from "./policydb-read-rules.ts";
import { readSymbols } from "./policydb-read-symbols.ts";

export interface PolicydbReading {
  readonly policy?: Policy;
  readonly version?: PolicydbVersion;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether bytes begin like a binary policy. */
export function isPolicydb(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0, true) === POLICYDB_MAGIC;
}

/** Reads a binary policy. Never throws for what stands in the bytes. */
export function readPolicydb(bytes: Uint8Array, name = "policy"): PolicydbReading {
  try {
    if (bytes.length > BINARY_LIMIT_BYTES) {
      throw new BinaryError(`a binary policy has at most ${BINARY_LIMIT_BYTES} bytes`, 0);
    }
    const state = new PolicydbDecoder(bytes);
    readAll(state);
    return { policy: state.policy, version: state.version, diagnostics: [] };
  } catch (failure) {
    if (!(failure instanceof BinaryError)) throw failure;
    const message = `${name}: byte ${failure.offset}: ${failure.message}`;
    return { diagnostics: [{ severity: "error", code: "bad-policydb", message }] };
  }
}

function readAll(state: PolicydbDecoder): void {
  readHeader(state);
  state.policy.capabilities.push(...state.bitmap().toArray());
  readSymbols(state, state.bitmap());
  readRules(state);
  readConditions(state);
  readRoleRules(state);
  readLabels(state);
  if (state.bytes.u32() !== 0) state.bytes.fail("file system contexts, which Xen cannot use");
  readRangeTransitions(state);
  readTypeMap(state);
  if (state.bytes.remaining > 0) state.bytes.fail("bytes after the end of the policy");
}

function readHeader(state: PolicydbDecoder): void {
  const bytes: ByteReader = state.bytes;
  if (bytes.u32() !== POLICYDB_MAGIC) bytes.fail("this is no binary policy");
  if (bytes.text(bytes.u32(), "the name of the platform") !== POLICYDB_NAME) {
    bytes.fail("this binary policy is not for Xen");
  }
  const version = bytes.u32();
  const known = POLICYDB_VERSIONS.find((candidate) => candidate === version);
  if (known === undefined) {
    bytes.fail(`version ${version}; Xen takes ${POLICYDB_VERSIONS.join(" and ")}`);
  }
  state.version = known;
  state.policy = emptyPolicy((bytes.u32() & CONFIG_MLS) !== 0);
  const tables = bytes.u32();
  if (tables !== SYMBOL_TABLE_COUNT || bytes.u32() !== OBJECT_CONTEXT_COUNT[known]) {
    bytes.fail("the numbers of tables are not those of this version");
  }
}

function readRoleRules(state: PolicydbDecoder): void {
  const { bytes, policy } = state;
  const domain = subjectClass(policy);
  for (let left = bytes.count(12, "role transitions"); left > 0; left--) {
    const role = state.roleOf(bytes.u32());
    const type = state.typeOf(bytes.u32());
    const result = state.roleOf(bytes.u32());
    const classIndex = state.version === 30 ? state.index(policy.classes, "class") : domain;
    policy.roleTransitions.push({ role, type, class: classIndex, result });
  }
  for (let left = bytes.count(8, "role allows"); left > 0; left--) {
    const from = state.roleOf(bytes.u32());
    policy.roleAllows.push({ from, to: state.roleOf(bytes.u32()) });
  }
  if (state.version === 30 && bytes.u32() !== 0) {
    bytes.fail("file name transitions, which Xen cannot use");
  }
}

function readLabels(state: PolicydbDecoder): void {
  const { bytes, policy } = state;
  for (let left = bytes.count(20, "initial SIDs"); left > 0; left--) {
    const number = bytes.u32();
    if (number === 0 || number > 64) bytes.fail(`initial SID number ${number}`);
    while (policy.initialSids.length < number) {
      const index = policy.initialSids.length;
      const name = XEN_INITIAL_SIDS[index] ?? `sid${index + 1}`;
      policy.initialSids.push({ name, context: undefined });
    }
    policy.initialSids[number - 1].context = state.context();
  }
  const wide = state.version === 30;
  readDevices(state, "pirqcon", false, () => BigInt(bytes.u32()));
  readDevices(state, "ioportcon", true, () => BigInt(bytes.u32()));
  readDevices(state, "iomemcon", true, () => (wide ? bytes.u64() : BigInt(bytes.u32())));
  readDevices(state, "pcidevicecon", false, () => BigInt(bytes.u32()));
  if (wide) readDeviceTree(state);
}

function readDevices(
  state: PolicydbDecoder,
  device: "pirqcon" | "ioportcon" | "iomemcon" | "pcidevicecon",
  ranged: boolean,
  number: () => bigint,
): void {
  for (let left = state.bytes.count(20, device); left > 0; left--) {
    const low = number();
    const high = ranged ? number() : low;
    state.policy.devices.push({ device, low, high, path: undefined, context: state.context() });
  }
}

function readDeviceTree(state: PolicydbDecoder): void {
  for (let left = state.bytes.count(20, "devicetreecon"); left > 0; left--) {
    const path = state.bytes.text(state.bytes.u32(), "a path");
    const context = state.context();
    state.policy.devices.push({ device: "devicetreecon", low: 0n, high: 0n, path, context });
  }
}

function readRangeTransitions(state: PolicydbDecoder): void {
  const { policy } = state;
  for (let left = state.bytes.count(16, "range transitions"); left > 0; left--) {
    const source = state.typeOf(state.bytes.u32());
    const target = state.typeOf(state.bytes.u32());
    const classIndex = state.index(policy.classes, "class");
    policy.rangeTransitions.push({
      source,
      target,
      class: classIndex,
      range: state.checkRange(state.range()),
    });
  }
}

function readTypeMap(state: PolicydbDecoder): void {
  const { types, attributes } = state.policy;
  for (const key of state.keys) {
    for (const value of state.bitmap().toArray()) {
      const other = state.keys[value];
      if (other === undefined) state.bytes.fail(`type number ${value + 1}`);
      if (key < types.length && other >= types.length) {
        attributes[other - types.length].members.add(key);
      }
    }
  }
  for (const [index, attribute] of attributes.entries()) {
    for (const type of attribute.members.toArray()) {
      attribute.types.push(type);
      types[type].attributes.push(index);
    }
  }
}
