// Where a frame goes: to the port that has its address, or to all of them, as far as the groups of
// both ports allow.

import { DEVICES, deviceBit } from "../../runtime/xenbus_device";
import { BROADCAST, isGroup, macAt } from "./address";
import { mayTalk } from "./groups";
import { hasMulticast } from "./multicast";
import {
  attachedPorts,
  FILTERS_MULTICAST,
  openPorts,
  portCan,
  portFree,
  portGroup,
  portMac,
} from "./port";
import { HEAD } from "./staging";
import { learnStation, NOWHERE, stationPort } from "./stations";

/** The attached port whose own address it is, or NOWHERE. */
function ownerOf(mac: u64): u32 {
  let rest = attachedPorts() & ~openPorts();
  for (let count: u32 = 0; count < DEVICES && rest != 0; count++) {
    const row = ctz(rest) as u32;
    rest &= rest - 1;
    if (portMac(row) == mac) return row;
  }
  return NOWHERE;
}

/** Ports that may hear of a frame for an address: one, those behind which it may be, or all. */
function candidates(mac: u64): u64 {
  if (isGroup(mac)) return attachedPorts();
  const hint = stationPort(mac);
  const known = hint != NOWHERE && (attachedPorts() & deviceBit(hint)) != 0;
  if (known && !portFree(hint) && portMac(hint) == mac) return deviceBit(hint);
  const owner = ownerOf(mac);
  if (owner != NOWHERE) {
    learnStation(mac, owner);
    return deviceBit(owner);
  }
  return known && portFree(hint) ? deviceBit(hint) : openPorts();
}

function wants(to: u32, mac: u64): bool {
  if (!isGroup(mac) || mac == BROADCAST || !portCan(to, FILTERS_MULTICAST)) return true;
  return hasMulticast(to, mac);
}

/** Ports that the packet at hand of a port goes to: a bitmap. */
export function destinations(from: u32): u64 {
  const mac = macAt(HEAD);
  let result: u64 = 0;
  let rest = candidates(mac) & ~deviceBit(from);
  for (let count: u32 = 0; count < DEVICES && rest != 0; count++) {
    const to = ctz(rest) as u32;
    rest &= rest - 1;
    if (mayTalk(portGroup(from), portGroup(to)) && wants(to, mac)) result |= deviceBit(to);
  }
  return result;
}

/** Remembers where the sender of the packet at hand is. A port's own address stays its own. */
export function learnSender(from: u32): void {
  const mac = macAt(HEAD + 6);
  if (portFree(from) && ownerOf(mac) == NOWHERE) learnStation(mac, from);
}
