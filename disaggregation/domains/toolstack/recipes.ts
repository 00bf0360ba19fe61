// What domains are made of: a text for each, kept as long as the domain may have to be made again.
//
//   name NAME                   as its console's lines begin
//   create HEX                  the builder's request (../../control/wire.ts, CREATE_*)
//   ends POWEROFF REBOOT CRASH  what follows on each: destroy, restart or preserve
//   node PATH PERMS VALUE       xenstore's nodes; %d is the domain, %b and %n the domains of the
//                               block and network services

import { isText } from "../../runtime/decimal";
import { EINVAL, ENOSPC } from "../../runtime/errno";
import { readHexadecimal } from "../../runtime/hexadecimal";
import { nextLine, openText, takeWord, word, wordBytes } from "../../runtime/words";
import { DOMAINS } from "./domains";
import * as lasting from "./lasting";

export const DESTROY: u32 = 0;
export const RESTART: u32 = 1;
export const PRESERVE: u32 = 2;

/** Ways to end, as a recipe lists them; SHUTDOWN_ numbers lead to one of them. */
const ENDS: u32 = 3;
const REBOOT: u32 = 1;
const CRASH: u32 = 2;
const REASON_REBOOT: u32 = 1;
const REASON_CRASH: u32 = 3;
const REASON_WATCHDOG: u32 = 4;

const RECIPES: u32 = 24;
const TEXT_BYTES: u32 = 12288;
const NAME_BYTES: u32 = 32;
export const NO_RECIPE: u32 = 0xffffffff;

const TEXT: u32 = memory.data(<i32>(24 * 12288)) as u32;
/** 0: there is no such recipe. */
const TEXT_LENGTH: u32 = memory.data(<i32>(24 * 4), 4) as u32;
const NAME: u32 = memory.data(<i32>(24 * 32)) as u32;
const NAME_LENGTH: u32 = memory.data(<i32>24) as u32;
const ACTION: u32 = memory.data(<i32>(24 * 3)) as u32;
/** Of each domain: its recipe's number plus one. */
const OF_DOMAIN: u32 = memory.data(<i32>DOMAINS) as u32;

/** The text that a client sends in parts, and whose it is. */
const STAGED: u32 = memory.data(<i32>TEXT_BYTES) as u32;
let stagedBytes: u32 = 0;
let stagedBy: u32 = NO_RECIPE;

/** Takes a part of a client's recipe; the first one is at 0. */
export function stage(channel: u32, at: u32, place: u32, bytes: u32): i32 {
  if (at == 0) {
    stagedBy = channel;
    stagedBytes = 0;
  }
  if (stagedBy != channel || at != stagedBytes) return EINVAL;
  if (bytes > TEXT_BYTES - stagedBytes) return ENOSPC;
  memory.copy(STAGED + stagedBytes, place, bytes);
  stagedBytes += bytes;
  return 0;
}

/** Keeps what a client staged; a recipe's number, or a negative error. */
export function takeStaged(channel: u32): i32 {
  if (stagedBy != channel) return EINVAL;
  stagedBy = NO_RECIPE;
  return keep(STAGED, stagedBytes);
}

/** The action of a word, or NO_RECIPE. */
function actionOf(place: u32, bytes: u32): u32 {
  if (isText(place, bytes, "destroy")) return DESTROY;
  if (isText(place, bytes, "restart")) return RESTART;
  return isText(place, bytes, "preserve") ? PRESERVE : NO_RECIPE;
}

function takeEnds(recipe: u32): bool {
  for (let end: u32 = 0; end < ENDS; end++) {
    takeWord();
    const action = actionOf(word, wordBytes);
    if (action == NO_RECIPE) return false;
    store<u8>(ACTION + recipe * ENDS + end, action as u8);
  }
  return true;
}

function takeName(recipe: u32): bool {
  takeWord();
  if (wordBytes == 0 || wordBytes > NAME_BYTES) return false;
  memory.copy(NAME + recipe * NAME_BYTES, word, wordBytes);
  store<u8>(NAME_LENGTH + recipe, wordBytes as u8);
  return true;
}

/** Reads what is needed of a recipe again and again. */
function takeLines(recipe: u32): bool {
  let sound = true;
  openRecipe(recipe);
  while (nextLine()) {
    takeWord();
    if (isText(word, wordBytes, "ends")) sound = takeEnds(recipe) && sound;
    else if (isText(word, wordBytes, "name")) sound = takeName(recipe) && sound;
  }
  return sound && load<u8>(NAME_LENGTH + recipe) != 0;
}

function firstFree(): u32 {
  for (let recipe: u32 = 0; recipe < RECIPES; recipe++) {
    if (load<u32>(TEXT_LENGTH + (recipe << 2)) == 0) return recipe;
  }
  return NO_RECIPE;
}

/** Keeps a recipe; its number, or a negative error. */
export function keep(place: u32, bytes: u32): i32 {
  const recipe = firstFree();
  if (recipe == NO_RECIPE || bytes == 0 || bytes > TEXT_BYTES) return ENOSPC;
  memory.copy(TEXT + recipe * TEXT_BYTES, place, bytes);
  if (!readText(recipe, bytes)) return EINVAL;
  lasting.noteText(recipe, place, bytes);
  return recipe as i32;
}

/** Reads a recipe whose text is in its place; false: it is none. */
function readText(recipe: u32, bytes: u32): bool {
  store<u32>(TEXT_LENGTH + (recipe << 2), bytes);
  store<u8>(NAME_LENGTH + recipe, 0);
  memory.fill(ACTION + recipe * ENDS, 0, ENDS);
  if (takeLines(recipe)) return true;
  drop(recipe);
  return false;
}

/** The recipes and whose they are, as an earlier instance left them. */
export function takeUpRecipes(): void {
  for (let recipe: u32 = 0; recipe < RECIPES; recipe++) {
    const bytes = lasting.lastingText(recipe, TEXT + recipe * TEXT_BYTES, TEXT_BYTES);
    if (bytes != 0) readText(recipe, bytes);
  }
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    const recipe = lasting.lastingRecipe(domain);
    if (recipe <= RECIPES) store<u8>(OF_DOMAIN + domain, recipe as u8);
  }
}

export function drop(recipe: u32): void {
  store<u32>(TEXT_LENGTH + (recipe << 2), 0);
  lasting.noteText(recipe, 0, 0);
}

/** Begins to read a recipe's lines (words.ts). */
export function openRecipe(recipe: u32): void {
  openText(TEXT + recipe * TEXT_BYTES, load<u32>(TEXT_LENGTH + (recipe << 2)));
}

/** Writes the builder's request to `place`, which has room for `limit` bytes; how many, or 0. */
export function readRequest(recipe: u32, place: u32, limit: u32): u32 {
  openRecipe(recipe);
  while (nextLine()) {
    takeWord();
    if (!isText(word, wordBytes, "create")) continue;
    takeWord();
    const bytes = wordBytes >> 1;
    return bytes <= limit && readHexadecimal(word, wordBytes, place, bytes) ? bytes : 0;
  }
  return 0;
}

export function namePlace(recipe: u32): u32 {
  return NAME + recipe * NAME_BYTES;
}

export function nameBytes(recipe: u32): u32 {
  return load<u8>(NAME_LENGTH + recipe);
}

// ---- which domain was made by which recipe ------------------------------------------------------

export function assign(domain: u32, recipe: u32): void {
  store<u8>(OF_DOMAIN + domain, (recipe + 1) as u8);
  lasting.noteRecipe(domain, recipe + 1);
}

/** The recipe of a domain, or NO_RECIPE. */
export function recipeOf(domain: u32): u32 {
  return domain < DOMAINS ? (load<u8>(OF_DOMAIN + domain) as u32) - 1 : NO_RECIPE;
}

/** A domain is no more; its recipe stays for whoever makes it again. */
export function release(domain: u32): void {
  store<u8>(OF_DOMAIN + domain, 0);
  lasting.noteRecipe(domain, 0);
}

/** A domain is not to be made again. */
export function forget(domain: u32): void {
  const recipe = recipeOf(domain);
  if (recipe == NO_RECIPE) return;
  drop(recipe);
  release(domain);
}

/** What follows when a domain ends for a reason (SHUTDOWN_). */
export function actionFor(domain: u32, reason: u32): u32 {
  const recipe = recipeOf(domain);
  if (recipe == NO_RECIPE) return DESTROY;
  const crashed = reason == REASON_CRASH || reason == REASON_WATCHDOG;
  const end = crashed ? CRASH : reason == REASON_REBOOT ? REBOOT : 0;
  return load<u8>(ACTION + recipe * ENDS + end);
}
