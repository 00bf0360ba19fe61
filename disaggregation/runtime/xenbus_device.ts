// The devices that a back end serves: one row each, for its front end's domain, its number, and
// how far both ends have come. Static: a service that has no row left leaves a device alone.

/** Devices of one service; a bitmap of them is one word. */
export const DEVICES: u32 = 64;
export const NO_DEVICE: u32 = 0xffffffff;
/** Bytes of a front end's path: /local/domain/63/device/vbd/4294967295 has 38. */
export const FRONT_PATH_BYTES: u32 = 64;

/** xenbus states (public/io/xenbus.h); 0 stands for a device that was just found. */
export const STATE_NEW: u32 = 0;
export const STATE_INITIALISING: u32 = 1;
export const STATE_WAITING: u32 = 2;
export const STATE_INITIALISED: u32 = 3;
export const STATE_CONNECTED: u32 = 4;
export const STATE_CLOSING: u32 = 5;
export const STATE_CLOSED: u32 = 6;

const USED: u32 = memory.data(<i32>DEVICES) as u32;
const STATE: u32 = memory.data(<i32>DEVICES) as u32;
const ATTACHED: u32 = memory.data(<i32>DEVICES) as u32;
const DOMAIN: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
const NUMBER: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
const PATH_BYTES: u32 = memory.data(<i32>DEVICES) as u32;
const PATH: u32 = memory.data(<i32>(DEVICES * FRONT_PATH_BYTES)) as u32;

/** A device's bit in a set of devices. */
export function deviceBit(row: u32): u64 {
  return (1 as u64) << (row as u64);
}

/** The device of a domain, or NO_DEVICE. */
export function findDevice(domain: u32, number: u32): u32 {
  for (let row: u32 = 0; row < DEVICES; row++) {
    if (load<u8>(USED + row) == 0) continue;
    if (deviceDomain(row) == domain && deviceNumber(row) == number) return row;
  }
  return NO_DEVICE;
}

/** A row for a device that was just found, or NO_DEVICE: all are in use. */
export function addDevice(domain: u32, number: u32): u32 {
  for (let row: u32 = 0; row < DEVICES; row++) {
    if (load<u8>(USED + row) != 0) continue;
    store<u8>(USED + row, 1);
    store<u8>(STATE + row, STATE_NEW as u8);
    store<u8>(ATTACHED + row, 0);
    store<u8>(PATH_BYTES + row, 0);
    store<u32>(DOMAIN + (row << 2), domain);
    store<u32>(NUMBER + (row << 2), number);
    return row;
  }
  return NO_DEVICE;
}

export function dropDevice(row: u32): void {
  store<u8>(USED + row, 0);
}

export function deviceUsed(row: u32): bool {
  return load<u8>(USED + row) != 0;
}

export function deviceDomain(row: u32): u32 {
  return load<u32>(DOMAIN + (row << 2));
}

export function deviceNumber(row: u32): u32 {
  return load<u32>(NUMBER + (row << 2));
}

/** The back end's own state. */
export function deviceState(row: u32): u32 {
  return load<u8>(STATE + row);
}

export function setDeviceState(row: u32, state: u32): void {
  store<u8>(STATE + row, state as u8);
}

/** Does the service hold rings of the front end? */
export function deviceAttached(row: u32): bool {
  return load<u8>(ATTACHED + row) != 0;
}

export function setDeviceAttached(row: u32, attached: bool): void {
  store<u8>(ATTACHED + row, attached ? 1 : 0);
}

export function frontPath(row: u32): u32 {
  return PATH + row * FRONT_PATH_BYTES;
}

export function frontPathBytes(row: u32): u32 {
  return load<u8>(PATH_BYTES + row);
}

/** Keeps the front end's path; the caller has checked its length. */
export function setFrontPath(row: u32, path: u32, bytes: u32): void {
  memory.copy(frontPath(row), path, bytes);
  store<u8>(PATH_BYTES + row, bytes as u8);
}
