// The configuration text: lines of words.
//
//   privileged DOMAIN           may do everything
//   domain DOMAIN PORT          is there from the start, and offers a port
//   service DOMAIN PORT         likewise, and comes back under its number when it has ended
//   node PATH PERMS [VALUE]     a node; PERMS as n1,r2 (the owner's first); the value ends the line

import { isText, readDecimal, writeText } from "../../runtime/decimal";
import {
  lineBytes,
  linePlace,
  nextLine,
  openText,
  restBytes,
  restOfLine,
  takeExactNumber,
  takeWord,
  word,
  wordBytes,
} from "../../runtime/words";
import { config, log } from "../../runtime/world";
import { accessOfLetter } from "./access";
import { setPrivileged } from "./clients";
import { OK } from "./errors";
import { hasJournal } from "./journal";
import { takeUp, writeDown } from "./lasting";
import { DOMAINS, PERMISSIONS, VALUE_LIMIT } from "./limits";
import { introduce } from "./lives";
import { path, pathLength, takePath } from "./paths";
import { STORE_SPACE } from "./records";
import { expectReturn } from "./returning";
import { nodeAt, permitNode, plantNode, writeNode } from "./tree";

const TEXT_LIMIT: u32 = 262144;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const ENTRIES: u32 = memory.data(<i32>(PERMISSIONS * 4), 4) as u32;
const COMMA: u32 = 44;
/** Ports that a domain has. */
const PORT_LIMIT: u32 = 4096;
/** Who the nodes are made as: domain 0, which never speaks. */
const BUILDER: u32 = 0;

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
  const bytes = restBytes();
  if (count == 0 || bytes > VALUE_LIMIT) return false;
  if (!writeNode(BUILDER, STORE_SPACE, path, pathLength, restOfLine(), bytes)) return false;
  const node = nodeAt(STORE_SPACE, path, pathLength);
  permitNode(STORE_SPACE, path, pathLength, node, ENTRIES, count);
  return true;
}

/** A domain's number, or DOMAINS where there is none. */
function takeDomain(): u32 {
  return min<u64>(takeExactNumber(), DOMAINS as u64) as u32;
}

function domainLine(): bool {
  const domain = takeDomain();
  const port = takeExactNumber();
  return port < (PORT_LIMIT as u64) && introduce(domain, port as u32) == OK;
}

function serviceLine(first: bool): bool {
  const domain = takeDomain();
  const port = takeExactNumber();
  if (domain == DOMAINS || port >= (PORT_LIMIT as u64)) return false;
  expectReturn(domain, port as u32);
  return !first || introduce(domain, port as u32) == OK;
}

function takeLineAgain(): bool {
  if (isText(word, wordBytes, "service")) return serviceLine(false);
  return !isText(word, wordBytes, "privileged") || privilegedLine();
}

function privilegedLine(): bool {
  const domain = takeDomain();
  if (domain == 0 || domain == DOMAINS) return false;
  setPrivileged(domain);
  return true;
}

/** `first`: no earlier instance left a store; else only who is who is read. */
function takeLine(first: bool): bool {
  if (lineBytes() == 0) return true;
  takeWord();
  if (isText(word, wordBytes, "kept")) return true;
  if (!first) return takeLineAgain();
  if (isText(word, wordBytes, "node")) return nodeLine();
  if (isText(word, wordBytes, "domain")) return domainLine();
  if (isText(word, wordBytes, "service")) return serviceLine(true);
  return isText(word, wordBytes, "privileged") && privilegedLine();
}

const MESSAGE: u32 = memory.data(64) as u32;

/** Names the line that makes no sense by its first words. */
function complain(): void {
  let end = writeText(MESSAGE, "not understood: ");
  const bytes = min<u32>(lineBytes(), 40);
  memory.copy(end, linePlace(), bytes);
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
  openText(TEXT, min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT));
  const first = !hasJournal();
  while (nextLine()) if (!takeLine(first)) complain();
  if (first) writeDown();
  else takeUp();
}
