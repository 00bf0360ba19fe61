// The bodies of answers.

import { writeDecimal } from "../../runtime/decimal";
import { letterAt } from "./access";
import { PAYLOAD_LIMIT } from "./limits";
import { chainByte, readChain } from "./pool";
import * as record from "./records";

/** An answer that is larger than a message. */
export const TOO_LONG: u32 = 0xffffffff;

/** The value of a node; returns its bytes. */
export function putValue(place: u32, node: u32): u32 {
  readChain(record.valueChain(node), 0, place, record.valueBytes(node));
  return record.valueBytes(node);
}

/** The names of a node's children, each with a NUL; returns the bytes, or TOO_LONG. */
export function putChildren(place: u32, node: u32): u32 {
  const bytes = record.childrenBytes(node);
  if (bytes > PAYLOAD_LIMIT) return TOO_LONG;
  readChain(record.childrenChain(node), 0, place, bytes);
  return bytes;
}

/** A part of the list of children: the node's generation, then whole names from `offset` on, as
 *  many as fit; behind the last one an empty name. */
export function putPart(place: u32, node: u32, offset: u32): u32 {
  let end = writeDecimal(place, record.generationOf(node));
  store<u8>(end, 0);
  end++;
  const bytes = record.childrenBytes(node);
  const chain = record.childrenChain(node);
  const room = PAYLOAD_LIMIT - (end - place);
  let rest = offset < bytes ? bytes - offset : 0;
  const whole = rest < room;
  if (!whole) {
    rest = room;
    while (rest > 0 && chainByte(chain, offset + rest - 1) != 0) rest--;
  }
  readChain(chain, rest == 0 ? 0 : offset, end, rest);
  end += rest;
  if (whole) {
    store<u8>(end, 0);
    end++;
  }
  return end - place;
}

/** The permissions, each as a letter, a domain's number and a NUL. */
export function putPermissions(place: u32, node: u32): u32 {
  let end = place;
  for (let index: u32 = 0; index < record.permissionsOf(node); index++) {
    store<u8>(end, letterAt(node, index) as u8);
    end = writeDecimal(end + 1, record.permissionDomain(node, index) as u64);
    store<u8>(end, 0);
    end++;
  }
  return end - place;
}
