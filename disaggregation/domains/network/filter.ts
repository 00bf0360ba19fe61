// Who a frame claims to be from. A port sends under its own Ethernet address, and under its own
// IPv4 addresses if it was given any; then it speaks IPv4 and ARP alone.

import { macAt, NO_MAC } from "./address";
import { portBound, portFree, portHasIp, portMac } from "./port";
import { HEAD, headBytes } from "./staging";

/** As a little-endian load has them. */
const TYPE_IP4: u32 = 0x0008;
const TYPE_ARP: u32 = 0x0608;
/** Ethernet, and IPv4 over it. */
const ARP_KIND: u64 = 0x040600080100;
const IP4_BYTES: u32 = 34;
const ARP_BYTES: u32 = 42;
const UDP_BYTES: u32 = 42;
const PROTOCOL_UDP: u8 = 17;
/** Source and destination port of a DHCP client: 68, 67. */
const DHCP_PORTS: u32 = 0x43004400;
const EVERYBODY: u32 = 0xffffffff;

/** An IPv4 packet of a host that has no address yet and asks for one. */
function asksForAddress(frame: u32, bytes: u32): bool {
  if (bytes < UDP_BYTES || load<u8>(frame, 14) != 0x45) return false;
  const fragment = load<u16>(frame, 20) & 0xff3f;
  if (load<u8>(frame, 23) != PROTOCOL_UDP || fragment != 0) return false;
  return load<u32>(frame, 30) == EVERYBODY && load<u32>(frame, 34) == DHCP_PORTS;
}

function mayIp4(row: u32, frame: u32, bytes: u32): bool {
  if (bytes < IP4_BYTES || load<u8>(frame, 14) >> 4 != 4) return false;
  const source = load<u32>(frame, 26);
  return source == 0 ? asksForAddress(frame, bytes) : portHasIp(row, source);
}

/** { kind @14; u16 operation @20; sender's Ethernet address @22 and IPv4 address @28 }; a host that
 *  tries an address out has none yet. */
function mayArp(row: u32, frame: u32, bytes: u32): bool {
  if (bytes < ARP_BYTES) return false;
  if (((load<u32>(frame, 14) as u64) | ((load<u16>(frame, 18) as u64) << 32)) != ARP_KIND) {
    return false;
  }
  if (!portFree(row) && macAt(frame + 22) != portMac(row)) return false;
  const source = load<u32>(frame, 28);
  return source == 0 || portHasIp(row, source);
}

/** May the port send the packet at hand, by its head? */
export function maySend(row: u32): bool {
  const frame = HEAD;
  const source = macAt(frame + 6);
  if (portFree(row)) {
    if ((source & 1) != 0 || source == NO_MAC) return false;
  } else if (source != portMac(row)) return false;
  if (!portBound(row)) return true;
  const type: u32 = load<u16>(frame, 12);
  if (type == TYPE_IP4) return mayIp4(row, frame, headBytes());
  return type == TYPE_ARP && mayArp(row, frame, headBytes());
}
