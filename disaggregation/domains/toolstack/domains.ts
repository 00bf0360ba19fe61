// What is known of the domains and what may be done to them, by the core's commands 13 to 15, 22
// and 23. Nothing here reaches into a domain's memory.

import * as wire from "../../control/wire";
import { command, commandAnswer } from "../../runtime/command";
import { DESTROY, INFORMATION, PAUSE, RESUME, VCPU_INFORMATION } from "../../runtime/operations";
import { DATA } from "./reply";

export const DOMAINS: u32 = 64;
const VCPUS: u32 = 32;
const BUILDING: u32 = 1;
/** States of a domain that runs no more: shut down, and dying. */
const SHUT_DOWN: u32 = 4;
const DYING: u32 = 5;

/** Writes a row for each domain that may be known of; returns their bytes. */
export function listDomains(): u32 {
  let at = DATA;
  for (let domain: u32 = 1; domain < DOMAINS; domain++) {
    if (command(INFORMATION, domain, 0, 0, 0) != 0) continue;
    store<u64>(at, domain as u64);
    for (let word: u32 = 0; word < 7; word++) store<u64>(at + 8 + (word << 3), commandAnswer(word));
    at += wire.DOMAIN_ROW_BYTES;
  }
  return at - DATA;
}

/** Writes a row for each vCPU of a domain; returns their bytes, or a negative error. */
export function listVcpus(domain: u32): i32 {
  const known = command(INFORMATION, domain, 0, 0, 0);
  if (known != 0) return known as i32;
  let at = DATA;
  for (let vcpu: u32 = 0; vcpu < VCPUS; vcpu++) {
    if (command(VCPU_INFORMATION, domain, vcpu as u64, 0, 0) != 0) continue;
    store<u64>(at, vcpu as u64);
    for (let word: u32 = 1; word < 6; word++) store<u64>(at + (word << 3), commandAnswer(word));
    at += wire.VCPU_ROW_BYTES;
  }
  return (at - DATA) as i32;
}

export function pauseDomain(domain: u32): i32 {
  return command(PAUSE, domain, 0, 0, 0) as i32;
}

export function resumeDomain(domain: u32): i32 {
  return command(RESUME, domain, 0, 0, 0) as i32;
}

export function destroyDomain(domain: u32): i32 {
  return command(DESTROY, domain, 0, 0, 0) as i32;
}

export function isBeingBuilt(domain: u32): bool {
  const known = command(INFORMATION, domain, 0, 0, 0) == 0;
  return known && (commandAnswer(0) as u32 & 0xff) == BUILDING;
}

/** How long a domain's vCPUs ran (ns); 0: there is none. */
export function timeSpent(domain: u32): u64 {
  return command(INFORMATION, domain, 0, 0, 0) == 0 ? commandAnswer(1) : 0;
}

/** What `endOf` says of a domain that has not ended, and of one that is being taken apart. */
export const NOT_ENDED: u32 = 0xffffffff;
export const ENDING: u32 = 0xfffffffe;

/** Why a domain ended (SHUTDOWN_), NOT_ENDED or ENDING. */
export function endOf(domain: u32): u32 {
  if (command(INFORMATION, domain, 0, 0, 0) != 0) return NOT_ENDED;
  const word = commandAnswer(0) as u32;
  const state = word & 0xff;
  if (state == DYING) return ENDING;
  return state == SHUT_DOWN ? (word >> 8) & 0xff : NOT_ENDED;
}
