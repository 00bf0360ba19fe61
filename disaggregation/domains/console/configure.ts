// The configuration text: lines of words.
//
//   domain DOMAIN PORT NAME     a domain whose console is carried
//   management DOMAIN PORT      the toolstack
//   uart PORT                   the serial port's first I/O port (decimal), which the domain has
//   timestamps                  lines on the serial port begin with the time

import { behindText, isText, readDecimal } from "../../runtime/decimal";
import { openUart } from "../../runtime/uart";
import { config } from "../../runtime/world";
import * as lasting from "./lasting";
import { showLines, timeLines } from "./lines";
import { setManager, takeUpWatch } from "./management";
import { openRing } from "./rings";
import { beginRow, DOMAINS, takeUpRow } from "./rows";

const TEXT_LIMIT: u32 = 8192;
const TEXT: u32 = memory.data(<i32>TEXT_LIMIT) as u32;
const NEWLINE: u32 = 10;
const SPACE: u32 = 32;

/** Whether the serial port is there. */
export let hasUart: bool = false;

let rest: u32 = 0;
let lineEnd: u32 = 0;

function takeNumber(): u64 {
  const start = rest;
  while (rest < lineEnd && load<u8>(rest) != SPACE) rest++;
  const number = readDecimal(start, rest - start);
  if (rest < lineEnd) rest++;
  return number;
}

function domainLine(management: bool): void {
  const domain = takeNumber();
  const port = takeNumber();
  if (domain == 0 || domain >= (DOMAINS as u64) || port > 0xffff) return;
  if (management) {
    setManager(domain as u32, port as u32);
    openRing(domain as u32, port as u32);
    return;
  }
  if (lasting.hasBegun()) return;
  beginRow(domain as u32, rest, lineEnd - rest);
  openRing(domain as u32, port as u32);
}

/** Domains as an earlier instance of this service left them. One that went meanwhile has no port to
 *  bind to, and its words stay. */
function takeUp(): void {
  for (let domain: u32 = 1; domain < DOMAINS; domain++) {
    takeUpRow(domain);
    takeUpWatch(domain);
    const offered = lasting.lastingNumber(domain, lasting.PORT);
    if (offered != 0) openRing(domain, offered);
  }
}

function uartLine(): void {
  const port = takeNumber();
  if (port > 0xfff8) return;
  openUart(port as u32);
  showLines();
  hasUart = true;
}

function takeLine(line: u32): void {
  const bytes = lineEnd - line;
  if (isText(line, bytes, "timestamps")) return timeLines();
  rest = behindText(line, bytes, "domain ");
  if (rest != 0) return domainLine(false);
  rest = behindText(line, bytes, "management ");
  if (rest != 0) return domainLine(true);
  rest = behindText(line, bytes, "uart ");
  if (rest != 0) uartLine();
}

/** Opens what the configuration names. */
export function configure(): void {
  const bytes = min<u32>(config(TEXT, TEXT_LIMIT), TEXT_LIMIT);
  let line = TEXT;
  while (line < TEXT + bytes) {
    lineEnd = line;
    while (lineEnd < TEXT + bytes && load<u8>(lineEnd) != NEWLINE) lineEnd++;
    takeLine(line);
    line = lineEnd + 1;
  }
  if (lasting.hasBegun()) takeUp();
  lasting.noteBegun();
}
