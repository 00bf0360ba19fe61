// A domain is made again by the rows of the boot pack that made it first: the same number, label,
// memory, channels and contents. What a row copies lies in the keeper's module.

import { command, commandBegin, commandRun, commandWord } from "../../runtime/command";
import { EINVAL } from "../../runtime/errno";
import { COPY } from "../../runtime/operations";
import { readOwn } from "../../runtime/own_memory";
import { moduleAddress } from "../../runtime/world";

const ROW_BYTES: u32 = 64;
const WORDS: u32 = 7;
/** Rows of one turn, and bytes of one copy. */
const ROWS_A_TURN: u32 = 32;
const COPY_LIMIT: u64 = 0x10000;
const SUPERFRAME: u64 = 0x200000;
/** What `remakeSome` says while there is more to do. */
export const MORE: i64 = 1;

const ROW: u32 = memory.data(<i32>ROW_BYTES, 8) as u32;

let place: u64 = 0;
let left: u32 = 0;

/** Begins with `count` rows that lie at an address of the keeper's memory. */
export function beginRemaking(rows: u64, count: u32): void {
  place = rows;
  left = count;
}

function word(index: u32): u64 {
  return load<u64>(ROW + 8 + (index << 3));
}

/** What is left of the large page that an address lies in. */
function leftIn(address: u64): u64 {
  return SUPERFRAME - (address & (SUPERFRAME - 1));
}

/** A copy, in parts that the hypervisor takes. */
function copyRow(domain: u32): i64 {
  let target = word(0);
  let source = moduleAddress() + word(1);
  let rest = word(2);
  while (rest != 0) {
    const room = min<u64>(leftIn(target), leftIn(source));
    const part = min<u64>(min<u64>(rest, COPY_LIMIT), room);
    const result = command(COPY, domain, target, source, part);
    if (result != 0) return result;
    target += part;
    source += part;
    rest -= part;
  }
  return 0;
}

function performRow(): i64 {
  const operation = load<u32>(ROW);
  const domain = load<u32>(ROW, 4);
  if (operation == COPY) return copyRow(domain);
  commandBegin(operation, domain);
  for (let index: u32 = 0; index < WORDS; index++) commandWord(index, word(index));
  return commandRun();
}

/** Some rows: MORE, 0 when the domain runs, or a negative error. */
export function remakeSome(): i64 {
  for (let count: u32 = 0; count < ROWS_A_TURN && left != 0; count++) {
    if (!readOwn(place, ROW, ROW_BYTES)) return EINVAL as i64;
    const result = performRow();
    if (result != 0) return result;
    place += ROW_BYTES as u64;
    left--;
  }
  return left == 0 ? 0 : MORE;
}
