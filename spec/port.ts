// The ports of a domain: which is free, and what one holds.

import { PORTS } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import type { Found, Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";

/** Changes all columns of a port; what is not named becomes zero. */
export function setPort(
  s: Transaction,
  domain: Word,
  port: Word,
  columns: {
    readonly state?: number;
    readonly peerDomain?: Word;
    readonly peerPort?: Word;
    readonly vcpu?: Word;
    readonly virq?: Word;
    readonly label?: Word;
  },
): void {
  const closed = { state: 0, peerDomain: 0, peerPort: 0, vcpu: 0, virq: 0, label: 0 };
  s.row("port", domain, port).set({ ...closed, ...columns });
}

/** The lowest closed port of a domain, but for port 0. */
export function firstClosed(s: Transaction, domain: Word): Found {
  return s.least(PORTS, (port) =>
    port.ne(0).and(s.row("port", domain, port).state.eq(abi.EVTCHNSTAT_closed)),
  );
}

/** The port that a domain's next channel gets, or the call ends. */
export function allocate(s: Transaction, domain: Word): Word {
  s.clause("EVTCHN-FREE-1", "A new port is the lowest that is closed; port 0 is never given out.");
  const port = firstClosed(s, domain);
  s.require(port.exists, abi.ENOSPC);
  return port.index;
}
