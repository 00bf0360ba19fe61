// The services' rows: what is read from a run, and the table. Catches a creation that is timed by
// another's marks, a median that is a mean, and a ratio with a figure that is missing.

import { describe, expect, it } from "vitest";
import { commandLineOf, speedGuests } from "../../../scripts/bench/services/guests.ts";
import { median, servicesTable } from "../../../scripts/bench/services/measure.ts";
import { guestFile } from "../../../scripts/bench/services/running.ts";
import { createSeconds } from "../../../scripts/bench/services/xen.ts";

const serial = [0, 1, 2].flatMap((index) => [
  { text: `create ${index} begins`, milliseconds: index * 1000 },
  { text: "(XEN) something else", milliseconds: index * 1000 + 1 },
  { text: `create ${index} ends`, milliseconds: index * 1000 + 100 * (index + 1) },
]);

describe("the services' rows", () => {
  it("time each creation by its own marks", () => {
    expect(createSeconds({ lines: [], serial })).toEqual([100, 200, 300]);
    expect(() => createSeconds({ lines: [], serial: serial.slice(0, 8) })).toThrow(/created no/);
  });

  it("are medians: the lower of two in the middle, none of nothing", () => {
    expect([median([9, 1, 5]), median([4, 1, 3, 2]), median([])]).toEqual([5, 2, null]);
  });

  it("are shown with a ratio where both sides have a figure", () => {
    const runs = { xenolith: [], xen: [] };
    const table = servicesTable([
      { name: "tcp", unit: "kbit/s", xenolith: 300, xen: 200, runs },
      { name: "memory", unit: "MiB", xenolith: 26, xen: null, runs },
    ]);
    expect(table).toMatch(/^tcp +kbit\/s +300 +200 +1\.50$/m);
    expect(table).toMatch(/^memory +MiB +26 +- +-$/m);
  });

  it("give both sides the same guests, of whom the client has the disk", () => {
    const [server, client] = speedGuests;
    expect(commandLineOf(server!)).toContain("role=server address=10.0.0.1 ");
    expect(commandLineOf(client!)).toContain("server=10.0.0.1 mib=64 ");
    const text = guestFile("small", 64, { kernel: "/k", ramdisk: "/r" }, "quiet", 'vif = [""]\n');
    expect(text).toMatch(/cmdline = "quiet"\nmemory = 64\nvcpus = 1\nvif = \[""\]\n$/);
  });
});
