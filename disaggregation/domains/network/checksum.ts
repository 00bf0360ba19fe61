// Completes a blank checksum for a receiver that wants whole ones: TCP and UDP over IPv4 and IPv6
// without options between. The packet is staged, so that what is summed is what is delivered.

import { pageLoad8, pageLoad16, pageStore16 } from "../../runtime/world";
import { packetBytes, packetSlots, slotBytes } from "./packet";
import { HEAD, headBytes, VISIBLE, visiblePage } from "./staging";

const ETHERNET_BYTES: u32 = 14;
const TYPE_IP4: u32 = 0x0008;
const TYPE_IP6: u32 = 0xdd86;
const IP6_BYTES: u32 = 40;
const TCP: u32 = 6;
const UDP: u32 = 17;
const TCP_FIELD: u32 = 16;
const UDP_FIELD: u32 = 6;

/** Where the transport's bytes begin, how many they are, and which protocol they have. */
let start: u32 = 0;
let length: u32 = 0;
let protocol: u32 = 0;
/** Offset of the two addresses, and bytes of both. */
let addresses: u32 = 0;
let addressBytes: u32 = 0;

function big16(offset: u32): u32 {
  return ((load<u8>(HEAD + offset) as u32) << 8) | (load<u8>(HEAD + offset + 1) as u32);
}

function findIp4(): bool {
  const header: u32 = ((load<u8>(HEAD + ETHERNET_BYTES) as u32) & 15) << 2;
  const total = big16(ETHERNET_BYTES + 2);
  const fragment = big16(ETHERNET_BYTES + 6) & 0x3fff;
  if (header < 20 || total < header || fragment != 0) return false;
  start = ETHERNET_BYTES + header;
  length = total - header;
  protocol = load<u8>(HEAD + ETHERNET_BYTES + 9);
  addresses = ETHERNET_BYTES + 12;
  addressBytes = 8;
  return true;
}

function findIp6(): bool {
  start = ETHERNET_BYTES + IP6_BYTES;
  length = big16(ETHERNET_BYTES + 4);
  protocol = load<u8>(HEAD + ETHERNET_BYTES + 6);
  addresses = ETHERNET_BYTES + 8;
  addressBytes = 32;
  return true;
}

/** Finds the transport's header; false: there is none that a checksum is known for. */
function findTransport(row: u32): bool {
  const type: u32 = load<u16>(HEAD + 12);
  const bytes = headBytes();
  let found = false;
  if (type == TYPE_IP4) found = bytes >= ETHERNET_BYTES + 20 && findIp4();
  else if (type == TYPE_IP6) found = bytes >= ETHERNET_BYTES + IP6_BYTES && findIp6();
  if (!found || start + length > packetBytes(row)) return false;
  const least: u32 = protocol == TCP ? TCP_FIELD + 2 : UDP_FIELD + 2;
  return (protocol == TCP || protocol == UDP) && length >= least && start + least <= bytes;
}

/** Sum of big-endian words of the head: addresses, protocol and length (RFC 1071). */
function pseudoSum(): u64 {
  let sum: u64 = (protocol + length) as u64;
  for (let offset: u32 = 0; offset < addressBytes; offset += 2) {
    sum += big16(addresses + offset) as u64;
  }
  return sum;
}

/** Sum over one page's bytes [from, to), of which the first has the transport's offset `at`. */
function pageSum(page: u32, from: u32, to: u32, at: u32): u64 {
  let sum: u64 = 0;
  let place = from;
  let high = (at & 1) == 0;
  while (place < to) {
    if (high && (place & 1) == 0 && place + 1 < to) {
      const word = pageLoad16(page, place);
      sum += (((word & 0xff) << 8) | (word >> 8)) as u64;
      place += 2;
      continue;
    }
    const byte = pageLoad8(page, place);
    sum += (high ? byte << 8 : byte) as u64;
    high = !high;
    place++;
  }
  return sum;
}

/** Sum over the transport's bytes as they lie in the staged slots. */
function transportSum(row: u32): u64 {
  let sum: u64 = 0;
  let before: u32 = 0;
  const end = start + length;
  for (let index: u32 = 0; index < packetSlots(row); index++) {
    const bytes = slotBytes(row, index);
    const from = max<u32>(start, before);
    const to = min<u32>(end, before + bytes);
    if (from < to) sum += pageSum(visiblePage(index), from - before, to - before, from - start);
    before += bytes;
  }
  return sum;
}

/** Writes a byte pair at an offset of the packet that lies in its head. */
function putField(row: u32, offset: u32, value: u32): bool {
  let before: u32 = 0;
  for (let index: u32 = 0; index < packetSlots(row); index++) {
    const within = offset - before;
    const bytes = slotBytes(row, index);
    before += bytes;
    if (within >= bytes) continue;
    if ((within & 1) != 0 || within + 2 > bytes) return false;
    pageStore16(visiblePage(index), within, ((value & 0xff) << 8) | (value >> 8));
    return true;
  }
  return false;
}

/** Completes the checksum of the packet at hand of a port, which is staged; false: it cannot be
 *  done, and a receiver that wants it complete cannot have the packet. */
export function completeChecksum(row: u32): bool {
  if (packetSlots(row) > VISIBLE || !findTransport(row)) return false;
  const field = start + (protocol == TCP ? TCP_FIELD : UDP_FIELD);
  if (!putField(row, field, 0)) return false;
  let sum = pseudoSum() + transportSum(row);
  for (let fold: u32 = 0; fold < 4; fold++) sum = (sum & 0xffff) + (sum >> 16);
  const value = ~(sum as u32) & 0xffff;
  // UDP knows no zero: it would say that there is no checksum.
  return putField(row, field, value == 0 && protocol == UDP ? 0xffff : value);
}
