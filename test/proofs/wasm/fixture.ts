import type { Column } from "../../../proofs/wasm/index.ts";

/** Tables of the fixture below. */
export const columns: readonly Column[] = [
  { table: "frame", name: "frameReferences", base: 65536, stride: 4, width: 4, rows: 64 },
  { table: "frame", name: "frameOwner", base: 66560, stride: 1, width: 1, rows: 64 },
  { table: "leaf", name: "leafEntry", base: 69632, stride: 8, width: 8, rows: 4096 },
  { table: "block", name: "blockCode", base: 106496, stride: 4096, width: 8, rows: 3 },
  { table: "block", name: "blockKind", base: 106508, stride: 4096, width: 2, rows: 3 },
];

/** A small hypervisor-like module in AssemblyScript. */
export const source = `
@external("machine", "load32") declare function guestLoad(address: u64): u32;
@external("machine", "notify") declare function notify(port: u32): void;
@inline function references(row: u32): u32 { return load<u32>((<usize>row << 2) + 65536); }
@inline function setReferences(row: u32, value: u32): void {
  store<u32>((<usize>row << 2) + 65536, value);
}
const LEAF: usize = 69632;
const BLOCK: usize = 106496;

export function take(caller: u32, row: u32): i32 {
  if (row >= 64) return -22;
  if (load<u8>(66560 + row) != <u8>caller) return -1;
  const count = references(row);
  if (count == 0xffffffff) return -75;
  setReferences(row, count + 1);
  return 0;
}
export function takeUnchecked(row: u32): void { setReferences(row, references(row) + 1); }
export function split(table: u32, frame: u64): void {
  if (table >= 8) return;
  for (let i: u32 = 0; i < 512; i++) {
    store<u64>(LEAF + (<usize>(table * 512 + i) << 3), ((frame + i) << 12) | 7);
  }
}
export function bump(first: u32): void {
  if (first > 32) return;
  for (let i: u32 = 0; i < 32; i++) setReferences(first + i, references(first + i) + 1);
}
export function chained(first: u32): void {
  if (first > 31) return;
  for (let i: u32 = 0; i < 32; i++) setReferences(first + i, references(first + i + 1) + 1);
}
export function total(): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < 64; i++) { setReferences(i, sum); sum += i & 3; }
  return sum;
}
export function clear(table: u32): void {
  if (table >= 8) return;
  memory.fill(LEAF + (<usize>table << 12), 0, 4096);
}
export function clearBlock(row: u32): void {
  if (row >= 3) return;
  memory.fill(BLOCK + (<usize>row << 12), 0, 4096);
}
export function cloneTable(to: u32, from: u32): void {
  if (to >= 8 || from >= 8) return;
  memory.copy(LEAF + (<usize>to << 12), LEAF + (<usize>from << 12), 4096);
}
export function kindOf(row: u32): u32 {
  return row < 3 ? load<u16>(BLOCK + (<usize>row << 12), 12) : 99;
}
export function straddle(row: u32): void {
  if (row < 63) store<u64>((<usize>row << 2) + 65536, 0x0000000200000001);
}
let ticks: u32 = 5;
export function tick(): u32 { ticks += 1; return ticks; }
const table: StaticArray<u16> = [3, 1, 4, 1, 5, 9, 2, 6];
export function digit(at: u32): u32 {
  return load<u16>(changetype<usize>(table) + ((<usize>at & 7) << 1));
}
export function choose(which: u32): u32 {
  switch (which) {
    case 0: return 10;
    case 1: return 21;
    case 2: return 32;
    case 3: return 43;
    case 7: return 54;
    default: return 65;
  }
}
export function fetchTwice(address: u64): u32 {
  const first = guestLoad(address);
  if (first > 9) { notify(1); return 0; }
  notify(2);
  return guestLoad(address) - first;
}
export function divide(a: i32, b: i32): i32 { return a / b; }
export function beyond(): u32 { return load<u32>(67000); }
export function search(): u32 {
  for (let i: u32 = 0; i < 16; i++) if (references(i) == 0) return i;
  return 99;
}
export function forever(n: u32): void { while (references(n & 63) != 0) notify(n); }
export function upTo(n: u32): void {
  if (n > 64) return;
  for (let i: u32 = 0; i < n; i++) setReferences(i, i);
}
`;
