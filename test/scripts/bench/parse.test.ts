// What is read from serial lines. Catches figures that are lost, doubled or given to another guest.

import { describe, expect, it } from "vitest";
import { userspaceTicks } from "../../../scripts/bench/userspace.ts";
import { figuresOf } from "../../../scripts/bench/workload.ts";
import { guestLines, memoryOf } from "../../../scripts/bench/xen.ts";

const serial = (...texts: string[]) => texts.map((text) => ({ text, milliseconds: 1 }));
const said = (...texts: string[]) => texts.map((text) => ({ guest: "one", text, milliseconds: 1 }));

describe("lines of Xen's guests", () => {
  it("are told apart by domain, with their stamp", () => {
    const lines = guestLines(
      serial("(d1) [00000000000000ff] bench a 1", "(XEN) [0000000000000001] x", "(d2) [0] no"),
    );
    expect([...lines.keys()]).toEqual([1]);
    expect(lines.get(1)).toEqual([{ text: "bench a 1", tick: 255n, milliseconds: 1 }]);
  });

  it("are found behind a line of the Dom0 that was not ended", () => {
    const lines = guestLines(serial("Waiting for x [pid 7](d12) [000000000000000a] bench b 2"));
    expect(lines.get(12)?.[0]?.text).toBe("bench b 2");
  });
});

describe("Xen's own memory", () => {
  it("is what is neither free nor the Dom0's", () => {
    const lines = serial("figure: total_memory:100", "figure: free_memory:60");
    expect(memoryOf([...lines, ...serial("figure: dom0_memory:30")])).toBe(10 * 1024 * 1024);
  });

  it("is no number when a part was not told", () => {
    expect(memoryOf(serial("figure: total_memory:100"))).toBeNaN();
  });
});

describe("figures", () => {
  it("are collected by name from whole lines alone", () => {
    const figures = figuresOf(
      said("bench a 1", "bench a 3", "a bench b 4", "bench c", "bench d x"),
    );
    expect([...figures]).toEqual([["a", [1, 3]]]);
  });

  it("of userspace are the hypervisor's stamp where there is one, else the guest's", () => {
    const text = "userspace at tick 0000000000000010";
    const stamped = { guest: "one", text, tick: 99n, milliseconds: 1 };
    expect(userspaceTicks([...said(text, "userspace: hello"), stamped])).toEqual([16n, 99n]);
  });
});
