// The configuration text: lines of words.
//
//   privileged DOMAIN           may do everything
//   domain DOMAIN PORT          is there from the start, and offers a port
//   node PATH PERMS [VALUE]     a node; PERMS as n1,r2 (the owner's first); the value ends the line

import { behindText, NO_NUMBER, readDecimal, writeText } from "../../runtime/decimal";
import { config, log } from "../../runtime/world";
import { accessOfLetter } from "./access";
import { setPrivileged } from "./clients";
import { OK } from "./errors";
import { DOMAINS, PERMISSIONS, VALUE_LIMIT } from "./limits";
import { introduce } from "./lives";
import { path, pathLength, takePath } from "./paths";
import { STORE_SPACE } from "./records";
import { nodeAt, permitNode, plantNode, writeNode } from "./tree";

const TEXT_LIMIT: u32 = 262144;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const ENTRIES: u32 = memory.data(<i32>(PERMISSIONS * 4), 4) as u32;
const SPACE: u32 = 32;
const NEWLINE: u32 = 10;
const COMMA: u32 = 44;
/** Who the nodes are made as: domain 0, which never speaks. */
const BUILDER: u32 = 0;

/** The word that was taken last, and the rest of its line. */
let word: u32 = 0;
let wordBytes: u32 = 0;
let rest: u32 = 0;
let lineEnd: u32 = 0;

function takeWord(): void {
  word = rest;
  while (rest < lineEnd && load<u8>(rest) != SPACE) rest++;
  wordBytes = rest - word;
  if (rest < lineEnd) rest++;
}

function takeNumber(): u32 {
  takeWord();
  const number = readDecimal(word, wordBytes);
  return number == NO_NUMBER ? 0xffffffff : (number as u32);
}

/** Permissions as n1,r2; how many. */
function takePermissions(): u32 {
  takeWord();
  let count: u32 = 0;
  let place = word;
  const end = word + wordBytes;
  while (place < end && count < PERMISSIONS) {
    const access = accessOfLetter(load<u8>(place));
    let stop = place + 1;
    while (stop < end && load<u8>(stop) != COMMA) stop++;
    const named = readDecimal(place + 1, stop - place - 1);
    if (access == 0xffff || named >= (DOMAINS as u64)) return 0;
    store<u16>(ENTRIES + (count << 2), named as u16);
    store<u16>(ENTRIES + (count << 2), access as u16, 2);
    count++;
    place = stop + 1;
  }
  return count;
}

function nodeLine(): bool {
  takeWord();
  if (takePath(BUILDER, word, wordBytes) != OK) return false;
  const count = takePermissions();
  const bytes = lineEnd - rest;
  if (count == 0 || bytes > VALUE_LIMIT) return false;
  if (!writeNode(BUILDER, STORE_SPACE, path, pathLength, rest, bytes)) return false;
  const node = nodeAt(STORE_SPACE, path, pathLength);
  permitNode(STORE_SPACE, path, pathLength, node, ENTRIES, count);
  return true;
}

function domainLine(): bool {
  const domain = takeNumber();
  const port = takeNumber();
  return introduce(domain, port) == OK;
}

function privilegedLine(): bool {
  const domain = takeNumber();
  if (domain == 0 || domain >= DOMAINS) return false;
  setPrivileged(domain);
  return true;
}

function takeLine(): bool {
  if (rest == lineEnd) return true;
  takeWord();
  if (behindText(word, wordBytes, "node") != 0) return nodeLine();
  if (behindText(word, wordBytes, "domain") != 0) return domainLine();
  return behindText(word, wordBytes, "privileged") != 0 && privilegedLine();
}

const MESSAGE: u32 = memory.data(64) as u32;

/** Names the line that makes no sense by its first words. */
function complain(line: u32): void {
  let end = writeText(MESSAGE, "not understood: ");
  const bytes = min<u32>(lineEnd - line, 40);
  memory.copy(end, line, bytes);
  end = writeText(end + bytes, "\n");
  log(MESSAGE, end - MESSAGE);
}

function plant(name: string): void {
  const end = writeText(MESSAGE, name);
  plantNode(MESSAGE, end - MESSAGE);
}

/** Makes the store as the configuration has it. */
export function configure(): void {
  setPrivileged(BUILDER);
  plant("/");
  plant("@introduceDomain");
  plant("@releaseDomain");
  const bytes = min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT);
  let line = TEXT;
  while (line < TEXT + bytes) {
    lineEnd = line;
    while (lineEnd < TEXT + bytes && load<u8>(lineEnd) != NEWLINE) lineEnd++;
    rest = line;
    if (!takeLine()) complain(line);
    line = lineEnd + 1;
  }
}
