// Privileged operations that tie a domain to the services beside it (a channel, a grant, I/O ports),
// and what may be known of a domain. docs/boot-pack.md, operations 18 to 23.

import { EINVAL, ENOENT, ENOMEM, EPERM, PARAMETERS } from "./abi";
import {
  mayAssignDevice,
  mayGetInfo,
  maySetChannel,
  maySetDomainParameter,
  maySetGrant,
} from "./access";
import * as column from "./columns";
import { building } from "./control";
import { vcpuRow } from "./event";
import { offerPort } from "./event_channel";
import {
  DOMAIN_NAME_BYTES,
  DOMAINS,
  PORT_MAP_WORDS,
  PORTS_A_COMMAND,
  VCPUS_PER_DOMAIN,
} from "./limits";
import { store64 } from "./machine";
import { grantFrame } from "./memory_op";
import { gfnExists } from "./p2m";
import { DOMAIN_FREE, NONE } from "./states";

/** References that a domain's builder seeds (GNTTAB_NR_RESERVED_ENTRIES, public/grant_table.h). */
const RESERVED_GRANTS: u64 = 8;
/** A version 1 entry that permits access, read and write. */
const PERMIT_ACCESS: u64 = 1;

/** Channel: a port of the domain waits for `remote`; its number is the reply and the value of a
 *  parameter, if one is named. The policy is asked as if the domain offered it.
 *  CONTROL-CHANNEL-*. */
export function setChannel(caller: u32, domain: u32, remote: u64, parameter: u64): i64 {
  if (!building(domain) || !maySetChannel(caller, column.domainLabel(domain))) return EPERM;
  if (remote >= (DOMAINS as u64) || parameter >= (PARAMETERS as u64)) return EINVAL;
  const port = offerPort(domain, remote as u32);
  if (port < 0) return port;
  const row = (domain << 6) | (parameter as u32);
  if (parameter != 0) column.setDomainParameterValue(row, port as u64);
  column.setCommandA(port as u64);
  return 0;
}

/** Grant: a reserved entry of the domain's grant table offers a frame to `remote`, before the domain
 *  runs. CONTROL-GRANT-*. */
export function setGrant(caller: u32, domain: u32, reference: u64, gfn: u64, remote: u64): i64 {
  if (!building(domain) || !maySetGrant(caller, column.domainLabel(domain))) return EPERM;
  if (reference >= RESERVED_GRANTS || remote >= (DOMAINS as u64)) return EINVAL;
  if (!gfnExists(gfn)) return EINVAL;
  const frame = grantFrame(domain, 0);
  if (frame == NONE) return ENOMEM;
  const entry = PERMIT_ACCESS | (remote << 16) | (gfn << 32);
  store64(((frame as u64) << 12) | (reference << 3), entry);
  return 0;
}

/** Ports: the domain uses I/O ports `first` to `last` without an exit. CONTROL-PORTS-*. */
export function setPorts(caller: u32, domain: u32, first: u64, last: u64): i64 {
  if (!building(domain) || !mayAssignDevice(caller, column.domainLabel(domain))) return EPERM;
  if (last > 0xffff || first > last || last - first >= (PORTS_A_COMMAND as u64)) return EINVAL;
  const count = (last - first + 1) as u32;
  for (let index: u32 = 0; index < min<u32>(count, PORTS_A_COMMAND); index++) {
    const port = (first as u32) + index;
    const word = (domain << 11) | ((port >> 6) & (PORT_MAP_WORDS - 1));
    const bit = (1 as u64) << ((port & 63) as u64);
    column.setIopmWord(word, column.iopmWord(word) & ~bit);
  }
  return 0;
}

/** Background: the machine does not stay on for this domain's sake. CONTROL-BACKGROUND-*. */
export function setBackground(caller: u32, domain: u32): i64 {
  if (!building(domain)) return EPERM;
  if (!maySetDomainParameter(caller, column.domainLabel(domain))) return EPERM;
  column.setDomainBackground(domain, 1);
  return 0;
}

/** May a caller know of a domain? That it does not exist is the same refusal. */
function mayKnow(caller: u32, domain: u32): bool {
  if (domain >= DOMAINS || column.domainState(domain) == DOMAIN_FREE) return false;
  return mayGetInfo(caller, column.domainLabel(domain));
}

/** Eight bytes of a domain's name, as a word. */
function nameWord(domain: u32, word: u32): u64 {
  let value: u64 = 0;
  for (let index: u32 = 0; index < 8; index++) {
    const byte = column.domainNameByte(domain * DOMAIN_NAME_BYTES + (word << 3) + index);
    value |= (byte as u64) << ((index << 3) as u64);
  }
  return value;
}

/** Information: what a domain is and has used, in the row that asked. CONTROL-INFO-*. */
export function domainInfo(caller: u32, domain: u32): i64 {
  if (!mayKnow(caller, domain)) return EPERM;
  const small =
    column.domainState(domain) |
    (column.domainReason(domain) << 8) |
    (column.domainLabel(domain) << 16) |
    (column.domainVcpus(domain) << 24);
  let spent: u64 = 0;
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const vcpu = vcpuRow(domain, id);
    if (vcpu != NONE) spent += column.vcpuTimeSpent(vcpu << 2);
  }
  const limit = column.domainFramesLimit(domain) as u64;
  column.setCommandA((small as u64) | ((column.domainFrames(domain) as u64) << 32));
  column.setCommandB(spent);
  column.setCommandC(limit | ((column.domainWeight(domain) as u64) << 32));
  column.setCommandD(column.domainDenials(domain));
  column.setCommandE(nameWord(domain, 0));
  column.setCommandF(nameWord(domain, 1));
  column.setCommandG(nameWord(domain, 2));
  return 0;
}

/** vCPU information: its state, and the ns that it has spent running, ready, blocked and offline.
 *  CONTROL-VCPU-INFO-*. */
export function vcpuInfo(caller: u32, domain: u32, id: u64): i64 {
  if (!mayKnow(caller, domain)) return EPERM;
  if (id >= (VCPUS_PER_DOMAIN as u64)) return EINVAL;
  const vcpu = vcpuRow(domain, id as u32);
  if (vcpu == NONE) return ENOENT;
  column.setCommandB((column.vcpuState(vcpu) | (column.vcpuRunstate(vcpu) << 8)) as u64);
  column.setCommandC(column.vcpuTimeSpent(vcpu << 2));
  column.setCommandD(column.vcpuTimeSpent((vcpu << 2) | 1));
  column.setCommandE(column.vcpuTimeSpent((vcpu << 2) | 2));
  column.setCommandF(column.vcpuTimeSpent((vcpu << 2) | 3));
  return 0;
}
