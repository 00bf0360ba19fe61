// What would be caught: a reader of frames that loses one behind garbage or half a frame, takes a
// forged one, or is thrown off for good.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeFrame,
  type Frame,
  FrameScanner,
  isGenuine,
} from "../../../disaggregation/control/frames.ts";
import { BODY_LIMIT, HEADER_BYTES } from "../../../disaggregation/control/wire.ts";

const key = new Uint8Array(32).fill(7);
const other = new Uint8Array(32).fill(8);
const frameOf = (sequence: number, body: Uint8Array, under = key): Uint8Array =>
  encodeFrame(under, { type: 3, channel: 1, sequence, body });

const bodies = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 6 });
const garbage = fc.uint8Array({ maxLength: 60 });

/** The sequence numbers of the genuine frames in a stream that comes in pieces. */
function heard(stream: Uint8Array, cuts: readonly number[]): number[] {
  const found: number[] = [];
  const accept = (frame: Frame): boolean => {
    if (!isGenuine(frame, key)) return false;
    found.push(frame.sequence);
    return true;
  };
  const scanner = new FrameScanner(accept);
  const places = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
    (one, two) => one - two,
  );
  let from = 0;
  for (const place of places) {
    scanner.push(stream.subarray(from, place));
    from = place;
  }
  scanner.gap();
  return found;
}

test("every frame is found, whatever is between them and however they come", () => {
  fc.assert(
    fc.property(bodies, fc.array(garbage), fc.array(fc.nat()), (frames, between, cuts) => {
      const parts = frames.flatMap((body, index) => [
        between[index] ?? new Uint8Array(),
        frameOf(index + 1, body),
      ]);
      expect(heard(Buffer.concat(parts), cuts)).toEqual(frames.map((_, index) => index + 1));
    }),
  );
});

test("behind half a frame the next one is found", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(), (body, cut, place) => {
      const broken = frameOf(1, body);
      const half = broken.subarray(0, cut % broken.length);
      const stream = Buffer.concat([half, frameOf(2, body), frameOf(3, body)]);
      expect(heard(stream, [place])).toEqual([2, 3]);
    }),
  );
});

test("a frame under another key, or with one bit changed, is none", () => {
  expect(heard(frameOf(1, Uint8Array.of(1, 2, 3), other), [])).toEqual([]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (body, bit) => {
      const bytes = frameOf(1, body);
      const changed = bit % (bytes.length * 8);
      bytes[changed >> 3]! ^= 1 << (changed & 7);
      expect(heard(bytes, [])).toEqual([]);
    }),
  );
});

test("a frame that says it is longer than any may be is passed over", () => {
  expect(() => frameOf(1, new Uint8Array(BODY_LIMIT + 1))).toThrow(RangeError);
  const largest = frameOf(1, new Uint8Array(BODY_LIMIT));
  const claim = frameOf(2, new Uint8Array());
  new DataView(claim.buffer).setUint16(6, 0xffff, true);
  const stream = Buffer.concat([claim.subarray(0, HEADER_BYTES), largest]);
  expect(heard(stream, [3])).toEqual([1]);
});
