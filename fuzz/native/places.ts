// The numbers that the hosted build shares with the fuzzing copy, as a header.

import { linearBytes } from "../../tcb/core/layout.ts";
import { LINEAR_BASE, primitiveNumber, VCPUS } from "../instrument/machine.ts";
import { EVENTS_MAX, LOG_ENTRIES_MAX, RAM_BASE, RAM_BYTES } from "../instrument/places.ts";

/** places.h of the hosted build. */
export function placesHeader(): string {
  const values: Readonly<Record<string, number>> = {
    LINEAR_BYTES: linearBytes,
    LINEAR_BASE,
    RAM_BASE,
    RAM_BYTES,
    VCPUS,
    EVENTS: EVENTS_MAX,
    LOG_ENTRIES: LOG_ENTRIES_MAX,
  };
  const lines = Object.entries(values).map(([name, value]) => `#define ${name} ${value}u\n`);
  const events = Object.entries(primitiveNumber).map(
    ([name, value]) => `#define EVENT_${name} ${value}u\n`,
  );
  return [...lines, ...events].join("");
}
