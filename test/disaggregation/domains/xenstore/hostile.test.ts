// A domain that keeps to nothing on its xenstore ring, beside one that works: the first is not
// heard any more until it begins anew, the other notices nothing, and a turn's work stays bounded.

import { describe, expect, it } from "vitest";
import { compiledService } from "../support/compiled.ts";
import { RingWorld, wildIndices } from "../support/ring-world.ts";
import { type as message } from "./client.ts";

const [BAD, GOOD] = [5, 6];
const REFERENCE = 1;
const RING = 1024;
const ANSWERS = 1024;
const index = { consumed: 2048, produced: 2052, answerConsumed: 2056, answerProduced: 2060 };
const ERROR = 2072;
/** Accesses of a turn: 512 steps, each an answer, a request and their indices. */
const MOST_WORK = 512 * 40;
const wasm = compiledService("xenstore");

class Scene {
  readonly world = new RingWorld(wasm, this.config(), [BAD, GOOD], REFERENCE);
  readonly bad = this.world.end(BAD);
  readonly good = this.world.end(GOOD);

  config(): string {
    const home = (domain: number): string =>
      `node /local/domain/${domain} n${domain}\ndomain ${domain} 5\n`;
    return home(BAD) + home(GOOD);
  }

  request(end: typeof this.bad, type: number, body: string, bytes = body.length): void {
    const header = Buffer.from(Uint32Array.of(type, 1, 0, bytes).buffer);
    end.put(0, RING, index.produced, Buffer.concat([header, Buffer.from(body)]));
  }

  expectUnharmed(): void {
    this.request(this.good, message.write, "a\0value");
    this.good.take(ANSWERS, RING, index.answerConsumed, index.answerProduced);
    this.request(this.good, message.read, "a\0");
    const { answerConsumed, answerProduced } = index;
    const answer = this.good.take(ANSWERS, RING, answerConsumed, answerProduced);
    expect(answer.subarray(16).toString()).toBe("value");
    expect(this.world.mostWork).toBeLessThan(MOST_WORK);
  }
}

describe("hostile xenstore client", () => {
  it.each(wildIndices)("shows %i bytes of requests", (produced) => {
    const scene = new Scene();
    scene.bad.page.fill(0xff, 0, RING);
    scene.bad.set(index.produced, produced);
    scene.bad.notify();
    // More than the ring holds is an index error; what is there is no request of any type.
    if (produced > RING) expect(scene.bad.get(ERROR)).toBe(2);
    scene.expectUnharmed();
  });

  it.each(wildIndices)("says that it has read up to %i", (consumed) => {
    const scene = new Scene();
    scene.bad.set(index.answerConsumed, consumed);
    scene.request(scene.bad, message.read, "a\0");
    scene.expectUnharmed();
  });

  it.each([4097, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff])("a body of %i bytes", (bytes) => {
    const scene = new Scene();
    scene.request(scene.bad, message.write, "a\0", bytes);
    expect(scene.bad.get(ERROR)).toBe(3);
    scene.expectUnharmed();
  });

  it("takes its ring back before it is mapped", () => {
    const scene = new Scene();
    scene.bad.domain.revoke(REFERENCE);
    scene.bad.notify();
    scene.expectUnharmed();
  });

  it("changes a request after its first byte was read", () => {
    const scene = new Scene();
    const header = Uint32Array.of(message.write, 1, 0, 12);
    scene.world.pages.onRead = (page, offset, bytes) => {
      if (page !== scene.bad.page || offset + bytes > RING) return;
      page.set(new Uint8Array(Uint32Array.of(message.write, 1, 0, 0xffffffff).buffer));
    };
    scene.bad.put(0, RING, index.produced, new Uint8Array(header.buffer));
    scene.world.pages.onRead = () => {};
    scene.expectUnharmed();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("writes at random while it is read (%i)", (seed) => {
    const scene = new Scene();
    scene.bad.scramble(seed, 60, { indices: 2048, ...index });
    scene.expectUnharmed();
  });
});
