// A service's configuration text: lines of words that a space parts. One line and one word of it
// are at hand at a time.

import { NO_NUMBER, readDecimal } from "./decimal";

const SPACE: u32 = 32;
const NEWLINE: u32 = 10;

/** Where the next line begins, and the text's end. */
let next: u32 = 0;
let textEnd: u32 = 0;
/** The line at hand, and what is left of it. */
let lineStart: u32 = 0;
let rest: u32 = 0;
let lineEnd: u32 = 0;
/** The word that was taken last. */
export let word: u32 = 0;
export let wordBytes: u32 = 0;

/** Begins with a text of `bytes` bytes. */
export function openText(place: u32, bytes: u32): void {
  next = place;
  textEnd = place + bytes;
}

/** Goes to the next line; false: there is none. */
export function nextLine(): bool {
  if (next >= textEnd) return false;
  lineStart = next;
  rest = next;
  lineEnd = next;
  while (lineEnd < textEnd && load<u8>(lineEnd) != NEWLINE) lineEnd++;
  next = lineEnd + 1;
  return true;
}

/** Takes the next word of the line; an empty one where there is none. */
export function takeWord(): void {
  word = rest;
  while (rest < lineEnd && load<u8>(rest) != SPACE) rest++;
  wordBytes = rest - word;
  if (rest < lineEnd) rest++;
}

/** Where the line at hand begins, and its bytes. */
export function linePlace(): u32 {
  return lineStart;
}

export function lineBytes(): u32 {
  return lineEnd - lineStart;
}

/** What is left of the line, and how much. */
export function restOfLine(): u32 {
  return rest;
}

export function restBytes(): u32 {
  return lineEnd - rest;
}

/** Takes a word that is a number; NO_NUMBER for any other. */
export function takeExactNumber(): u64 {
  takeWord();
  return readDecimal(word, wordBytes);
}

/** Takes a word that is a number; 0 for any other. */
export function takeNumber(): u64 {
  const number = takeExactNumber();
  return number == NO_NUMBER ? 0 : number;
}
