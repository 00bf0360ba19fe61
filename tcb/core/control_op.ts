// The dispatcher of privileged operations: one row of 64 bytes, { u32 operation; u32 domain; u64
// a-g }, from the boot pack or from a domain that calls HYPERVISOR_control. The row is copied once,
// into the command columns, before anything is decided.

import { EFAULT, EINVAL, ENOSYS, RESUME } from "./abi";
import * as column from "./columns";
import {
  allowXsave,
  copyInto,
  createDomain,
  destroy,
  largeArea,
  loadPolicy,
  nameDomain,
  pause,
  populate,
  populateSuperframe,
  reserve,
  resumePaused,
  setConsole,
  setContext,
  setDomainParameter,
  setRegion,
  setSchedule,
  setSlot,
  unpause,
} from "./control";
import {
  domainInfo,
  setBackground,
  setChannel,
  setGrant,
  setPorts,
  vcpuInfo,
} from "./control_link";
import { argument32, argument64, openArgument, setArgument64 } from "./guest";
import { load32, load64 } from "./machine";
import { translate } from "./p2m";
import { resumeWith } from "./resume";
import { NOWHERE } from "./states";

/** The most that a caller copies by one call. */
const COPY_BYTES: u64 = 0x10000;

const CREATE: u32 = 1;
const POPULATE_SUPERFRAME: u32 = 2;
const RESERVE: u32 = 3;
const POPULATE: u32 = 4;
const COPY: u32 = 5;
const PARAMETER: u32 = 6;
const CONSOLE: u32 = 7;
const CONTEXT: u32 = 8;
const UNPAUSE: u32 = 9;
const SCHEDULE: u32 = 10;
const SLOT: u32 = 11;
const REGION: u32 = 12;
const PAUSE: u32 = 13;
const RESUME_PAUSED: u32 = 14;
const DESTROY: u32 = 15;
const XSAVE: u32 = 16;
const LOAD_POLICY: u32 = 17;
const CHANNEL: u32 = 18;
const GRANT: u32 = 19;
const IO_PORTS: u32 = 20;
const BACKGROUND: u32 = 21;
const INFO: u32 = 22;
const VCPU_INFO: u32 = 23;

/** Bytes of a command row. */
export const COMMAND_BYTES: u32 = 64;

/** Does an operation leave its answer in the row? */
function answers(operation: u32): bool {
  return operation == CHANNEL || operation == INFO || operation == VCPU_INFO;
}

/** Copies a row that lies in machine memory (the boot pack). */
export function takeCommand(row: u64): void {
  column.setCommandOperation(load32(row));
  column.setCommandDomain(load32(row + 4));
  column.setCommandA(load64(row + 8));
  column.setCommandB(load64(row + 16));
  column.setCommandC(load64(row + 24));
  column.setCommandD(load64(row + 32));
  column.setCommandE(load64(row + 40));
  column.setCommandF(load64(row + 48));
  column.setCommandG(load64(row + 56));
}

function takeCallersCommand(): void {
  column.setCommandOperation(argument32(0));
  column.setCommandDomain(argument32(4));
  column.setCommandA(argument64(8));
  column.setCommandB(argument64(16));
  column.setCommandC(argument64(24));
  column.setCommandD(argument64(32));
  column.setCommandE(argument64(40));
  column.setCommandF(argument64(48));
  column.setCommandG(argument64(56));
}

/** Does the command copy bytes from where its caller says? */
export function isCopy(): bool {
  return column.commandOperation() == COPY;
}

function performCreate(caller: u32): i64 {
  const domain = column.commandDomain();
  const result = createDomain(
    caller,
    domain,
    column.commandA(),
    column.commandB(),
    column.commandC(),
    column.commandD(),
  );
  if (result == 0) nameDomain(domain, column.commandE(), column.commandF(), column.commandG());
  return result;
}

/** What builds a domain. */
function performBuild(caller: u32, operation: u32, source: u64): i64 {
  const domain = column.commandDomain();
  const a = column.commandA();
  const b = column.commandB();
  const c = column.commandC();
  if (operation == POPULATE_SUPERFRAME) return populateSuperframe(caller, domain, a);
  if (operation == RESERVE) return reserve(caller, domain);
  if (operation == POPULATE) return populate(caller, domain, a);
  if (operation == COPY) return copyInto(caller, domain, a, source, c);
  if (operation == PARAMETER) return setDomainParameter(caller, domain, a, b);
  if (operation == CONSOLE) return setConsole(caller, domain, a);
  if (operation == REGION) return setRegion(caller, domain, a, b, c, column.commandD());
  return setContext(caller, domain, a, b, c);
}

/** What ties a domain to others, and what is known of it. */
function performLink(caller: u32, operation: u32): i64 {
  const domain = column.commandDomain();
  const a = column.commandA();
  const b = column.commandB();
  if (operation == CHANNEL) return setChannel(caller, domain, a, b);
  if (operation == GRANT) return setGrant(caller, domain, a, b, column.commandC());
  if (operation == IO_PORTS) return setPorts(caller, domain, a, b);
  if (operation == BACKGROUND) return setBackground(caller, domain);
  return operation == INFO ? domainInfo(caller, domain) : vcpuInfo(caller, domain, a);
}

/** Carries out the command in the command columns under a label; `source` is the machine address of
 *  what a copy copies. CONTROL-DISPATCH. */
export function perform(caller: u32, source: u64): i64 {
  const operation = column.commandOperation();
  const domain = column.commandDomain();
  if (operation == CREATE) return performCreate(caller);
  if (operation == UNPAUSE) return unpause(caller, domain);
  if (operation == SCHEDULE) return setSchedule(caller, column.commandA(), column.commandB());
  if (operation == SLOT) return setSlot(caller, domain, column.commandA(), column.commandB());
  if (operation == PAUSE) return pause(caller, domain);
  if (operation == RESUME_PAUSED) return resumePaused(caller, domain);
  if (operation == DESTROY) return destroy(caller, domain);
  if (operation == LOAD_POLICY) return loadPolicy(caller, source, column.commandC());
  if (operation == XSAVE) return allowXsave(caller, domain);
  if (operation >= CHANNEL && operation <= VCPU_INFO) return performLink(caller, operation);
  const builds = (operation >= POPULATE_SUPERFRAME && operation <= CONTEXT) || operation == REGION;
  return builds ? performBuild(caller, operation, source) : ENOSYS;
}

/** Writes the seven words back to the row, which was opened for that before anything was done.
 *  CONTROL-REPLY. */
function replyRow(): void {
  setArgument64(8, column.commandA());
  setArgument64(16, column.commandB());
  setArgument64(24, column.commandC());
  setArgument64(32, column.commandD());
  setArgument64(40, column.commandE());
  setArgument64(48, column.commandF());
  setArgument64(56, column.commandG());
}

/** Machine address of what a caller copies: inside one page of its own, small or large. */
function copySource(domain: u32, address: u64, bytes: u64): u64 {
  if ((address & 0xfff) + bytes <= 4096) return translate(domain, address, false);
  return largeArea(domain, address, bytes);
}

/** HYPERVISOR_control(address of a row). What it copies comes from one page of the caller's own,
 *  named by its guest-physical address. CONTROL-CALL. */
export function controlOp(vcpu: u32, address: u64): i64 {
  if (!openArgument(vcpu, address, COMMAND_BYTES, true)) return EFAULT;
  takeCallersCommand();
  const domain = column.vcpuDomain(vcpu);
  let source: u64 = 0;
  if (isCopy()) {
    if (column.commandC() > COPY_BYTES) return EINVAL;
    source = copySource(domain, column.commandB(), column.commandC());
    if (source == NOWHERE) return EFAULT;
  }
  if (column.commandOperation() == LOAD_POLICY) {
    source = largeArea(domain, column.commandB(), column.commandC());
  }
  const result = perform(column.domainLabel(domain), source);
  if (result == 0 && answers(column.commandOperation())) replyRow();
  return result == RESUME ? resumeWith(address, 0, 0) : result;
}
