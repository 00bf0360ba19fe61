// Which port a station is at. A port's own address is fixed by the toolstack; others are learned
// from frames of ports that may send under any address. A table of fixed size: a new station takes
// the place of an old one, so that what one port makes up costs another a flood at most.

const STATIONS: u32 = 256;
export const NOWHERE: u32 = 0xffffffff;

const ADDRESS: u32 = memory.data(<i32>(STATIONS * 8), 8) as u32;
const PORT: u32 = memory.data(<i32>STATIONS) as u32;

function place(mac: u64): u32 {
  const folded = (mac ^ (mac >> 24)) as u32;
  return (folded ^ (folded >> 8) ^ (folded >> 16)) & (STATIONS - 1);
}

/** The port where an address was seen last, or NOWHERE. */
export function stationPort(mac: u64): u32 {
  const index = place(mac);
  return load<u64>(ADDRESS + (index << 3)) == mac ? (load<u8>(PORT + index) as u32) : NOWHERE;
}

export function learnStation(mac: u64, port: u32): void {
  const index = place(mac);
  store<u64>(ADDRESS + (index << 3), mac);
  store<u8>(PORT + index, port as u8);
}

/** Forgets what was learned from a port. */
export function forgetStations(port: u32): void {
  for (let index: u32 = 0; index < STATIONS; index++) {
    if (load<u8>(PORT + index) == (port as u8)) store<u64>(ADDRESS + (index << 3), 0);
  }
}
