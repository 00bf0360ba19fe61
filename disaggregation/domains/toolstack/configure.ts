// The configuration text: lines of words.
//
//   key HEX               64 digits, the key that clients have too
//   builder PORT          the port that is offered to the builder
//   backend DOMAIN KIND   that domain serves devices of a kind (vbd, vif)
//   recipe DOMAIN         that domain was made by the lines that follow, up to one that is "end"

import * as wire from "../../control/wire";
import { isText } from "../../runtime/decimal";
import { readHexadecimal } from "../../runtime/hexadecimal";
import { nextLine, openText, takeNumber, takeWord, word, wordBytes } from "../../runtime/words";
import { config } from "../../runtime/world";
import { addBackEnd } from "./back_ends";
import { setBuilderPort } from "./builder_relay";
import { DOMAINS } from "./domains";
import * as lasting from "./lasting";
import { assign, keep } from "./recipes";
import { setKey } from "./sessions";
import { leaveToKeeper } from "./undertaker";

const TEXT_LIMIT: u32 = 131072;
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

function takeService(): void {
  const domain = takeNumber();
  if (domain < (DOMAINS as u64)) leaveToKeeper(domain as u32);
}

/** Lines from here on are a recipe; `end` is the text's end. */
function takeRecipe(end: u32): void {
  const domain = takeNumber();
  if (!nextLine()) return;
  takeWord();
  const start = word;
  while (!isText(word, wordBytes, "end")) {
    if (!nextLine()) return;
    takeWord();
  }
  const after = word + wordBytes + 1;
  if (domain < (DOMAINS as u64) && !lasting.hasBegun()) {
    const recipe = keep(start, word - start);
    if (recipe >= 0) assign(domain as u32, recipe as u32);
  }
  openText(after, max<u32>(end, after) - after);
}

/** Reads the configuration; false: it has no key, and nobody can be let in. */
export function configure(): bool {
  const bytes = min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT);
  openText(TEXT, bytes);
  let found = false;
  while (nextLine()) {
    takeWord();
    if (isText(word, wordBytes, "key")) found = takeKey();
    else if (isText(word, wordBytes, "builder")) setBuilderPort(takeNumber() as u32);
    else if (isText(word, wordBytes, "backend")) takeBackEnd();
    else if (isText(word, wordBytes, "recipe")) takeRecipe(TEXT + bytes);
    else if (isText(word, wordBytes, "service")) takeService();
  }
  return found;
}
