// What would be caught: a schedule that is not what the file says, and errors without a place.

import { describe, expect, test } from "vitest";
import { parseApplianceConfig } from "../../../disaggregation/appliance/appliance-config.ts";

const read = (text: string) => parseApplianceConfig(text, "/a/appliance.cfg");

describe("an appliance file", () => {
  test("may be empty", () => {
    expect(read("")).toEqual({
      policy: undefined,
      schedule: "weighted",
      sliceMicroseconds: 10000,
      slots: [],
      boot: [],
      mostMemoryMib: undefined,
      mostVcpus: undefined,
    });
  });

  test("says what is global", () => {
    const config = read(`policy = "p.bin"
schedule = "fixed"
slots = [ "web 5000", "idle 100", "db 2500" ]
boot = [ "db" ]
max_memory = 1024; max_vcpus = 4`);
    expect(config.policy?.value).toBe("/a/p.bin");
    expect(config.slots.map(({ guest, microseconds }) => [guest?.value, microseconds])).toEqual([
      ["web", 5000],
      [undefined, 100],
      ["db", 2500],
    ]);
    expect(config.boot.map(({ value }) => value)).toEqual(["db"]);
    expect([config.mostMemoryMib, config.mostVcpus]).toEqual([1024, 4]);
  });

  test.each([
    ["schedule = 'fifo'", "1:12: schedule is one of weighted, fixed, pinned"],
    ["schedul = 'fixed'", '1:1: unknown key "schedul" of an appliance; did you mean "schedule"?'],
    ["schedule = 'fixed'", '1:1: schedule = "fixed" needs slots'],
    ["slots = ['a 1']", '1:1: slots need schedule = "fixed"'],
    ["schedule='fixed'\nslots = ['a']", '2:10: a slot is "NAME MICROSECONDS"'],
    ["schedule='fixed'\nslots = ['a 0']", '2:10: a slot is "NAME MICROSECONDS"'],
    ["schedule='fixed'\nslots = ['a 1 b']", '2:10: a slot is "NAME MICROSECONDS"'],
    [`schedule='fixed'\nslots = [${"'a 1',".repeat(65)}]`, "2:1: more than 64 slots"],
    ["slots = [['a']]", "1:10: slots is a list of strings, not of lists"],
    ["slice_us = 1", "1:12: slice_us is a whole number from 100"],
  ])("%s", (text, message) => {
    expect(() => read(text)).toThrow(`/a/appliance.cfg:${message}`);
  });
});
