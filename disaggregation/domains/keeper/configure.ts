// The configuration text: lines of words.
//
//   grant DOMAIN REFERENCE PAGES AREA OFFSET MODE   pages of its memory that a service may use:
//                           AREA module or spare, MODE r or w
//   watch DOMAIN OFFSET ROWS PULSE [ends]   a service that is made again by rows of the boot pack
//                           at an offset of the module; its pulse lies at an offset of the spare
//                           memory; `ends`: not when it switched itself off

import { isText } from "../../runtime/decimal";
import { nextLine, openText, takeNumber, takeWord, word, wordBytes } from "../../runtime/words";
import { config, moduleAddress, spareAddress } from "../../runtime/world";
import { offer } from "./offers";
import { watch } from "./watch";

const TEXT_LIMIT: u32 = 8192;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;

function grantLine(): void {
  const domain = takeNumber() as u32;
  const reference = takeNumber() as u32;
  const pages = takeNumber() as u32;
  takeWord();
  const base = isText(word, wordBytes, "module") ? moduleAddress() : spareAddress();
  const address = base + takeNumber();
  takeWord();
  offer(domain, reference, pages, (address >> 12) as u32, isText(word, wordBytes, "w"));
}

function watchLine(): void {
  const domain = takeNumber() as u32;
  const rows = moduleAddress() + takeNumber();
  const count = takeNumber() as u32;
  const pulse = spareAddress() + takeNumber();
  takeWord();
  watch(domain, rows, count, pulse, isText(word, wordBytes, "ends"));
}

/** Reads the configuration and does what it says. */
export function configure(): void {
  openText(TEXT, min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT));
  while (nextLine()) {
    takeWord();
    if (isText(word, wordBytes, "grant")) grantLine();
    else if (isText(word, wordBytes, "watch")) watchLine();
  }
}
