// The configuration text: lines of words.
//
//   key HEX               64 digits, the key that clients have too
//   builder PORT          the port that is offered to the builder
//   backend DOMAIN KIND   that domain serves devices of a kind (vbd, vif)

import * as wire from "../../control/wire";
import { behindText, readDecimal } from "../../runtime/decimal";
import { readHexadecimal } from "../../runtime/hexadecimal";
import { config } from "../../runtime/world";
import { setBuilderPort } from "./builder_relay";
import { DOMAINS } from "./domains";
import { setKey } from "./sessions";
import { addBackEnd } from "./undertaker";

const TEXT_LIMIT: u32 = 4096;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const KEY: u32 = memory.data(32, 8) as u32;
const NEWLINE: u32 = 10;
const SPACE: u32 = 32;

function takeKey(text: u32, bytes: u32): bool {
  if (!readHexadecimal(text, bytes, KEY, wire.KEY_BYTES)) return false;
  setKey(KEY);
  return true;
}

function takeBackEnd(text: u32, bytes: u32): void {
  let digits: u32 = 0;
  while (digits < bytes && load<u8>(text + digits) != SPACE) digits++;
  const domain = readDecimal(text, digits);
  if (domain >= (DOMAINS as u64) || digits + 1 >= bytes) return;
  addBackEnd(domain as u32, text + digits + 1, bytes - digits - 1);
}

/** Reads the configuration; false: it has no key, and nobody can be let in. */
export function configure(): bool {
  const bytes = min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT);
  let found = false;
  let line = TEXT;
  while (line < TEXT + bytes) {
    let end = line;
    while (end < TEXT + bytes && load<u8>(end) != NEWLINE) end++;
    const key = behindText(line, end - line, "key ");
    if (key != 0) found = takeKey(key, end - key);
    const builder = behindText(line, end - line, "builder ");
    if (builder != 0) setBuilderPort(readDecimal(builder, end - builder) as u32);
    const backEnd = behindText(line, end - line, "backend ");
    if (backEnd != 0) takeBackEnd(backEnd, end - backEnd);
    line = end + 1;
  }
  return found;
}
