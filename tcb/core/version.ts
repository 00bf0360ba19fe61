// HYPERVISOR_xen_version: what a guest may know of the hypervisor. Texts are those of Xen 4.17
// where guests parse them, and empty where they would tell of the build.

import { EFAULT, ENOSYS, EPERM, FEATURES, XEN_VERSION } from "./abi";
import {
  mayVersion,
  mayVersionBuildId,
  mayVersionCapabilities,
  mayVersionChangeset,
  mayVersionCommandLine,
  mayVersionCompileInfo,
  mayVersionExtra,
  mayVersionHandle,
  mayVersionPageSize,
} from "./access";
import * as column from "./columns";
import { argument32, openArgument, setArgument32 } from "./guest";
import { labelXen } from "./xsm";

const VERSION: u64 = 0;
const EXTRA_VERSION: u64 = 1;
const COMPILE_INFO: u64 = 2;
const CAPABILITIES: u64 = 3;
const CHANGESET: u64 = 4;
const PLATFORM_PARAMETERS: u64 = 5;
const GET_FEATURES: u64 = 6;
const PAGE_SIZE: u64 = 7;
const GUEST_HANDLE: u64 = 8;
const COMMAND_LINE: u64 = 9;
const BUILD_ID: u64 = 10;

/** "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_64 " as Xen builds it for HVM guests, 4 bytes a
 *  word. */
const CAPABILITY_WORDS: u32 = 4;

/** Zeros in the place of a text that is not told. */
function zeros(vcpu: u32, address: u64, bytes: u32): i64 {
  if (!openArgument(vcpu, address, bytes, true)) return EFAULT;
  for (let offset: u32 = 0; offset < min<u32>(bytes, 1024); offset += 4) {
    setArgument32(offset, 0);
  }
  return 0;
}

/** char[16]: ".0". */
function extraVersion(vcpu: u32, address: u64): i64 {
  if (!openArgument(vcpu, address, 16, true)) return EFAULT;
  setArgument32(0, 0x0000302e);
  for (let offset: u32 = 4; offset < 16; offset += 4) setArgument32(offset, 0);
  return 0;
}

/** char[1024]; the words after the text are zero: "hvm-3.0-x86_64 ". */
function capabilities(vcpu: u32, address: u64): i64 {
  if (!openArgument(vcpu, address, 1024, true)) return EFAULT;
  for (let offset: u32 = CAPABILITY_WORDS << 2; offset < 1024; offset += 4) {
    setArgument32(offset, 0);
  }
  setArgument32(0, 0x2d6d7668);
  setArgument32(4, 0x2d302e33);
  setArgument32(8, 0x5f363878);
  setArgument32(12, 0x00203436);
  return 0;
}

/** { u32 index; u32 map }: the features of word 0; the other words are zero. */
function features(vcpu: u32, address: u64): i64 {
  if (!openArgument(vcpu, address, 8, true)) return EFAULT;
  setArgument32(4, argument32(0) == 0 ? FEATURES : 0);
  return 0;
}

/** HYPERVISOR_xen_version(operation, address). VERSION-*. */
export function versionOp(vcpu: u32, operation: u64, address: u64): i64 {
  const label = column.domainLabel(column.vcpuDomain(vcpu));
  const xen = labelXen();
  if (!mayVersion(label, xen)) return EPERM;
  if (operation == VERSION) return XEN_VERSION;
  if (operation == GET_FEATURES) return features(vcpu, address);
  if (operation == PLATFORM_PARAMETERS) return zeros(vcpu, address, 8);
  if (operation == EXTRA_VERSION) {
    return mayVersionExtra(label, xen) ? extraVersion(vcpu, address) : EPERM;
  }
  if (operation == COMPILE_INFO) {
    return mayVersionCompileInfo(label, xen) ? zeros(vcpu, address, 144) : EPERM;
  }
  if (operation == CAPABILITIES) {
    return mayVersionCapabilities(label, xen) ? capabilities(vcpu, address) : EPERM;
  }
  if (operation == CHANGESET) {
    return mayVersionChangeset(label, xen) ? zeros(vcpu, address, 64) : EPERM;
  }
  if (operation == PAGE_SIZE) return mayVersionPageSize(label, xen) ? 4096 : EPERM;
  if (operation == GUEST_HANDLE) {
    return mayVersionHandle(label, xen) ? zeros(vcpu, address, 16) : EPERM;
  }
  if (operation == COMMAND_LINE) {
    return mayVersionCommandLine(label, xen) ? zeros(vcpu, address, 1024) : EPERM;
  }
  if (operation == BUILD_ID) return mayVersionBuildId(label, xen) ? ENOSYS : EPERM;
  return ENOSYS;
}
