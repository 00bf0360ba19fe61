// Signed images: catches a changed byte that would be started, a key that nobody trusts, and a
// refusal that does not say what has changed.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { signatureOf, signImage, verifyImage } from "../../audit/bundle/image.ts";
import { trustedKey } from "../../audit/bundle/sign.ts";

const parts = [
  { name: "boot/xenolith.elf", offset: 100, bytes: 50 },
  { name: "boot/xenolith.pack", offset: 200, bytes: 100 },
];
let folder = "";
let image = "";
let key = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-image-"));
  [image, key] = [join(folder, "a.iso"), join(folder, "key.pem")];
  writeFileSync(image, Buffer.alloc(400, 7));
  signImage(image, key, "h", parts);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What is said when one bit of a file is another. */
function flipped(file: string, at: number): string[] {
  const before = readFileSync(file);
  const after = Buffer.from(before);
  after[at]! ^= 1 << (at % 8);
  writeFileSync(file, after);
  const problems = verifyImage(image, trustedKey(key), "h");
  writeFileSync(file, before);
  return problems;
}

describe("an image", () => {
  it("is what was signed, by either half of the key", () => {
    expect(verifyImage(image, trustedKey(key))).toEqual([]);
    expect(verifyImage(image, trustedKey(join(folder, "key.pub.pem")), "h")).toEqual([]);
  });

  it.each([
    [10, "its boot loader or file system changed"],
    [120, "boot/xenolith.elf changed"],
    [299, "boot/xenolith.pack changed"],
  ])("with another byte %i is refused: %s", (at, says) => {
    expect(flipped(image, at)).toEqual([`${image}: not what was signed: ${says}`]);
  });

  it("of another length is refused", () => {
    appendFileSync(image, "x");
    expect(verifyImage(image, trustedKey(key))[0]).toMatch(/it has 401 bytes, 400 were signed$/);
  });

  it("is refused with any changed byte of its signature", () => {
    const file = signatureOf(image);
    for (const at of readFileSync(file).keys()) {
      expect(flipped(file, at)[0]?.startsWith(`${file}: `), `byte ${at}`).toBe(true);
    }
  });

  it("is refused without a signature, and with one of another key", () => {
    const other = join(folder, "other.pem");
    signImage(image, other, "h", parts);
    expect(verifyImage(image, trustedKey(key))[0]).toMatch(/not signed by the key that is trusted/);
    rmSync(signatureOf(image));
    expect(verifyImage(image, trustedKey(key))[0]).toMatch(/it is not signed/);
  });

  it("for another build of the hypervisor is refused where that is not part of it", () => {
    expect(verifyImage(image, trustedKey(key), "i")[0]).toMatch(/another build of the hypervisor/);
  });
});
