// Argument structures of calls, as words in the layout of the caller's mode.

import { LIST_OFFSET } from "../program/operations.ts";
import type { Argument, Step } from "../program/program.ts";
import { where } from "../program/roles.ts";

/** Most elements of a list that are written, whatever its count says. */
export const ELEMENTS_MAX = 4;

/** Where the guests' page tables have leaves of 4 KiB, and two of them that are not as others. */
export const SMALL_LEAVES = 0x40200000;
export const READ_ONLY_PAGE = 60 * 4096;
export const ABSENT_PAGE = 61 * 4096;

/** How a structure is written. */
export interface Form {
  readonly long: boolean;
  /** Linear address of the structure. */
  readonly linear: number;
  /** The number that an argument is, low half. */
  readonly low: (argument: Argument, role: string) => number;
}

/** How far an argument of this meaning is from one element to the next. */
function stride(role: string): number {
  if (role === "page") return 4096;
  return role === "reference" || role === "handle" ? 1 : 0;
}

/** Elements that are written for a count that may be anything. */
export function elementsOf(count: Argument): number {
  return count.high !== 0 || count.low >>> 0 > ELEMENTS_MAX ? ELEMENTS_MAX : count.low;
}

/** Linear address (two halves) and guest-physical address of a structure. */
export function placeOf(given: Argument, own: number, paging: boolean): [number, number, number] {
  const kind = given.low;
  const slot = own + (kind & 7) * 0x180;
  if (given.high !== 0 || kind >>> 0 < where.slots) return [slot, 0, slot];
  switch (kind) {
    case where.crossing:
      return [own + 0xff8, 0, own + 0xff8];
    case where.alias:
      return [paging ? 0x40000000 + own : own, 0, own];
    case where.small:
      return [paging ? SMALL_LEAVES + own : own, 0, own];
    case where.smallReadOnly:
      return [SMALL_LEAVES + READ_ONLY_PAGE, 0, READ_ONLY_PAGE];
    case where.smallAbsent:
      return [SMALL_LEAVES + ABSENT_PAGE, 0, own];
    case where.misaligned:
      return [own + 2, 0, own];
    case where.unmapped:
      return [0x7fff000, 0, 0x7fff000];
    case where.beyond:
      return [0x1ffffc, 0, 0x1ffffc];
    default:
      return [0xfffff000 | 0, 0xffffffff | 0, 0xfffff000];
  }
}

/** Fills the words of one element of a call's structure; gives how many. */
export function fillElement(
  step: Step,
  element: number,
  structure: Int32Array,
  form: Form,
): number {
  const { operation, values } = step;
  structure.fill(0);
  let words = 0;
  for (const [offset, value] of operation.constants) {
    structure[offset >> 2] = value;
    words = Math.max(words, (offset >> 2) + 1);
  }
  for (let index = 0; index < operation.fields.length; index++) {
    const field = operation.fields[index]!;
    const argument = values[operation.firstField + index]!;
    const at = form.long ? field.longAt : field.at;
    const bytes = form.long ? field.longBytes : field.bytes;
    const isList = index === 0 && operation.list !== "none";
    const own = form.low(argument, field.role) + element * stride(field.role);
    const low = isList ? form.linear + LIST_OFFSET : own;
    const high = isList ? 0 : argument.high;
    if (bytes === 2) structure[at >> 2]! |= (low & 0xffff) << ((at & 2) * 8);
    else structure[at >> 2] = low;
    if (bytes === 8) structure[(at >> 2) + 1] = high;
    words = Math.max(words, (at >> 2) + (bytes === 8 ? 2 : 1));
  }
  return words;
}
