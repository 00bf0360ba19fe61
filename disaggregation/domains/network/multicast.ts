// Multicast control: a front end that asks for it gets only the groups that it has named.

import { DEVICES } from "../../runtime/xenbus_device";

/** Addresses of one port, as many as Linux's back end keeps. */
const ADDRESSES: u32 = 64;

const COUNT: u32 = memory.data(<i32>DEVICES) as u32;
const ADDRESS: u32 = memory.data(<i32>(DEVICES * ADDRESSES * 8), 8) as u32;

function at(port: u32, index: u32): u32 {
  return ADDRESS + ((port * ADDRESSES + index) << 3);
}

function find(port: u32, mac: u64): u32 {
  const count = load<u8>(COUNT + port) as u32;
  for (let index: u32 = 0; index < count; index++) {
    if (load<u64>(at(port, index)) == mac) return index;
  }
  return count;
}

export function clearMulticast(port: u32): void {
  store<u8>(COUNT + port, 0);
}

/** False: the port has named as many as it may. */
export function addMulticast(port: u32, mac: u64): bool {
  const index = find(port, mac);
  const count = load<u8>(COUNT + port) as u32;
  if (index != count) return true;
  if (count == ADDRESSES) return false;
  store<u64>(at(port, count), mac);
  store<u8>(COUNT + port, (count + 1) as u8);
  return true;
}

export function removeMulticast(port: u32, mac: u64): void {
  const index = find(port, mac);
  const count = load<u8>(COUNT + port) as u32;
  if (index == count) return;
  store<u64>(at(port, index), load<u64>(at(port, count - 1)));
  store<u8>(COUNT + port, (count - 1) as u8);
}

export function hasMulticast(port: u32, mac: u64): bool {
  return find(port, mac) != (load<u8>(COUNT + port) as u32);
}
