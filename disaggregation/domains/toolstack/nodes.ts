// A recipe's nodes on their way to xenstore: the numbers of domains are put in.

import { NO_NUMBER, writeDecimal, writeText } from "../../runtime/decimal";
import { STORE_SET_PERMS, STORE_WRITE } from "../../runtime/store";
import { nextLine, restBytes, restOfLine, takeWord, word, wordBytes } from "../../runtime/words";
import { now } from "../../runtime/world";
import { backEndOf } from "./back_ends";
import { tell } from "./store_relay";

const BODY_BYTES: u32 = 3072;
const BODY: u32 = memory.data(<i32>3072) as u32;
const PERMISSIONS: u32 = memory.data(64) as u32;
const PERMISSIONS_LIMIT: u32 = 64;
const STORE_INTRODUCE: u32 = 8;
const PERCENT: u32 = 37;
const COMMA: u32 = 44;
const LETTER_BLOCK: u32 = 98;
const LETTER_DOMAIN: u32 = 100;
const LETTER_NETWORK: u32 = 110;
const MILLISECOND: u64 = 1000000;

/** What a placeholder stands for, or NO_NUMBER. */
function numberOf(letter: u32, domain: u32): u64 {
  if (letter == LETTER_DOMAIN) return domain as u64;
  if (letter == LETTER_BLOCK) return backEndOf("vbd");
  return letter == LETTER_NETWORK ? backEndOf("vif") : NO_NUMBER;
}

/** Writes a text with its placeholders filled in; the place behind it, or 0. */
function expand(place: u32, text: u32, bytes: u32, domain: u32): u32 {
  let end = place;
  for (let at: u32 = 0; at < bytes; at++) {
    if (end + 20 > BODY + BODY_BYTES) return 0;
    const letter: u32 = load<u8>(text + at);
    if (letter != PERCENT || at + 1 == bytes) {
      store<u8>(end, letter as u8);
      end++;
      continue;
    }
    at++;
    const number = numberOf(load<u8>(text + at), domain);
    if (number == NO_NUMBER) return 0;
    end = writeDecimal(end, number);
  }
  return end;
}

function endWord(place: u32): u32 {
  store<u8>(place, 0);
  return place + 1;
}

/** Sends the permissions of the path that stands at BODY, up to `end`. */
function permit(end: u32, words: u32, bytes: u32, domain: u32): bool {
  const last = expand(end, words, bytes, domain);
  if (last == 0) return false;
  for (let at = end; at < last; at++) if (load<u8>(at) == (COMMA as u8)) store<u8>(at, 0);
  return tell(STORE_SET_PERMS, BODY, endWord(last) - BODY);
}

/** Sends the node of the line whose first word was taken; false: it makes no sense. */
export function sendNode(domain: u32): bool {
  takeWord();
  const path = expand(BODY, word, wordBytes, domain);
  if (path == 0) return false;
  const end = endWord(path);
  takeWord();
  if (wordBytes > PERMISSIONS_LIMIT) return false;
  memory.copy(PERMISSIONS, word, wordBytes);
  const value = expand(end, restOfLine(), restBytes(), domain);
  if (value == 0) return false;
  return tell(STORE_WRITE, BODY, value - BODY) && permit(end, PERMISSIONS, wordBytes, domain);
}

/** Goes to the next line of the recipe; false: there is none. */
export function nextNodeLine(): bool {
  if (!nextLine()) return false;
  takeWord();
  return true;
}

/** Notes when a domain was started, in seconds since the system was. */
export function sendStartTime(domain: u32): bool {
  const home = writeDecimal(writeText(BODY, "/local/domain/"), domain as u64);
  const end = endWord(writeText(home, "/start-time"));
  const milliseconds = now() / MILLISECOND;
  const seconds = writeDecimal(end, milliseconds / 1000);
  // A digit in front keeps the zeros of the fraction.
  const fraction = writeDecimal(seconds, 1000 + (milliseconds % 1000));
  store<u8>(seconds, 46);
  return tell(STORE_WRITE, BODY, fraction - BODY);
}

/** Tells xenstore of the domain's ring. */
export function sendIntroduction(domain: u32, port: u32): bool {
  const first = endWord(writeDecimal(BODY, domain as u64));
  const second = endWord(writeText(first, "0"));
  return tell(STORE_INTRODUCE, BODY, endWord(writeDecimal(second, port as u64)) - BODY);
}
