// The wire protocol, request by request. Catches an answer that stock clients would not understand,
// a right that is given to the wrong domain, and an event that is missing or told to the wrong one.

import { beforeEach, describe, expect, it } from "vitest";
import { type } from "./client.ts";
import { OK, type StoreWorld, storeWorld } from "./world.ts";

let world: StoreWorld;
beforeEach(() => {
  world = storeWorld();
});

describe("nodes", () => {
  it("keeps a value of any bytes, under a relative and an absolute path", () => {
    const { one } = world;
    expect(one.write("data/x", "a\0b\xff")).toBe(OK);
    expect(one.read("/local/domain/3/data/x")).toBe("a\0b\xff");
    expect(one.write("data/x", "")).toBe(OK);
    expect(one.read("data/x")).toBe("");
  });

  it("makes what is missing above, and lists children in the order of their making", () => {
    const { one } = world;
    expect(one.mkdir("a/b/c")).toBe(OK);
    expect(one.mkdir("a/d")).toBe(OK);
    expect(one.list("a")).toEqual(["b", "d"]);
    expect(one.read("a/b")).toBe("");
    expect(one.mkdir("a")).toBe(OK);
  });

  it("removes a node with what is below, and nothing beside it", () => {
    const { one } = world;
    for (const path of ["a/b/c", "a/b2", "ab"]) one.write(path, path);
    expect(one.rm("a/b")).toBe(OK);
    expect(one.read("a/b/c")).toBe("!ENOENT");
    expect(one.list("a")).toEqual(["b2"]);
    expect(one.read("ab")).toBe("ab");
    expect(one.rm("a/b")).toBe(OK);
    expect(one.rm("gone/b")).toBe("!ENOENT");
  });

  it("refuses paths that are none", () => {
    const { one } = world;
    for (const path of ["", "a//b", "a/", "/local/domain/", "a b", "a\u00e4", "/../x", "a.b"]) {
      expect([path, one.read(path)]).toEqual([path, "!EINVAL"]);
    }
    expect(one.write("x".repeat(2049), "")).toBe("!EINVAL");
    expect(one.write("@introduceDomain", "x")).toBe("!EINVAL");
    expect(one.rm("/")).toBe("!EINVAL");
  });

  it("refuses requests that lack a field", () => {
    const { one } = world;
    for (const kind of [1, 2, 3, 4, 5, 7, 11, 12, 13, 14, 22]) {
      expect([kind, one.ask(kind, "x")]).toEqual([kind, "!EINVAL"]);
      expect([kind, one.ask(kind, "")]).toEqual([kind, "!EINVAL"]);
    }
    expect(one.ask(99, "x\0")).toBe("!ENOSYS");
  });

  it("gives a long directory in parts", () => {
    const { control } = world;
    const names = Array.from({ length: 200 }, (_, index) => `${"n".repeat(40)}-${index}`);
    for (const name of names) control.mkdir(`/big/${name}`);
    expect(control.list("/big")).toEqual(["!E2BIG"]);
    const found: string[] = [];
    for (let offset = 0; ; ) {
      const [, ...parts] = control.ask(type.directoryPart, `/big\0${offset}\0`).split("\0");
      parts.pop();
      const last = parts.at(-1) === "";
      found.push(...parts.filter((name) => name !== ""));
      offset += parts.join("\0").length + 1;
      if (last) break;
    }
    expect(found).toEqual(names);
  });
});

describe("permissions", () => {
  it("are the parent's, but a domain owns what it makes", () => {
    const { one, control } = world;
    one.write("a", "1");
    expect(one.permissions("a")).toBe("n3");
    one.permit("a", "n3 r4");
    one.write("a/b", "2");
    expect(one.permissions("a/b")).toBe("n3 r4");
    control.write("/local/domain/3/a/c", "3");
    expect(control.permissions("/local/domain/3/a/c")).toBe("n3 r4");
  });

  it("let read and write whom they name, and nobody else", () => {
    const { one, two, three } = world;
    const path = "/local/domain/3/a";
    one.write("a", "1");
    expect(two.read(path)).toBe("!EACCES");
    one.permit("a", "n3 r4");
    expect([two.read(path), two.write(path, "2")]).toEqual(["1", "!EACCES"]);
    expect(three.read(path)).toBe("!EACCES");
    one.permit("a", "n3 w4");
    expect([two.read(path), two.write(path, "2")]).toEqual(["!EACCES", OK]);
    one.permit("a", "b3");
    expect([three.read(path), three.write(path, "3")]).toEqual(["2", OK]);
  });

  it("are changed by the owner alone, and not given away", () => {
    const { one, two, control } = world;
    one.write("a", "1");
    one.permit("a", "b3");
    expect(two.permit("/local/domain/3/a", "b4")).toBe("!EACCES");
    expect(one.permit("a", "n4")).toBe("!EPERM");
    expect(one.permit("a", "x3")).toBe("!EINVAL");
    expect(one.permit("a", "n3 r64")).toBe("!EINVAL");
    expect(one.permit("a", "n3 r1 r2 r4 r5 r6")).toBe("!EINVAL");
    expect(control.permit("/local/domain/3/a", "n4")).toBe(OK);
    expect(two.read("/local/domain/3/a")).toBe("1");
  });

  it("say that a node is not there only to who could see it", () => {
    const { one, two } = world;
    expect(two.read("/local/domain/3/secret")).toBe("!EACCES");
    expect(one.read("secret")).toBe("!ENOENT");
  });

  it("are a target's as well, while it is the target", () => {
    const { one, two, control } = world;
    one.write("a", "1");
    expect(control.ask(type.setTarget, "4\x003\0")).toBe(OK);
    expect(two.read("/local/domain/3/a")).toBe("1");
    expect(two.ask(type.setTarget, "4\x005\0")).toBe("!EACCES");
    expect(control.ask(type.release, "3\0")).toBe(OK);
    expect(two.read("/local/domain/3/a")).toBe("!EACCES");
    expect(one.system.service("store").crash).toBeUndefined();
  });
});

describe("watches", () => {
  it("tell at once, then of what happens at and below their path", () => {
    const { one } = world;
    expect(one.watch("a", "token")).toBe(OK);
    expect(one.takeEvents()).toEqual(["a token"]);
    one.write("a/b/c", "1");
    one.write("ab", "1");
    expect(one.takeEvents()).toEqual(["a/b/c token"]);
    one.rm("a");
    expect(one.takeEvents()).toEqual(["a token"]);
  });

  it("tell of a node that goes with the one above it", () => {
    const { one } = world;
    one.write("a/b/c", "1");
    one.watch("/local/domain/3/a/b/c", "t");
    one.takeEvents();
    one.rm("a");
    expect(one.takeEvents()).toEqual(["/local/domain/3/a/b/c t"]);
  });

  it("are one for each path and token, and can be taken back", () => {
    const { one } = world;
    expect([one.watch("a", "1"), one.watch("a", "1"), one.watch("a", "2")]).toEqual([
      OK,
      "!EEXIST",
      OK,
    ]);
    expect([one.unwatch("a", "1"), one.unwatch("a", "1")]).toEqual([OK, "!ENOENT"]);
    one.takeEvents();
    one.write("a", "");
    expect(one.takeEvents()).toEqual(["a 2"]);
    expect(one.ask(type.resetWatches, "\0")).toBe(OK);
    one.write("a", "");
    expect(one.takeEvents()).toEqual([]);
  });

  it("tell privileged domains of those that come and go", () => {
    const { control } = world;
    control.watch("@introduceDomain", "i");
    control.watch("@releaseDomain", "r");
    control.takeEvents();
    expect(control.ask(type.release, "5\0")).toBe(OK);
    expect(control.takeEvents()).toEqual(["@releaseDomain r"]);
  });
});

describe("transactions", () => {
  it("show their changes to nobody else until they end", () => {
    const { one } = world;
    one.write("a", "old");
    const number = one.begin();
    expect(one.write("a", "new", number)).toBe(OK);
    expect(one.write("b/c", "made", number)).toBe(OK);
    expect([one.read("a"), one.read("b/c")]).toEqual(["old", "!ENOENT"]);
    expect([one.read("a", number), one.list("b", number)]).toEqual(["new", ["c"]]);
    expect(one.end(number)).toBe(OK);
    expect([one.read("a"), one.read("b/c")]).toEqual(["new", "made"]);
    expect(one.end(number)).toBe("!ENOENT");
  });

  it("leave nothing when they are given up", () => {
    const { one } = world;
    const number = one.begin();
    one.write("a/b", "1", number);
    expect(one.end(number, false)).toBe(OK);
    expect(one.read("a/b")).toBe("!ENOENT");
  });

  it("fail whole when what they looked at was changed", () => {
    const { one } = world;
    for (const change of ["write", "rm", "permit", "create"] as const) {
      one.write("a", "1");
      const number = one.begin();
      if (change === "create") expect(one.read("new", number)).toBe("!ENOENT");
      else expect(one.read("a", number)).toBe("1");
      one.write("other", change, number);
      if (change === "write") one.write("a", "2");
      if (change === "rm") one.rm("a");
      if (change === "permit") one.permit("a", "n3 r4");
      if (change === "create") one.write("new", "");
      expect([change, one.end(number)]).toEqual([change, "!EAGAIN"]);
      expect(one.read("other")).toBe("!ENOENT");
    }
  });

  it("do not fail for what they did not look at", () => {
    const { one } = world;
    one.write("a", "1");
    one.write("b", "1");
    const number = one.begin();
    one.write("a", "2", number);
    one.write("b", "2");
    expect(one.end(number)).toBe(OK);
    expect([one.read("a"), one.read("b")]).toEqual(["2", "2"]);
  });

  it("tell the watches when they end, and not before", () => {
    const { one } = world;
    one.watch("a", "t");
    one.takeEvents();
    const number = one.begin();
    one.write("a/b", "1", number);
    expect(one.takeEvents()).toEqual([]);
    one.end(number);
    expect(one.takeEvents()).toEqual(["a/b t"]);
  });

  it("are their domain's own", () => {
    const { one, two } = world;
    const number = one.begin();
    expect(two.read("a", number)).toBe("!ENOENT");
    expect(two.end(number)).toBe("!ENOENT");
    expect(one.end(number)).toBe(OK);
  });
});

describe("domains", () => {
  it("have a path and are introduced by privileged ones", () => {
    const { one, control } = world;
    expect(one.ask(type.getDomainPath, "7\0")).toBe("/local/domain/7\0");
    expect(one.ask(type.isDomainIntroduced, "4\0")).toBe("T\0");
    expect(one.ask(type.isDomainIntroduced, "9\0")).toBe("F\0");
    expect(one.ask(type.introduce, "4\x000\x001\0")).toBe("!EACCES");
    expect(one.ask(type.release, "4\0")).toBe("!EACCES");
    expect(control.ask(type.release, "4\0")).toBe(OK);
    expect(control.ask(type.isDomainIntroduced, "4\0")).toBe("F\0");
    expect(control.ask(type.release, "4\0")).toBe("!ENOENT");
  });

  it("come again after a release, by the port that they then offer", () => {
    const { two, control } = world;
    two.watch("a", "old");
    control.ask(type.release, "4\0");
    control.write("/local/domain/4", "");
    control.permit("/local/domain/4", "n4");
    expect(control.ask(type.introduce, "4\x000\x001\0")).toBe(OK);
    two.takeEvents();
    expect(two.write("a", "1")).toBe(OK);
    expect(two.takeEvents()).toEqual([]);
  });

  it("begin anew by the ring's reconnection", () => {
    const { one } = world;
    one.watch("a", "t");
    one.takeEvents();
    one.put(Buffer.from("half a request"));
    one.domain.store32(one.ring + 2068n, 1);
    one.notify();
    one.system.settle();
    expect(one.domain.load32(one.ring + 2068n)).toBe(0);
    expect(one.write("a", "1")).toBe(OK);
    expect(one.events).toEqual([]);
  });
});
