// Frames of the control protocol as the client writes and reads them.

import { createHmac, timingSafeEqual } from "node:crypto";
import * as wire from "./wire.ts";

export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly sequence: number;
  readonly body: Uint8Array;
  /** Header and body, as they came: what the tag is about. */
  readonly signed: Uint8Array;
  readonly tag: Uint8Array;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** FNV-1a over the header's first bytes. */
function checkOf(header: Uint8Array): number {
  return header.subarray(0, wire.FIELD_CHECK).reduce((check, byte) => {
    return Math.imul(check ^ byte, wire.CHECK_FACTOR) >>> 0;
  }, wire.CHECK_SEED);
}

/** The tag of a frame's header and body under a key. */
export function tagOf(key: Uint8Array, signed: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(signed).digest().subarray(0, wire.TAG_BYTES);
}

/** Was a frame written by somebody who has the key? */
export function isGenuine(frame: Frame, key: Uint8Array): boolean {
  return timingSafeEqual(tagOf(key, frame.signed), frame.tag);
}

/** The bytes of a frame. Throws a RangeError for a body that is too long. */
export function encodeFrame(
  key: Uint8Array,
  parts: { type: number; channel: number; sequence: number; body: Uint8Array },
): Uint8Array {
  const { type, channel, sequence, body } = parts;
  if (body.length > wire.BODY_LIMIT) throw new RangeError(`a body of ${body.length} bytes`);
  const signedBytes = wire.HEADER_BYTES + body.length;
  const bytes = new Uint8Array(signedBytes + wire.TAG_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, wire.MAGIC, true);
  view.setUint8(wire.FIELD_TYPE, type);
  view.setUint8(wire.FIELD_CHANNEL, channel);
  view.setUint16(wire.FIELD_BODY_BYTES, body.length, true);
  view.setUint32(wire.FIELD_SEQUENCE, sequence, true);
  view.setUint32(wire.FIELD_CHECK, checkOf(bytes), true);
  bytes.set(body, wire.HEADER_BYTES);
  bytes.set(tagOf(key, bytes.subarray(0, signedBytes)), signedBytes);
  return bytes;
}

/** Key of one direction of a session. */
export function sessionKey(
  key: Uint8Array,
  direction: number,
  clientNonce: Uint8Array,
  serviceNonce: Uint8Array,
): Uint8Array {
  const mac = createHmac("sha256", key).update(Uint8Array.of(direction));
  return mac.update(clientNonce).update(serviceNonce).digest();
}

/** Finds frames in a stream that may begin, end or break anywhere. */
export class FrameScanner {
  readonly #accept: (frame: Frame) => boolean;
  #rest: Uint8Array = new Uint8Array();

  /** Behind a frame that `accept` takes the next one begins. In one that it does not take, the
   *  search goes on: it may be half a frame and all that came later. */
  constructor(accept: (frame: Frame) => boolean) {
    this.#accept = accept;
  }

  /** Takes bytes. */
  push(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    this.#scan();
  }

  /** Nothing came for a while: what is there is no frame's beginning. */
  gap(): void {
    while (this.waits) {
      this.#rest = this.#rest.subarray(1);
      this.#scan();
    }
  }

  /** Is part of a frame there? */
  get waits(): boolean {
    return this.#rest.length > 0;
  }

  #scan(): void {
    let at = 0;
    while (at < this.#rest.length) {
      const bytes = this.#whole(at);
      if (bytes === undefined) break;
      const taken = bytes > 0 && this.#accept(this.#frame(at, bytes));
      at += taken ? bytes : 1;
    }
    this.#rest = Uint8Array.from(this.#rest.subarray(at));
  }

  /** Bytes of the frame at `at`; 0: none begins there; undefined: more bytes have to tell. */
  #whole(at: number): number | undefined {
    const rest = this.#rest.subarray(at);
    const magic = Uint8Array.from([0, 8, 16, 24], (shift) => (wire.MAGIC >>> shift) & 0xff);
    const seen = Math.min(rest.length, magic.length);
    if (Buffer.compare(rest.subarray(0, seen), magic.subarray(0, seen)) !== 0) return 0;
    if (rest.length < wire.HEADER_BYTES) return undefined;
    const view = viewOf(rest);
    const body = view.getUint16(wire.FIELD_BODY_BYTES, true);
    if (view.getUint32(wire.FIELD_CHECK, true) !== checkOf(rest)) return 0;
    if (body > wire.BODY_LIMIT) return 0;
    const bytes = wire.HEADER_BYTES + body + wire.TAG_BYTES;
    return rest.length < bytes ? undefined : bytes;
  }

  #frame(at: number, bytes: number): Frame {
    const whole = this.#rest.slice(at, at + bytes);
    const view = viewOf(whole);
    const signed = whole.subarray(0, bytes - wire.TAG_BYTES);
    return {
      type: view.getUint8(wire.FIELD_TYPE),
      channel: view.getUint8(wire.FIELD_CHANNEL),
      sequence: view.getUint32(wire.FIELD_SEQUENCE, true),
      body: signed.subarray(wire.HEADER_BYTES),
      signed,
      tag: whole.subarray(bytes - wire.TAG_BYTES),
    };
  }
}
