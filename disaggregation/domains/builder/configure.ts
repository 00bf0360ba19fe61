// The configuration text: lines of words.
//
//   toolstack DOMAIN PORT       who asks, and the port that it offers
//   xenstore DOMAIN             whom each new domain offers a ring
//   console DOMAIN              likewise; without it consoles are the hypervisor's
//   label TEXT INDEX            a label of the policy's table; the first is what is usual
//   file SHA256 OFFSET BYTES    a kernel or ramdisk in the module

import { isText } from "../../runtime/decimal";
import { readHexadecimal } from "../../runtime/hexadecimal";
import { nextLine, openText, takeNumber, takeWord, word, wordBytes } from "../../runtime/words";
import { config } from "../../runtime/world";
import { addLasting } from "./contents";
import { setConsoleDomain, setStoreDomain } from "./create";
import { addLabel } from "./labels";

const TEXT_LIMIT: u32 = 16384;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const HASH: u32 = memory.data(32, 8) as u32;

let toolstack: u32 = 0;
let toolstackPort: u32 = 0;

/** The domain that asks, and the port that it offers. */
export function toolstackDomain(): u32 {
  return toolstack;
}

export function offeredPort(): u32 {
  return toolstackPort;
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
  if (isText(word, wordBytes, "file")) takeFile();
  else if (isText(word, wordBytes, "label")) takeLabel();
  else if (isText(word, wordBytes, "xenstore")) setStoreDomain(takeNumber() as u32);
  else if (isText(word, wordBytes, "console")) setConsoleDomain(takeNumber() as u32);
  else if (isText(word, wordBytes, "toolstack")) {
    toolstack = takeNumber() as u32;
    toolstackPort = takeNumber() as u32;
  }
}

/** Reads the configuration. */
export function configure(): void {
  openText(TEXT, min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT));
  while (nextLine()) takeLine();
}
