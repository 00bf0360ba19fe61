// Port groups: who may talk to whom. A port's group is the name under its key "bridge" (none: the
// group without a name). Members of one group may talk to each other, and to other groups that the
// configuration names, line by line:
//
//   allow GROUP GROUP     members of either may talk to the other's
//   apart GROUP           members of this one may not talk to each other

import { isText } from "../../runtime/decimal";
import { nextLine, openText, takeWord, word, wordBytes } from "../../runtime/words";
import { config } from "../../runtime/world";

/** Groups at once; a bitmap of them is one word. */
export const GROUPS: u32 = 32;
export const NO_GROUP: u32 = 0xffffffff;
const NAME_BYTES: u32 = 32;
const CONFIGURATION_BYTES: u32 = 8192;

const CONFIGURATION: u32 = memory.data(<i32>CONFIGURATION_BYTES) as u32;
const NAME: u32 = memory.data(<i32>(GROUPS * NAME_BYTES)) as u32;
const LENGTH: u32 = memory.data(<i32>GROUPS) as u32;
/** Groups that a group's members may talk to. */
const PEERS: u32 = memory.data(<i32>(GROUPS * 4), 4) as u32;

let groups: u32 = 0;

/** The group of a name, which exists from now on; NO_GROUP: the name is too long, or there are too
 *  many. */
export function groupOf(name: u32, bytes: u32): u32 {
  if (bytes > NAME_BYTES) return NO_GROUP;
  for (let group: u32 = 0; group < groups; group++) {
    if (load<u8>(LENGTH + group) != (bytes as u8)) continue;
    if (memory.compare(NAME + group * NAME_BYTES, name, bytes) == 0) return group;
  }
  if (groups == GROUPS) return NO_GROUP;
  memory.copy(NAME + groups * NAME_BYTES, name, bytes);
  store<u8>(LENGTH + groups, bytes as u8);
  store<u32>(PEERS + (groups << 2), 1 << groups);
  return groups++;
}

/** May members of one group send to members of another? */
export function mayTalk(from: u32, to: u32): bool {
  return ((load<u32>(PEERS + (from << 2)) >> to) & 1) != 0;
}

function connect(from: u32, to: u32): void {
  store<u32>(PEERS + (from << 2), load<u32>(PEERS + (from << 2)) | (1 << to));
}

/** The group that the next word of the line names. */
function takeGroup(): u32 {
  takeWord();
  return groupOf(word, wordBytes);
}

function allow(): void {
  const one = takeGroup();
  const other = takeGroup();
  if (one == NO_GROUP || other == NO_GROUP) return;
  connect(one, other);
  connect(other, one);
}

function part(): void {
  const group = takeGroup();
  if (group == NO_GROUP) return;
  store<u32>(PEERS + (group << 2), load<u32>(PEERS + (group << 2)) & ~(1 << group));
}

/** Reads the configuration; lines of other kinds are somebody else's. */
export function openGroups(): void {
  openText(
    CONFIGURATION,
    min<u32>(config(CONFIGURATION, CONFIGURATION_BYTES), CONFIGURATION_BYTES),
  );
  while (nextLine()) {
    takeWord();
    if (isText(word, wordBytes, "allow")) allow();
    else if (isText(word, wordBytes, "apart")) part();
  }
}
