// A domain is made by its recipe: the builder builds it, xenstore gets its nodes and its ring, the
// consoles are told, and it starts. One at a time; whatever fails half way is taken apart.

import * as wire from "../../control/wire";
import { isText, writeDecimal, writeText } from "../../runtime/decimal";
import { EAGAIN, EINVAL, EIO, ENODEV } from "../../runtime/errno";
import { word, wordBytes } from "../../runtime/words";
import { log } from "../../runtime/world";
import { answerWord, ask, PENDING, takeOwnAnswer } from "./builder_relay";
import { addConsole } from "./console_relay";
import * as lasting from "./lasting";
import { nextNodeLine, sendIntroduction, sendNode, sendStartTime } from "./nodes";
import * as recipes from "./recipes";
import { DATA, reply } from "./reply";
import { beginTelling, mayTell, tellsFailed, tellsPending } from "./store_relay";
import { bury, want } from "./undertaker";

const IDLE: u32 = 0;
const BUILDING: u32 = 1;
const NODES: u32 = 2;
const RINGS: u32 = 3;
const CONSOLE: u32 = 4;
const STARTING: u32 = 5;
/** Nodes of one turn. */
const NODES_A_TURN: u32 = 16;

/** Whoever asked: nobody, when a domain is made again. */
const NOBODY: u32 = 0xffffffff;

const REQUEST: u32 = memory.data(3072, 8) as u32;
const REQUEST_LIMIT: u32 = 3072;
const LINE: u32 = memory.data(128) as u32;

let stage: u32 = IDLE;
let recipe: u32 = recipes.NO_RECIPE;
let channel: u32 = NOBODY;
let sequence: u32 = 0;
let paused: bool = false;
let domain: u32 = 0;
let storePort: u32 = 0;
let consolePort: u32 = 0;

export function isCreating(): bool {
  return stage != IDLE;
}

/** Asks the builder for an operation on a domain. */
function askFor(operation: u32, number: u32, bytes: u32): bool {
  store<u32>(REQUEST, operation);
  store<u32>(REQUEST, number, 4);
  return ask(REQUEST, wire.REQUEST_HEADER_BYTES + bytes);
}

/** Begins; 0, or a negative error. */
function begin(wanted: u32): i32 {
  const room = REQUEST_LIMIT - wire.REQUEST_HEADER_BYTES;
  const bytes = recipes.readRequest(wanted, REQUEST + wire.REQUEST_HEADER_BYTES, room);
  if (bytes == 0) return EINVAL;
  if (!askFor(wire.OPERATION_CREATE, 0, bytes)) return ENODEV;
  recipe = wanted;
  domain = 0;
  stage = BUILDING;
  lasting.noteCreation(recipe + 1, 0, channel == NOBODY);
  return 0;
}

/** A client asks for what it has staged; it is answered when the domain is there. */
export function createFor(from: u32, number: u32, flags: u32): void {
  const kept = recipes.takeStaged(from);
  channel = from;
  const result = kept < 0 ? kept : begin(kept as u32);
  if (result == 0) {
    sequence = number;
    paused = (flags & wire.CREATE_PAUSED) != 0;
    return;
  }
  if (kept >= 0) recipes.drop(kept as u32);
  reply(from, number, result, 0);
}

/** Makes a domain again that was made by a recipe. */
export function createAgain(wanted: u32): void {
  channel = NOBODY;
  paused = false;
  domain = 0;
  recipe = wanted;
  const result = begin(wanted);
  if (result < 0) end(result);
}

/** Says in the hypervisor's log why a domain does not come back. */
function complain(result: i32): void {
  let at = writeText(LINE, "toolstack: ");
  memory.copy(at, recipes.namePlace(recipe), recipes.nameBytes(recipe));
  at = writeText(at + recipes.nameBytes(recipe), " cannot be made again, error ");
  at = writeDecimal(at, -result as u64);
  log(LINE, writeText(at, "\n") - LINE);
}

/** What an earlier instance was making is taken apart; a domain that is made again without anybody
 *  asking is made from the beginning. */
export function takeUpCreation(): void {
  const unfinished = lasting.lastingCreation();
  if (unfinished == 0) return;
  const made = lasting.lastingCreated();
  if (made != 0) {
    recipes.release(made);
    bury(made);
  }
  if (lasting.wasAgain()) want(unfinished - 1, made);
  else recipes.drop(unfinished - 1);
  lasting.noteCreation(0, 0, false);
}

function end(result: i32): void {
  stage = IDLE;
  lasting.noteCreation(0, 0, false);
  if (result < 0) {
    if (domain != 0) {
      recipes.release(domain);
      bury(domain);
    }
    if (channel == NOBODY) complain(result);
    recipes.drop(recipe);
  }
  if (channel == NOBODY) return;
  store<u32>(DATA, domain);
  store<u32>(DATA, storePort, 4);
  store<u32>(DATA, consolePort, 8);
  store<u32>(DATA, 0, 12);
  reply(channel, sequence, result, result < 0 ? 0 : wire.CREATED_BYTES);
}

/** The builder ended meanwhile, and is back. */
function beginAnew(): void {
  if (domain != 0) bury(domain);
  const result = begin(recipe);
  if (result < 0) end(result);
}

function takeBuilt(): void {
  const result = takeOwnAnswer();
  if (result == PENDING) return;
  domain = answerWord(0);
  storePort = answerWord(4);
  consolePort = answerWord(8);
  if (result == EAGAIN) return beginAnew();
  if (result < 0) return end(result);
  lasting.noteCreation(recipe + 1, domain, channel == NOBODY);
  recipes.assign(domain, recipe);
  beginTelling();
  recipes.openRecipe(recipe);
  stage = storePort == 0 ? CONSOLE : NODES;
}

function sendNodes(): void {
  for (let count: u32 = 0; count < NODES_A_TURN && mayTell(); count++) {
    if (!nextNodeLine()) {
      stage = RINGS;
      const told = sendStartTime(domain) && sendIntroduction(domain, storePort);
      if (!told) end(EIO);
      return;
    }
    if (isText(word, wordBytes, "node") && !sendNode(domain)) return end(EIO);
  }
}

/** Tells the console service, whose message is the port and the name. */
function tellConsoles(): void {
  if (consolePort != 0) {
    store<u32>(DATA, consolePort);
    memory.copy(DATA + 4, recipes.namePlace(recipe), recipes.nameBytes(recipe));
    const told = addConsole(domain, DATA, 4 + recipes.nameBytes(recipe));
    if (told == EAGAIN) return;
    if (told < 0) return end(told);
  }
  if (paused) return end(0);
  if (!askFor(wire.OPERATION_START, domain, 0)) return end(ENODEV);
  stage = STARTING;
}

/** Goes on with what is being made. */
export function followCreation(): void {
  if (stage == BUILDING) takeBuilt();
  if (stage == NODES) sendNodes();
  if (stage == RINGS && tellsPending() == 0) {
    if (tellsFailed()) return end(EIO);
    stage = CONSOLE;
  }
  if (stage == CONSOLE) tellConsoles();
  if (stage != STARTING) return;
  const result = takeOwnAnswer();
  if (result != PENDING) end(result);
}
