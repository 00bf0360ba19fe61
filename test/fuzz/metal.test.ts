// The fuzzing guest: catches a session that depends on anything but its seed, a comparison that
// overlooks an answer, and a guest or image that does something else than the simulated machine.
// Skips what needs the image or QEMU where these are not there.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeMetal, metalCampaign } from "../../bin/fuzz-metal.ts";
import { compare } from "../../fuzz/metal/compare.ts";
import { guestCode, metalPack } from "../../fuzz/metal/image.ts";
import { ANSWER_BYTES, encodeRecords } from "../../fuzz/metal/record.ts";
import { makeSession, type Session } from "../../fuzz/metal/session.ts";
import { root } from "../acceptance/cli.ts";

const wasm = join(root, "build/core.wasm");
const elf = join(root, "build/xenolith.elf");
const isBuilt = existsSync(wasm) && existsSync("/usr/bin/gcc");
const canBoot = isBuilt && existsSync(elf) && existsSync("/usr/bin/qemu-system-x86_64");
const PATIENCE = 600_000;
const COUNT = 12;

const coreBytes = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(wasm));

/** What guests say that see what they should see. */
function rightAnswers({ steps }: Session): Uint8Array {
  const said = new Uint8Array(steps.length * ANSWER_BYTES);
  const view = new DataView(said.buffer);
  for (const [index, { answer }] of steps.entries()) {
    view.setBigUint64(index * ANSWER_BYTES, answer.result, true);
    view.setUint32(index * ANSWER_BYTES + 8, answer.hash, true);
  }
  return said;
}

test.skipIf(!isBuilt)(
  "a session follows from its seed, and each answer in it counts (skipped unless built)",
  () => {
    const pack = metalPack(guestCode());
    const session = makeSession(coreBytes(), pack, { seed: 3, count: COUNT });
    const again = makeSession(coreBytes(), pack, { seed: 3, count: COUNT });
    const bytes = ({ steps }: Session) => encodeRecords(steps.map(({ record }) => record));
    expect(Buffer.compare(bytes(session), bytes(again))).toBe(0);
    expect(session.steps.length).toBeGreaterThan(COUNT);
    const said = rightAnswers(session);
    expect(compare(session, said)).toBeUndefined();
    for (const at of [0, 8, (session.steps.length - 1) * ANSWER_BYTES + 8]) {
      const other = said.slice();
      other[at]! ^= 1;
      expect(compare(session, other)?.step).toBe(Math.floor(at / ANSWER_BYTES));
    }
    const short = said.subarray(0, said.length - ANSWER_BYTES);
    expect(compare(session, short)?.says).toContain("stop answering");
  },
  PATIENCE,
);

test.skipIf(!canBoot)(
  "guests under the image see what the simulated ones see (skipped unless QEMU is there)",
  async () => {
    const metal = makeMetal({ core: coreBytes(), elf });
    const options = { seconds: 1, seed: 3, programs: COUNT, tell: () => {} };
    const { finding, calls } = await metalCampaign(metal, options);
    expect(finding).toBeUndefined();
    expect(calls).toBeGreaterThan(COUNT);
  },
  PATIENCE,
);
