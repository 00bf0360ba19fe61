// The console service with guests and a toolstack that the test plays, and a serial port of arrays.
// Catches output that is lost, spoken in another's name or held up by a neighbour, input for the
// wrong domain, and rings whose indices lie.

import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { windowFrame } from "../../../../disaggregation/appliance/links.ts";
import { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { CONSOLE_FRAME, PAGE_OWN } from "../../../../disaggregation/runtime/places.ts";
import { ALLOWED_GUEST, allowTable } from "../../../../scripts/policy-tables.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { Front, index, Serial } from "../support/console-front.ts";

let serial: Serial;
let system: ServiceSystem;
let one: Front;
let two: Front;
let manager: Front;

beforeEach(() => {
  serial = new Serial();
  const label = ALLOWED_GUEST;
  const config = "domain 3 1 one\ndomain 4 1 two\nmanagement 2 1\nuart 1016\n";
  const wasm = serviceBytes("console");
  // Without a wasm of its own, the toolstack is a domain that the test plays.
  const idle = serviceBytes("xenstore");
  system = new ServiceSystem({
    core: new Uint8Array(readFileSync(corePath)),
    policy: allowTable(),
    members: [
      {
        name: "console",
        label,
        service: { kind: "console", wasm, config: () => config, ports: serial },
      },
      { name: "toolstack", label, service: { kind: "toolstack", wasm: idle } },
      { name: "one", label },
      { name: "two", label },
    ],
  });
  system.settle();
  one = new Front(system, "one", CONSOLE_FRAME);
  two = new Front(system, "two", CONSOLE_FRAME);
  manager = new Front(system, "toolstack", windowFrame(PAGE_OWN));
});

const second = 1_000_000_000n;

/** A message of the toolstack. */
function send(kind: number, domain: number, data: string | Buffer = ""): void {
  const bytes = Buffer.from(data as string, "latin1");
  const header = Buffer.from([kind, domain, bytes.length & 0xff, bytes.length >>> 8]);
  manager.put(Buffer.concat([header, bytes]));
}

/** The messages that the toolstack got: "kind domain text". */
function heard(): string[] {
  const messages: string[] = [];
  for (let bytes = manager.take(); bytes.length > 0; bytes = manager.take()) {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + bytes.readUInt16LE(at + 2);
      messages.push(`${bytes[at]} ${bytes[at + 1]} ${bytes.toString("latin1", at + 4, end)}`);
      at = end;
    }
    manager.notify();
  }
  return messages;
}

describe("what domains say", () => {
  it("is shown as lines in their own names, without control characters", () => {
    one.put("hello\r\n");
    two.put("half ");
    one.put("one\x07 more\n\n");
    two.put("a line\n");
    expect(serial.said).toBe("one: hello\r\none: one more\r\none: \r\ntwo: half a line\r\n");
  });

  it("breaks a line that is too long", () => {
    one.put("x".repeat(300));
    one.put("\n");
    expect(serial.said).toBe(`one: ${"x".repeat(256)}\r\none: ${"x".repeat(44)}\r\n`);
  });

  it("waits in the domain's own ring while the port is busy, and is not lost", () => {
    serial.isBusy = true;
    const line = `${"y".repeat(99)}\n`;
    let rest: Buffer = Buffer.from(line.repeat(400));
    for (let round = 0; round < 30; round++) {
      rest = one.put(rest);
      system.advance(second / 100n);
    }
    expect(rest.length).toBeGreaterThan(0);
    serial.isBusy = false;
    for (let round = 0; round < 60; round++) {
      rest = one.put(rest);
      system.advance(second / 100n);
    }
    expect(serial.said).toBe(`one: ${line.trim()}\r\n`.repeat(400));
  });

  it("is limited in rate, and does not hold up others", () => {
    const block = `${"z".repeat(1023)}\n`.repeat(2);
    let taken = 0;
    for (let round = 0; round < 200; round++) taken += block.length - one.put(block).length;
    expect(taken).toBeLessThan(80_000);
    two.put("still heard\n");
    expect(serial.said.endsWith("two: still heard\r\n")).toBe(true);
    system.advance(second);
    expect(one.get(index.outConsumed)).toBe(one.get(index.outProduced));
  });

  it("is read by indices that may lie", () => {
    for (const place of [
      index.outProduced,
      index.outConsumed,
      index.inProduced,
      index.inConsumed,
    ]) {
      one.set(place, 0xfffffff0);
      one.notify();
      expect(system.service("console").crash).toBeUndefined();
    }
    two.put("fine\n");
    expect(serial.said.endsWith("two: fine\r\n")).toBe(true);
  });
});

describe("what is typed at the serial port", () => {
  it("goes to one domain at a time", () => {
    serial.type("ab");
    system.advance(second);
    serial.type("\x01\x01\x01cd");
    system.advance(second);
    expect([one.take().toString(), two.take().toString()]).toEqual(["ab", "cd"]);
  });

  it("waits for room, and drops what is more than a buffer", () => {
    for (let round = 0; round < 30; round++) {
      serial.type("k".repeat(100));
      system.advance(second / 10n);
    }
    const first = one.take();
    one.notify();
    expect(first.length).toBe(1024);
    expect(one.take().length).toBe(1024);
  });
});

describe("the toolstack", () => {
  it("is told what was said, then what is said", () => {
    one.put("before\n");
    send(1, 3);
    one.put("after\n");
    expect(heard()).toEqual(["1 3 before\n", "1 3 after\n"]);
    send(2, 3);
    one.put("alone\n");
    expect(heard()).toEqual([]);
  });

  it("is told the last 16 KiB of what was said, in order", () => {
    for (let line = 0; line < 300; line++) {
      one.put(`${line} ${"w".repeat(90)}\n`);
      system.advance(second / 100n);
    }
    send(1, 3);
    const text = heard()
      .map((message) => message.slice(4))
      .join("");
    expect(text.length).toBe(16384);
    expect(text.endsWith(`299 ${"w".repeat(90)}\n`)).toBe(true);
  });

  it("types at a domain", () => {
    send(3, 4, "ls\n");
    expect(two.take().toString()).toBe("ls\n");
    expect(one.take().toString()).toBe("");
  });

  it("hears that a domain ended, and reads what it said once more", () => {
    one.put("last words\n");
    send(1, 3);
    send(5, 3);
    expect(heard()).toEqual(["1 3 last words\n", "2 3 "]);
    send(1, 3);
    expect(heard()).toEqual(["1 3 last words\n"]);
    send(1, 9);
    expect(heard()).toEqual(["2 9 "]);
  });

  it("adds a domain under a new name, and cannot add what offers nothing", () => {
    send(5, 3);
    const port = Buffer.alloc(4);
    port.writeUInt32LE(1);
    send(4, 3, Buffer.concat([port, Buffer.from("again")]));
    one.put("hi\n");
    expect(serial.said.endsWith("again: hi\r\n")).toBe(true);
    send(4, 40, Buffer.concat([port, Buffer.from("ghost")]));
    send(4, 2, Buffer.concat([port, Buffer.from("self")]));
    send(77, 3, "what");
    manager.put(Buffer.from([1, 3, 0xff, 0xff, 1, 2, 3]));
    send(1, 3);
    expect(heard()).toEqual(["1 3 hi\n"]);
    expect(system.service("console").crash).toBeUndefined();
  });
});
