// Every abuse at once, each in a guest of its own, beside a guest that counts time. Catches an
// abuse that stops the hypervisor, another guest, or that is not answered as the guest's table
// says.

import { beforeAll, describe, expect, it } from "vitest";
import { type Closing, closingLine } from "../../bin/closing-lines.ts";
import type { GuestLine } from "../../scripts/bench/workload.ts";
import { runXenolith } from "../../scripts/bench/xenolith.ts";
import { abuses, type Ending } from "./abuses.ts";
import { buildGuests, guestImage } from "./build.ts";

const MINUTES = 60_000;
const TICKS = 100;
const allowed: Readonly<Record<Ending, readonly string[]>> = {
  crashes: ["crash"],
  "powers off": ["poweroff"],
  either: ["crash", "poweroff"],
  survives: ["poweroff"],
};

function guest(name: string, image: string, commandLine: string) {
  return { name, kernel: guestImage(image), commandLine, memoryMib: 16 };
}

describe("hostile guests", () => {
  const closings = new Map<string, Closing>();
  let lines: readonly GuestLine[] = [];

  beforeAll(async () => {
    buildGuests();
    const guests = [
      guest("neighbour", "heartbeat", `period=10 count=${TICKS}`),
      ...abuses().map(({ name }) => guest(name, "hostile", name)),
    ];
    const workload = { name: "hostile", count: guests.length, guests: () => guests };
    const run = await runXenolith(workload, true, 280);
    lines = run.lines;
    for (const line of run.hypervisor) {
      const closing = closingLine(line);
      if (closing !== undefined) closings.set(closing.name, closing);
    }
  }, 5 * MINUTES);

  it.each(abuses())("$name: $expected", ({ name, expected }) => {
    const said = lines.filter(({ guest: of }) => of === name).map(({ text }) => text);
    expect(said[0]).toBe(`hostile ${name}: expected: ${expected}`);
    expect(allowed[expected]).toContain(closings.get(name)?.state);
    expect(said.join("\n")).not.toMatch(/WRONG|SOME ACCEPTED/);
    const survived = said.some((text) => text.startsWith(`hostile ${name}: survived`));
    if (expected === "survives") expect(survived).toBe(true);
    if (expected === "crashes") expect(survived).toBe(false);
  });

  it("leave the neighbour its time: it counts every tick and powers off", () => {
    const said = lines.filter(({ guest: of }) => of === "neighbour").map(({ text }) => text);
    const ticks = said.filter((text) => /^heartbeat (tick|late) \d+$/.test(text));
    expect(ticks.length).toBe(TICKS);
    expect(closings.get("neighbour")?.state).toBe("poweroff");
  });
});
