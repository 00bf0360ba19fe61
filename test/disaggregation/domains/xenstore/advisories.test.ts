// Each security advisory of Xen's xenstored, played against this store. Every test ends with the
// same question: does the service still run, and serve the others?

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as limits from "../../../../disaggregation/domains/xenstore/limits.ts";
import { StoreClient, type } from "./client.ts";
import { OK, type StoreWorld, storeWorld } from "./world.ts";

let world: StoreWorld;
beforeEach(() => {
  world = storeWorld();
});
afterEach(() => {
  expect(world.system.service("store").crash).toBeUndefined();
  expect(world.three.write("alive", "yes")).toBe(OK);
  expect(world.three.read("alive")).toBe("yes");
});

/** Offsets in the ring page. */
const REQUEST_CONSUMED = 2048n;
const REQUEST_PRODUCED = 2052n;
const ANSWER_CONSUMED = 2056n;
const ANSWER_PRODUCED = 2060n;
const ERROR = 2072n;

const count = (number: number): number[] => Array.from({ length: number }, (_, index) => index);

describe("ring indices and sizes", () => {
  it("XSA-38: indices that cannot be end that client's connection alone", () => {
    const { one, system } = world;
    const places = [REQUEST_PRODUCED, REQUEST_CONSUMED, ANSWER_PRODUCED, ANSWER_CONSUMED];
    for (const place of places) {
      for (const value of [0xffffffff, 0x80000000, 1025, 0x7fffffff]) {
        one.domain.store32(one.ring + 2068n, 1);
        one.notify();
        system.settle();
        one.domain.store32(one.ring + place, value);
        one.put(StoreClient.message(type.read, "x\0"));
        one.notify();
        system.settle();
        expect(system.service("store").crash).toBeUndefined();
      }
    }
    expect(one.domain.load32(one.ring + ERROR)).not.toBe(0);
  });

  it("XSA-38: a length beyond the limit ends the connection, until it is begun anew", () => {
    const { one, system } = world;
    for (const length of [4097, 0x7fffffff, 0xffffffff, 0xfffffff0]) {
      const message = StoreClient.message(type.read, "x\0");
      message.writeUInt32LE(length, 12);
      one.put(message);
      one.notify();
      system.settle();
      expect(one.domain.load32(one.ring + ERROR)).toBe(3);
      one.domain.store32(one.ring + 2068n, 1);
      one.notify();
      system.settle();
      expect(one.write("again", "1")).toBe(OK);
    }
  });

  it("XSA-72: no answer is larger than a message", () => {
    const { one, two, control } = world;
    for (const index of count(120)) control.mkdir(`/local/domain/3/d/${index}${"x".repeat(60)}`);
    control.permit("/local/domain/3/d", "n3");
    expect(one.list("d")).toEqual(["!E2BIG"]);
    const value = "v".repeat(limits.VALUE_LIMIT);
    expect(two.write("largest", value)).toBe(OK);
    expect(two.read("largest")).toBe(value);
    expect(two.write("larger", `${value}v`)).toBe("!ENOSPC");
  });

  it("XSA-324: no event is larger than a message", () => {
    const { one } = world;
    expect(one.watch("a", "t".repeat(limits.TOKEN_LIMIT + 1))).toBe("!EINVAL");
    const token = "t".repeat(limits.TOKEN_LIMIT);
    expect(one.watch("a", token)).toBe(OK);
    const deep = `a/${"d".repeat(2040)}`;
    expect(one.write(deep, "")).toBe(OK);
    expect(one.takeEvents()).toEqual([`a ${token}`, `${deep} ${token}`]);
  });
});

describe("rights", () => {
  it("XSA-115: an event tells a path only to who may read it or its parent", () => {
    const { one, two, control } = world;
    for (const path of ["/", "/local", "/local/domain/3", "@introduceDomain"]) {
      two.watch(path, "spy");
    }
    two.takeEvents();
    one.write("secret/name", "1");
    one.rm("secret");
    control.write("/tool/hidden", "1");
    control.ask(type.release, "3\0");
    expect(two.takeEvents()).toEqual([]);
  });

  it("XSA-322 and XSA-417: a number's next domain inherits nothing of the last", () => {
    const { one, two, control } = world;
    two.write("shared", "for three");
    two.permit("shared", "n4 b3");
    two.mkdir("theirs");
    two.permit("theirs", "b4");
    one.write("/local/domain/4/theirs/mine", "1");
    const open = two.begin();
    expect(two.read("shared", open)).toBe("for three");
    two.write("late", "1", open);
    two.permit("late", "n4 b3", open);
    control.ask(type.release, "3\0");
    expect(two.permissions("shared")).toBe("n4");
    expect(two.read("theirs/mine")).toBe("!ENOENT");
    expect(two.end(open)).toBe("!EAGAIN");
    expect(two.read("late")).toBe("!ENOENT");
    control.write("/local/domain/3", "");
    control.permit("/local/domain/3", "n3");
    expect(control.ask(type.introduce, "3\x000\x001\0")).toBe(OK);
    expect(one.read("/local/domain/4/shared")).toBe("!EACCES");
    expect(one.read("theirs")).toBe("!ENOENT");
  });
});

describe("what one domain may use", () => {
  it("XSA-326: requests without reading the answers stop that domain alone", () => {
    const { one, two, system } = world;
    one.write("big", "b".repeat(2000));
    const request = StoreClient.message(type.read, "big\0");
    let accepted = 0;
    for (const _ of count(500)) {
      const rest = one.put(request);
      one.notify();
      system.settle();
      accepted += request.length - rest.length;
      if (rest.length === request.length) break;
    }
    // The ring, the answer under way and one more request: nothing queues beyond that.
    expect(accepted).toBeLessThan(2 * 1024 + 2 * request.length);
    expect(two.write("a", "1")).toBe(OK);
  });

  it("XSA-326: watches, events, nodes and transactions have a quota each", () => {
    const { one, two } = world;
    const watched = count(200).map((index) => one.watch("a", `${index}`));
    expect(watched.filter((answer) => answer === OK)).toHaveLength(limits.WATCHES_A_DOMAIN);
    const made = count(400).map((index) => one.write(`n/${index}`, ""));
    expect(made.at(-1)).toBe("!ENOSPC");
    const nodes = made.filter((answer) => answer === OK).length;
    expect(nodes).toBeLessThanOrEqual(limits.NODES_A_DOMAIN);
    expect(nodes).toBeGreaterThan(limits.NODES_A_DOMAIN / 2);
    const begun = count(20).map(() => one.begin());
    expect(begun.filter((number) => number > 0)).toHaveLength(limits.TRANSACTIONS_A_DOMAIN);
    expect(two.write("a", "1")).toBe(OK);
  });

  it("XSA-326: events that nobody reads are bounded, and none is lost for good", () => {
    const { one, control, system } = world;
    one.watch("a", "t");
    one.takeEvents();
    for (const round of count(3)) {
      for (const index of count(300)) {
        control.write(`/local/domain/3/a/${index}-${"x".repeat(30)}`, `${round}`);
        control.permit(`/local/domain/3/a/${index}-${"x".repeat(30)}`, "r0");
      }
    }
    const events = one.takeEvents();
    expect(events.length).toBeLessThan(2 * limits.EVENTS_A_DOMAIN);
    expect(events.at(-1)).toBe("a t");
    expect(system.service("store").crash).toBeUndefined();
  });

  it("XSA-416: half a request costs its own buffer and nothing more", () => {
    const { one, two, system } = world;
    const message = StoreClient.message(type.write, `a\0${"x".repeat(4000)}`);
    one.put(message.subarray(0, 600));
    one.notify();
    system.settle();
    for (const index of count(50)) expect(two.write(`b/${index}`, "1")).toBe(OK);
    one.send(message.subarray(600));
    expect(one.next()?.type).toBe(type.error);
  });

  it("XSA-418: a deep tree is removed without recursion", () => {
    const { one, control } = world;
    const deep = `/deep${"/d".repeat(1500)}`;
    expect(control.write(deep, "1")).toBe(OK);
    expect(control.read(deep)).toBe("1");
    expect(control.rm("/deep")).toBe(OK);
    expect(control.read("/deep")).toBe("!ENOENT");
    expect(one.write(`x${"/d".repeat(1000)}`, "1")).toBe("!ENOSPC");
    expect(one.read("x")).toBe("!ENOENT");
  });
});

describe("transactions", () => {
  it("XSA-206: a privileged transaction is not starved by a domain that keeps writing", () => {
    const { one, control, system } = world;
    control.write("/local/domain/3/state", "0");
    control.permit("/local/domain/3/state", "b3");
    const attempts = count(10).map((round) => {
      const number = control.begin();
      control.read("/local/domain/3/state", number);
      control.write("/local/domain/3/done", `${round}`, number);
      one.put(StoreClient.message(type.write, `state\0${round}`));
      one.notify();
      system.settle();
      const end = control.end(number);
      system.advance(1_000_000n);
      one.take();
      while (one.next() !== undefined);
      return end;
    });
    expect(attempts.slice(0, 3)).toEqual(["!EAGAIN", "!EAGAIN", "!EAGAIN"]);
    expect(attempts).toContain(OK);
  });

  it("XSA-421: what is made and removed in one transaction leaves nothing, and no quota", () => {
    const { one } = world;
    for (const _ of count(300)) {
      const number = one.begin();
      expect(one.write("t/x", "1", number)).toBe(OK);
      expect(one.rm("t/x", number)).toBe(OK);
      expect(one.rm("t", number)).toBe(OK);
      expect(one.end(number)).toBe(OK);
    }
    expect(one.list("/local/domain/3")).toEqual([]);
    const made = count(limits.NODES_A_DOMAIN).map((index) => one.mkdir(`n${index}`));
    expect(made.filter((answer) => answer === OK)).toHaveLength(limits.NODES_A_DOMAIN - 1);
  });

  it("XSA-421: a transaction does not make more nodes than its domain may have", () => {
    const { one } = world;
    const most = limits.NODES_A_DOMAIN - 1;
    for (const index of count(most - 20)) one.mkdir(`n${index}`);
    const number = one.begin();
    const made = count(40).map((index) => one.mkdir(`m${index}`, number));
    expect(made.filter((answer) => answer === OK)).toHaveLength(20);
    expect(one.end(number)).toBe("!ENOSPC");
    expect(one.read("m0")).toBe("!ENOENT");
  });

  it("XSA-440: many conflicts at once end as conflicts", () => {
    const { one, two, control } = world;
    control.write("/shared", "0");
    control.permit("/shared", "b0");
    const open = [one, two, one, two].map((client) => [client, client.begin()] as const);
    for (const [client, number] of open) {
      client.read("/shared", number);
      client.write("/shared", "mine", number);
      client.rm("nothing", number);
      client.mkdir("a/b", number);
    }
    const ends = open.map(([client, number]) => client.end(number));
    expect(ends).toEqual([OK, "!EAGAIN", "!EAGAIN", "!EAGAIN"]);
  });

  it("XSA-484: a reset inside a transaction ends it", () => {
    const { one } = world;
    const number = one.begin();
    one.write("a", "1", number);
    one.watch("a", "t");
    expect(one.ask(type.resetWatches, "\0", number)).toBe(OK);
    expect(one.write("a", "2", number)).toBe("!ENOENT");
    expect(one.end(number)).toBe("!ENOENT");
    one.takeEvents();
    expect(one.write("a", "3")).toBe(OK);
    expect(one.takeEvents()).toEqual([]);
  });
});

describe("names", () => {
  it("XSA-481: the home of no domain is no path", () => {
    const { one, control } = world;
    for (const client of [one, control]) {
      for (const kind of [type.read, type.directory, type.rm, type.mkdir, type.getPermissions]) {
        expect(client.ask(kind, "/local/domain/\0")).toBe("!EINVAL");
      }
      expect(client.watch("/local/domain/", "t")).toBe("!EINVAL");
      expect(client.ask(type.getDomainPath, "\0")).toBe("!EINVAL");
    }
  });
});
