// The fixed-frame schedule beside a neighbour that asks for all that takes long: when slots begin
// and end, as the guests see it by the system time that they share.

import { runXenolith } from "../../../scripts/bench/xenolith.ts";
import { ALLOWED_GUEST } from "../../../scripts/policy-tables.ts";
import { guest } from "../guests.ts";

/** Ticks are nanoseconds under -icount; the bound of a late start. */
export const MOST_LATE = 20_000;
const FRAMES = 1000;
const SLOT_MICROSECONDS = 400;
/** The major frame, in ns. */
const FRAME = 3 * SLOT_MICROSECONDS * 1000;

/** What a guest says of its slots: places within the major frame, in ns. */
interface Slots {
  readonly count: number;
  readonly start: readonly [number, number];
  readonly end: readonly [number, number];
}

export interface FrameFigures {
  readonly frames: number;
  /** The latest begin of a slot, in ticks after its time. */
  readonly latestStart: number;
  /** The latest end of a slot, in ticks after its time; negative: it was left before. */
  readonly latestEnd: number;
}

function slotsOf(lines: readonly string[]): Slots {
  const figure = (name: string) => {
    const line = lines.find((text) => text.startsWith(`frames ${name} `));
    if (line === undefined)
      throw new Error(`the guest did not say its ${name}:\n${lines.join("\n")}`);
    return Number(line.split(" ").at(-1));
  };
  const origin = figure("origin");
  const place = (name: string) => (origin + figure(name)) % FRAME;
  return {
    count: figure("slots"),
    start: [place("start least"), place("start most")],
    end: [place("end least"), place("end most")],
  };
}

/** How far `to` lies behind `from` in the major frame; negative when it lies before. */
function distance(from: number, to: number): number {
  const ahead = (((to - from) % FRAME) + FRAME) % FRAME;
  return ahead > FRAME / 2 ? ahead - FRAME : ahead;
}

/** `before`, the neighbour and `after` run in this order. When the frame begins is known from the
 *  two that only look at the clock: `after` has just been seen and `before` not yet. */
function figuresOf(before: Slots, after: Slots): FrameFigures {
  const begin = after.end[1];
  const late = (slot: number, place: number) =>
    distance(begin + slot * SLOT_MICROSECONDS * 1000, place);
  return {
    frames: Math.min(before.count, after.count),
    latestStart: Math.max(late(0, before.start[1]), late(2, after.start[1])),
    latestEnd: Math.max(late(1, before.end[1]), distance(before.start[0], begin)),
  };
}

/** Measures `FRAMES` major frames of two guests with a flooding neighbour between them. */
export async function measureFrames(): Promise<FrameFigures> {
  const kernel = await guest("frames");
  const end = 100 + (FRAMES * FRAME) / 1e6;
  const watcher = { kernel, memoryMib: 16, commandLine: `frame=${FRAME / 1000} end=${end}` };
  const flood = `${watcher.commandLine} flood=40 label=${ALLOWED_GUEST}`;
  const slots = ["before", "flood", "after"].map((name) => `"${name} ${SLOT_MICROSECONDS}"`);
  const ran = await runXenolith(
    {
      name: "frames",
      count: 3,
      appliance: `schedule = "fixed"\nslots = [${slots.join(", ")}]\n`,
      guests: () => [
        { ...watcher, name: "before" },
        { ...watcher, name: "flood", commandLine: flood },
        { ...watcher, name: "after" },
      ],
    },
    true,
    300,
  );
  const linesOf = (name: string) =>
    ran.lines.filter((line) => line.guest === name).map(({ text }) => text);
  return figuresOf(slotsOf(linesOf("before")), slotsOf(linesOf("after")));
}
