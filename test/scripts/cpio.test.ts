// What would be caught: an initramfs that Linux does not unpack, or that differs between two
// builds.

import { describe, expect, test } from "vitest";
import { CHARACTER_DEVICE, complete, cpio, type Entry, REGULAR } from "../../scripts/cpio.ts";

interface Member {
  readonly path: string;
  readonly mode: number;
  readonly data: string;
  readonly device: readonly [number, number];
}

/** Reads an archive as Linux does: headers of hexadecimal digits, everything padded to 4 bytes. */
function read(archive: Uint8Array): Member[] {
  const bytes = Buffer.from(archive);
  const members: Member[] = [];
  const padded = (at: number): number => Math.ceil(at / 4) * 4;
  for (let at = 0; ; ) {
    expect(bytes.toString("latin1", at, at + 6)).toBe("070701");
    const field = (index: number): number =>
      Number.parseInt(bytes.toString("latin1", at + 6 + index * 8, at + 14 + index * 8), 16);
    const name = at + 110;
    const path = bytes.toString("utf8", name, name + field(11) - 1);
    const data = padded(name + field(11));
    if (path === "TRAILER!!!") return members;
    const device = [field(9), field(10)] as const;
    expect([field(2), field(3), field(5), field(12)]).toEqual([0, 0, 0, 0]);
    const text = bytes.toString("utf8", data, data + field(6));
    members.push({ path, mode: field(1), data: text, device });
    at = padded(data + field(6));
  }
}

const file = (path: string, text: string): Entry => {
  return { path, mode: REGULAR | 0o644, data: new TextEncoder().encode(text) };
};

describe("a cpio archive", () => {
  test("has every entry, its folders before it", () => {
    const console: Entry = { path: "dev/console", mode: CHARACTER_DEVICE | 0o600, device: [5, 1] };
    const members = read(cpio([file("usr/bin/a", "12345"), console, file("init", "")]));
    expect(members.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
      "dev 40755",
      "dev/console 20600",
      "init 100644",
      "usr 40755",
      "usr/bin 40755",
      "usr/bin/a 100644",
    ]);
    expect(members.at(-1)?.data).toBe("12345");
    expect(members[1]?.device).toEqual([5, 1]);
  });

  test("is the same bytes for the same entries in another order", () => {
    const entries = ["b", "a/x", "a/b/c"].map((path) => file(path, path));
    expect(Buffer.compare(cpio(entries), cpio([...entries].reverse()))).toBe(0);
  });

  test("keeps the last of two entries of one path", () => {
    expect(complete([file("a", "1"), file("a", "2")]).map(({ data }) => data?.[0])).toEqual([0x32]);
  });
});
