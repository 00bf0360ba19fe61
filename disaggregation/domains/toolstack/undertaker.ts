// Domains that have ended are taken apart, and xenstore and the consoles forget them; unless their
// recipe says that they stay as they are, or are made again. A domain stays a dying one as long as
// others map its memory: they let go when they are told.

import { writeDecimal, writeText } from "../../runtime/decimal";
import { EAGAIN } from "../../runtime/errno";
import { STORE_RM, storeSend } from "../../runtime/store";
import { now } from "../../runtime/world";
import { backEndCount, backEndDomain, writeKind } from "./back_ends";
import { removeConsole } from "./console_relay";
import {
  DOMAINS,
  destroyDomain,
  ENDING,
  endOf,
  isBeingBuilt,
  NOT_ENDED,
  timeSpent,
} from "./domains";
import * as lasting from "./lasting";
import * as recipes from "./recipes";

const STORE_RELEASE: u32 = 9;
/** Tag of requests whose answers nobody waits for. */
const NO_TAG: u32 = 0;
const INTERVAL: u64 = 200000000;
const TEXT: u32 = memory.data(128) as u32;

let due: u64 = 0;
/** Domains that are dying, and those of them that the others are still to be told of. */
let dying: u64 = 0;
let untold: u64 = 0;
/** Services that a keeper makes again: what stands in xenstore for them stays. */
let kept: u64 = 0;
/** Recipes of those that are to be made again. */
let wanted: u64 = 0;
/** Number of the domain that each of them was. */
const WAS: u32 = memory.data(64) as u32;

/** Sends the text that ends at `end`; xenstore wants a NUL behind it. */
function send(type: u32, end: u32): bool {
  store<u8>(end, 0);
  return storeSend(type, 0, NO_TAG, TEXT, end + 1 - TEXT);
}

function removeDevices(index: u32, domain: u32): bool {
  const back = backEndDomain(index) as u64;
  const home = writeDecimal(writeText(TEXT, "/local/domain/"), back);
  const end = writeKind(writeText(home, "/backend/"), index);
  return send(STORE_RM, writeDecimal(writeText(end, "/"), domain as u64));
}

/** False: too much waits for xenstore already; all of it is said again later. */
function tellStore(domain: u32): bool {
  for (let index: u32 = 0; index < backEndCount(); index++) {
    if (!removeDevices(index, domain)) return false;
  }
  const path = writeDecimal(writeText(TEXT, "/local/domain/"), domain as u64);
  return send(STORE_RM, path) && send(STORE_RELEASE, writeDecimal(TEXT, domain as u64));
}

function setUntold(domains: u64): void {
  untold = domains;
  lasting.noteUntold(domains);
}

function setWanted(wishes: u64): void {
  wanted = wishes;
  lasting.noteWanted(wishes);
}

function tellOfAll(): void {
  while (untold != 0) {
    const domain = ctz(untold) as u32;
    if (!tellStore(domain) || !removeConsole(domain)) return;
    setUntold(untold & (untold - 1));
  }
}

/** A keeper makes this one again when it ends. */
export function leaveToKeeper(domain: u32): void {
  kept |= bitOf(domain);
}

/** Takes a domain apart, as far as it goes now; 0, or a negative error. */
export function bury(domain: u32): i32 {
  if ((kept & bitOf(domain)) != 0) return endKept(domain);
  const result = destroyDomain(domain);
  if (result != 0 && result != EAGAIN) return result;
  const bit = bitOf(domain);
  if ((dying & bit) == 0) setUntold(untold | bit);
  if (result == 0) dying &= ~bit;
  else dying |= bit;
  return 0;
}

/** Begins to end a service. The keeper may be done with that before the call returns, and have made
 *  the next one: that is no failure. */
function endKept(domain: u32): i32 {
  const before = timeSpent(domain);
  const result = destroyDomain(domain);
  const refused = result != EAGAIN && timeSpent(domain) >= before;
  return refused ? result : 0;
}

function bitOf(number: u32): u64 {
  return (1 as u64) << (number as u64);
}

/** A recipe's domain is to be made again, when the one that it was is gone. */
export function want(recipe: u32, domain: u32): void {
  store<u8>(WAS + recipe, domain as u8);
  lasting.noteFormer(recipe, domain);
  setWanted(wanted | bitOf(recipe));
}

/** What an earlier instance of the toolstack had still to do: who is to be told of whom, who is to
 *  be made again, and domains that nobody goes on making. */
export function takeUpEnds(): void {
  untold = lasting.lastingUntold();
  wanted = lasting.lastingWanted();
  for (let recipe: u32 = 0; recipe < 64; recipe++) {
    store<u8>(WAS + recipe, lasting.lastingFormer(recipe) as u8);
  }
  for (let domain: u32 = 1; domain < DOMAINS; domain++) {
    if ((kept & bitOf(domain)) == 0 && isBeingBuilt(domain)) bury(domain);
  }
}

/** A domain ended by itself. */
function followEnd(domain: u32, reason: u32): void {
  const action = recipes.actionFor(domain, reason);
  if (action == recipes.PRESERVE) return;
  const recipe = recipes.recipeOf(domain);
  if (action == recipes.RESTART) {
    want(recipe, domain);
    recipes.release(domain);
  } else recipes.forget(domain);
  bury(domain);
}

/** The recipe of a domain that is gone and to be made again, or NO_RECIPE. */
export function nextAgain(): u32 {
  for (let rest = wanted; rest != 0; rest &= rest - 1) {
    const recipe = ctz(rest) as u32;
    if (((dying | untold) & bitOf(load<u8>(WAS + recipe))) != 0) continue;
    setWanted(wanted & ~bitOf(recipe));
    return recipe;
  }
  return recipes.NO_RECIPE;
}

/** Looks for domains that have ended or are dying, now and then. */
export function lookForEnded(): void {
  tellOfAll();
  if (now() < due) return;
  due = now() + INTERVAL;
  for (let domain: u32 = 1; domain < DOMAINS; domain++) {
    if ((kept & bitOf(domain)) != 0) continue;
    const reason = endOf(domain);
    if (reason == ENDING) bury(domain);
    else if (reason != NOT_ENDED) followEnd(domain, reason);
  }
  tellOfAll();
}
