// appliance.cfg: what is global to an appliance. The syntax is that of the guest files beside it;
// every key may be left out, and so may the whole file.

import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseConfig, problemHere, type Settings } from "./config-syntax.ts";
import { didYouMean, type Placed, text, texts, wholeNumber } from "./config-values.ts";

const keys = ["policy", "schedule", "slice_us", "slots", "boot", "max_memory", "max_vcpus"];
const schedules = ["weighted", "fixed", "pinned"] as const;
const MOST_MICROSECONDS = 10_000_000;
const MOST_SLOTS = 64;
/** Weighted round robin's slice of a guest of weight 256. */
const USUAL_SLICE_MICROSECONDS = 10_000;

/** One minor frame: the guest that runs in it, or nobody. */
export interface Slot {
  readonly guest: Placed<string> | undefined;
  readonly microseconds: number;
}

export type ScheduleKind = (typeof schedules)[number];

export interface ApplianceConfig {
  /** A folder of modules or a policy.conf; undefined for the default. */
  readonly policy: Placed<string> | undefined;
  readonly schedule: ScheduleKind;
  readonly sliceMicroseconds: number;
  readonly slots: readonly Slot[];
  /** The guests that start first, in this order; the others follow by name. */
  readonly boot: readonly Placed<string>[];
  /** Limits that the guests together are held to; undefined for none. */
  readonly mostMemoryMib: number | undefined;
  readonly mostVcpus: number | undefined;
}

function checkKeys(settings: Settings): void {
  for (const setting of settings.values()) {
    if (keys.includes(setting.name)) continue;
    const hint = didYouMean(setting.name, keys);
    throw problemHere(setting, `unknown key "${setting.name}" of an appliance${hint}`);
  }
}

function readSchedule(settings: Settings): ScheduleKind {
  const schedule = text(settings, "schedule");
  if (schedule === undefined) return "weighted";
  const kind = schedules.find((name) => name === schedule.value);
  if (kind !== undefined) return kind;
  throw problemHere(schedule, `schedule is one of ${schedules.join(", ")}`);
}

/** "NAME MICROSECONDS", or "idle MICROSECONDS" for a pause. */
function readSlot(slot: Placed<string>): Slot {
  const [name, microseconds, ...rest] = slot.value.trim().split(/\s+/);
  const length = Number(microseconds);
  const whole = Number.isInteger(length) && length >= 1 && length <= MOST_MICROSECONDS;
  if (name === undefined || !whole || rest.length > 0) {
    const range = `1 to ${MOST_MICROSECONDS} microseconds`;
    throw problemHere(slot, `a slot is "NAME MICROSECONDS" with ${range}, not "${slot.value}"`);
  }
  return { guest: name === "idle" ? undefined : { ...slot, value: name }, microseconds: length };
}

function readSlots(settings: Settings, schedule: ScheduleKind): Slot[] {
  const slots = texts(settings, "slots");
  const place = settings.get("slots") ?? settings.get("schedule");
  if (schedule !== "fixed") {
    if (slots === undefined || place === undefined) return [];
    throw problemHere(place, 'slots need schedule = "fixed"');
  }
  if (slots === undefined || slots.length === 0) {
    throw problemHere(settings.get("schedule")!, 'schedule = "fixed" needs slots');
  }
  if (slots.length > MOST_SLOTS) throw problemHere(place!, `more than ${MOST_SLOTS} slots`);
  return slots.map(readSlot);
}

/** Reads the text of an appliance file; paths in it are relative to the file. Throws a Problem. */
export function parseApplianceConfig(source: string, file: string): ApplianceConfig {
  const settings = parseConfig(source, file);
  checkKeys(settings);
  const schedule = readSchedule(settings);
  const policy = text(settings, "policy");
  const slice = wholeNumber(settings, "slice_us", 100, MOST_MICROSECONDS);
  return {
    policy: policy && { ...policy, value: resolve(dirname(file), policy.value) },
    schedule,
    sliceMicroseconds: slice?.value ?? USUAL_SLICE_MICROSECONDS,
    slots: readSlots(settings, schedule),
    boot: texts(settings, "boot") ?? [],
    mostMemoryMib: wholeNumber(settings, "max_memory", 2, 16384)?.value,
    mostVcpus: wholeNumber(settings, "max_vcpus", 1, 256)?.value,
  };
}

/** Reads an appliance file; one that is not there says nothing. Throws a Problem. */
export function readApplianceConfig(file: string): ApplianceConfig {
  return parseApplianceConfig(existsSync(file) ? readFileSync(file, "utf8") : "", file);
}
