// A domain that keeps to nothing on its console ring, and a toolstack that sends nonsense: what
// another domain says still comes through, and a turn's work stays bounded.

import { describe, expect, it } from "vitest";
import { compiledService } from "../support/compiled.ts";
import { RingWorld, wildIndices } from "../support/ring-world.ts";

const [BAD, GOOD, MANAGER] = [5, 6, 7];
const REFERENCE = 0;
const OUT = { ring: 1024, size: 2048, consumed: 3080, produced: 3084 };
const IN = { ring: 0, size: 1024, consumed: 3072, produced: 3076 };
const ATTACH = 1;
const SAID = 1;
/** Accesses of a turn: 64 domains with all that a ring holds, and the management ring. */
const MOST_WORK = 64 * 100;
const wasm = compiledService("console");
const config = `domain ${BAD} 5 bad\ndomain ${GOOD} 5 good\nmanagement ${MANAGER} 5\n`;

class Scene {
  readonly world = new RingWorld(wasm, config, [BAD, GOOD, MANAGER], REFERENCE);
  readonly bad = this.world.end(BAD);
  readonly good = this.world.end(GOOD);
  readonly manager = this.world.end(MANAGER);

  manage(kind: number, domain: number, bytes: number, data = ""): void {
    const message = Buffer.from([kind, domain, bytes & 0xff, bytes >>> 8, ...Buffer.from(data)]);
    this.manager.put(OUT.ring, OUT.size, OUT.produced, message);
  }

  /** Everything that the toolstack is told. */
  heard(): string {
    let text = "";
    for (let count = 0; count < 100; count++) {
      const bytes = this.manager.take(IN.ring, IN.size, IN.consumed, IN.produced);
      if (bytes.length === 0) break;
      text += bytes.toString("latin1");
    }
    return text;
  }

  expectUnharmed(): void {
    this.manage(ATTACH, GOOD, 0);
    this.good.put(OUT.ring, OUT.size, OUT.produced, Buffer.from("still here\n"));
    // Time for what a rate limit holds back.
    this.world.pages.clock += 10_000_000_000n;
    this.world.settle();
    const heard = this.heard();
    expect(heard).toContain("still here");
    expect(heard.charCodeAt(heard.indexOf("still here") - 4)).toBe(SAID);
    expect(this.world.mostWork).toBeLessThan(MOST_WORK);
  }
}

describe("hostile console client", () => {
  it.each(wildIndices)("shows output up to %i", (produced) => {
    const scene = new Scene();
    scene.bad.page.fill(0x1b, OUT.ring, OUT.ring + OUT.size);
    scene.bad.set(OUT.produced, produced);
    scene.bad.notify();
    scene.expectUnharmed();
  });

  it.each(wildIndices)("says that it has read input up to %i", (consumed) => {
    const scene = new Scene();
    scene.bad.set(IN.consumed, consumed);
    scene.manage(ATTACH, BAD, 0);
    scene.manage(3, BAD, 5, "typed");
    scene.expectUnharmed();
  });

  it("takes its ring back before it is mapped", () => {
    const scene = new Scene();
    scene.bad.domain.revoke(REFERENCE);
    scene.bad.notify();
    scene.expectUnharmed();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("writes at random while it is read (%i)", (seed) => {
    const scene = new Scene();
    scene.bad.scramble(seed, 60, { indices: 3072, ...OUT });
    scene.expectUnharmed();
  });
});
