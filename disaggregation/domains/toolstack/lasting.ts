// What outlives the toolstack (kept.ts): the recipes, whose they are, who is to be told of what,
// and the creation that is under way. Without a keeper nothing is written and nothing is found.

import { KEPT_STATE, keptCopyIn, keptCopyOut, keptPage, keptPages } from "../../runtime/kept";
import {
  pageLoad8,
  pageLoad32,
  pageLoad64,
  pageStore8,
  pageStore32,
  pageStore64,
} from "../../runtime/world";

/** Not zero: an earlier instance took up its work. */
const BEGUN: u32 = KEPT_STATE;
const LENGTH: u32 = 128;
const OF_DOMAIN: u32 = 256;
const UNTOLD: u32 = 320;
const WANTED: u32 = 328;
const WAS: u32 = 336;
/** The recipe that is at work plus one, and the domain, if it is known. */
const RECIPE: u32 = 400;
const DOMAIN: u32 = 404;
/** Nobody waits for it but its own end. */
const AGAIN: u32 = 408;

const PAGE_BYTES: u32 = 4096;
const PAGES_A_TEXT: u32 = 3;
/** The first page, and those of the texts. */
const PAGES: u32 = 73;

function lasts(): bool {
  return keptPages() >= PAGES;
}

function number(field: u32): u32 {
  return lasts() ? pageLoad32(keptPage(0), field) : 0;
}

function note(field: u32, value: u32): void {
  if (lasts()) pageStore32(keptPage(0), field, value);
}

export function hasBegun(): bool {
  return number(BEGUN) != 0;
}

export function noteBegun(): void {
  note(BEGUN, 1);
}

// ---- recipes ------------------------------------------------------------------------------------

/** Notes a recipe's text; 0 bytes: there is none of this number. */
export function noteText(recipe: u32, text: u32, bytes: u32): void {
  if (!lasts()) return;
  note(LENGTH + (recipe << 2), 0);
  keptCopyOut(1 + recipe * PAGES_A_TEXT, 0, text, bytes);
  note(LENGTH + (recipe << 2), bytes);
}

/** Copies a recipe's text; its bytes, 0: there is none, or more than \`limit\`. */
export function lastingText(recipe: u32, target: u32, limit: u32): u32 {
  const bytes = number(LENGTH + (recipe << 2));
  if (bytes > limit || bytes > PAGES_A_TEXT * PAGE_BYTES) return 0;
  keptCopyIn(1 + recipe * PAGES_A_TEXT, 0, target, bytes);
  return bytes;
}

/** Notes a domain's recipe, by its number plus one. */
export function noteRecipe(domain: u32, recipe: u32): void {
  if (lasts()) pageStore8(keptPage(0), OF_DOMAIN + domain, recipe);
}

export function lastingRecipe(domain: u32): u32 {
  return lasts() ? pageLoad8(keptPage(0), OF_DOMAIN + domain) : 0;
}

// ---- ends and beginnings ------------------------------------------------------------------------

export function noteUntold(domains: u64): void {
  if (lasts()) pageStore64(keptPage(0), UNTOLD, domains);
}

export function lastingUntold(): u64 {
  return lasts() ? pageLoad64(keptPage(0), UNTOLD) : 0;
}

export function noteWanted(recipes: u64): void {
  if (lasts()) pageStore64(keptPage(0), WANTED, recipes);
}

export function lastingWanted(): u64 {
  return lasts() ? pageLoad64(keptPage(0), WANTED) : 0;
}

export function noteFormer(recipe: u32, domain: u32): void {
  if (lasts()) pageStore8(keptPage(0), WAS + recipe, domain);
}

export function lastingFormer(recipe: u32): u32 {
  return lasts() ? pageLoad8(keptPage(0), WAS + recipe) : 0;
}

/** A domain is being made by a recipe (its number plus one, 0: none is). */
export function noteCreation(recipe: u32, domain: u32, again: bool): void {
  note(RECIPE, 0);
  note(DOMAIN, domain);
  note(AGAIN, again ? 1 : 0);
  note(RECIPE, recipe);
}

/** The recipe of the creation that was under way, plus one; 0: none was. */
export function lastingCreation(): u32 {
  return number(RECIPE);
}

export function lastingCreated(): u32 {
  return number(DOMAIN);
}

export function wasAgain(): bool {
  return number(AGAIN) != 0;
}
