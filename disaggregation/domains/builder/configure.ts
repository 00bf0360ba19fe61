// The configuration text: lines of words.
//
//   toolstack DOMAIN PORT       who asks, and the port that it offers
//   xenstore DOMAIN             whom each new domain offers a ring
//   console DOMAIN              likewise; without it consoles are the hypervisor's
//   label TEXT INDEX            a label of the policy's table; the first is what is usual
//   file SHA256 OFFSET BYTES    a kernel or ramdisk in the module

import { behindText, NO_NUMBER, readDecimal } from "../../runtime/decimal";
import { readHexadecimal } from "../../runtime/hexadecimal";
import { config } from "../../runtime/world";
import { addLasting } from "./contents";
import { setConsoleDomain, setStoreDomain } from "./create";
import { addLabel } from "./labels";

const TEXT_LIMIT: u32 = 16384;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const HASH: u32 = memory.data(32, 8) as u32;
const SPACE: u32 = 32;
const NEWLINE: u32 = 10;

let word: u32 = 0;
let wordBytes: u32 = 0;
let rest: u32 = 0;
let lineEnd: u32 = 0;

let toolstack: u32 = 0;
let toolstackPort: u32 = 0;

/** The domain that asks, and the port that it offers. */
export function toolstackDomain(): u32 {
  return toolstack;
}

export function offeredPort(): u32 {
  return toolstackPort;
}

function takeWord(): void {
  word = rest;
  while (rest < lineEnd && load<u8>(rest) != SPACE) rest++;
  wordBytes = rest - word;
  if (rest < lineEnd) rest++;
}

function takeNumber(): u64 {
  takeWord();
  const number = readDecimal(word, wordBytes);
  return number == NO_NUMBER ? 0 : number;
}

function takeFile(): void {
  takeWord();
  if (!readHexadecimal(word, wordBytes, HASH, 32)) return;
  const offset = takeNumber();
  addLasting(HASH, offset, takeNumber());
}

function takeLabel(): void {
  takeWord();
  const text = word;
  const bytes = wordBytes;
  addLabel(text, bytes, takeNumber() as u32);
}

function takeLine(): void {
  takeWord();
  if (behindText(word, wordBytes, "file") != 0) takeFile();
  else if (behindText(word, wordBytes, "label") != 0) takeLabel();
  else if (behindText(word, wordBytes, "xenstore") != 0) setStoreDomain(takeNumber() as u32);
  else if (behindText(word, wordBytes, "console") != 0) setConsoleDomain(takeNumber() as u32);
  else if (behindText(word, wordBytes, "toolstack") != 0) {
    toolstack = takeNumber() as u32;
    toolstackPort = takeNumber() as u32;
  }
}

/** Reads the configuration. */
export function configure(): void {
  const bytes = min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT);
  let line = TEXT;
  while (line < TEXT + bytes) {
    lineEnd = line;
    while (lineEnd < TEXT + bytes && load<u8>(lineEnd) != NEWLINE) lineEnd++;
    rest = line;
    takeLine();
    line = lineEnd + 1;
  }
}
