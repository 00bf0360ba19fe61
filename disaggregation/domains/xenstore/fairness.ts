// A privileged domain's transaction that keeps failing because others write what it reads gets a
// moment in which the others' changes wait: nobody can starve it. The moment is short and ends with
// the transaction.

import { now } from "../../runtime/world";
import { isPrivileged } from "./clients";
import { requestHeader } from "./connections";
import { EAGAIN, OK } from "./errors";
import { DOMAINS } from "./limits";

const CONFLICTS_LIMIT: u32 = 3;
const MOMENT_NANOSECONDS: u64 = 50000000;

const CONFLICTS: u32 = memory.data(<i32>DOMAINS) as u32;
/** Who is favoured, until when; 0: nobody. */
let favoured: u32 = DOMAINS;
let until: u64 = 0;

const TRANSACTION_END: u32 = 7;
const WRITE: u32 = 11;
const SET_PERMS: u32 = 14;

/** A transaction of a domain was carried out, or not. */
export function transactionEnded(domain: u32, result: u32): void {
  if (!isPrivileged(domain)) return;
  if (result == OK) {
    store<u8>(CONFLICTS + domain, 0);
    if (favoured == domain) until = 0;
    return;
  }
  if (result != EAGAIN) return;
  const conflicts = (load<u8>(CONFLICTS + domain) as u32) + 1;
  store<u8>(CONFLICTS + domain, min<u32>(conflicts, CONFLICTS_LIMIT) as u8);
  if (conflicts < CONFLICTS_LIMIT) return;
  favoured = domain;
  until = now() + MOMENT_NANOSECONDS;
}

/** Until when the whole request of a domain has to wait; 0: it has not. */
export function isDeferred(domain: u32): u64 {
  if (until == 0 || isPrivileged(domain)) return 0;
  const type = load<u32>(requestHeader(domain));
  // WRITE, MKDIR, RM, SET_PERMS.
  const changes = type == TRANSACTION_END || (type >= WRITE && type <= SET_PERMS);
  if (!changes) return 0;
  if (now() < until) return until;
  until = 0;
  return 0;
}
