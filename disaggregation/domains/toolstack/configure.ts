// The configuration text: lines of words.
//
//   key HEX               64 digits, the key that clients have too
//   builder PORT          the port that is offered to the builder
//   backend DOMAIN KIND   that domain serves devices of a kind (vbd, vif)

import * as wire from "../../control/wire";
import { isText } from "../../runtime/decimal";
import { readHexadecimal } from "../../runtime/hexadecimal";
import { nextLine, openText, takeNumber, takeWord, word, wordBytes } from "../../runtime/words";
import { config } from "../../runtime/world";
import { setBuilderPort } from "./builder_relay";
import { DOMAINS } from "./domains";
import { setKey } from "./sessions";
import { addBackEnd } from "./undertaker";

const TEXT_LIMIT: u32 = 4096;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const KEY: u32 = memory.data(32, 8) as u32;

function takeKey(): bool {
  takeWord();
  if (!readHexadecimal(word, wordBytes, KEY, wire.KEY_BYTES)) return false;
  setKey(KEY);
  return true;
}

function takeBackEnd(): void {
  const domain = takeNumber();
  takeWord();
  if (domain < (DOMAINS as u64)) addBackEnd(domain as u32, word, wordBytes);
}

/** Reads the configuration; false: it has no key, and nobody can be let in. */
export function configure(): bool {
  openText(TEXT, min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT));
  let found = false;
  while (nextLine()) {
    takeWord();
    if (isText(word, wordBytes, "key")) found = takeKey();
    else if (isText(word, wordBytes, "builder")) setBuilderPort(takeNumber() as u32);
    else if (isText(word, wordBytes, "backend")) takeBackEnd();
  }
  return found;
}
