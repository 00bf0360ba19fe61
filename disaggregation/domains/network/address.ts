// Addresses: an Ethernet address is a u64 whose lowest byte is the first on the wire, an IPv4
// address a u32 likewise, so that both compare with what a little-endian load of a frame gives.

export const MAC_BYTES: u32 = 6;
export const NO_MAC: u64 = 0;
export const BROADCAST: u64 = 0xffffffffffff;
const MAC_TEXT_BYTES: u32 = 17;
const COLON: u32 = 58;
const DOT: u32 = 46;

function hexDigit(letter: u32): u32 {
  if (letter - 48 < 10) return letter - 48;
  const lower = letter | 32;
  return lower - 97 < 6 ? lower - 87 : 16;
}

/** The address that "00:16:3e:00:00:01" stands for; NO_MAC: it is none, or a group's. */
export function readMac(text: u32, bytes: u32): u64 {
  if (bytes != MAC_TEXT_BYTES) return NO_MAC;
  let mac: u64 = 0;
  for (let index: u32 = 0; index < MAC_BYTES; index++) {
    const place = text + index * 3;
    const high = hexDigit(load<u8>(place));
    const low = hexDigit(load<u8>(place + 1));
    if (high > 15 || low > 15) return NO_MAC;
    if (index != 5 && load<u8>(place + 2) != (COLON as u8)) return NO_MAC;
    mac |= (((high << 4) | low) as u64) << ((index * 8) as u64);
  }
  return isGroup(mac) ? NO_MAC : mac;
}

/** Is it the address of many: a multicast or the broadcast address? */
export function isGroup(mac: u64): bool {
  return (mac & 1) != 0;
}

/** The address at a place of a frame. */
export function macAt(place: u32): u64 {
  return (load<u32>(place) as u64) | ((load<u16>(place, 4) as u64) << 32);
}

/** The IPv4 address that dotted decimal text stands for; 0: it is none. */
export function readIp(text: u32, bytes: u32): u32 {
  let ip: u32 = 0;
  let part: u32 = 0;
  let value: u32 = 256;
  for (let index: u32 = 0; index <= bytes; index++) {
    const letter: u32 = index == bytes ? DOT : (load<u8>(text + index) as u32);
    if (letter == DOT) {
      if (value > 255 || part == 4) return 0;
      ip |= value << (part * 8);
      part++;
      value = 256;
    } else {
      if (letter - 48 > 9) return 0;
      value = (value == 256 ? 0 : value * 10) + (letter - 48);
      if (value > 255) return 0;
    }
  }
  return part == 4 ? ip : 0;
}
