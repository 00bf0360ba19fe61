// `xenolith run` of images: catches an image that is started although nobody who is trusted signed
// it, and a refusal with a wrong exit code.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signPack } from "../../bin/signed-image.ts";

const launcher = fileURLToPath(new URL("../../bin/xenolith", import.meta.url));
const PACK_BYTES = 4096;
let folder = "";

function run(...words: string[]) {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const ran = spawnSync(process.execPath, [launcher, "run", ...words], options);
  return { status: ran.status, stderr: ran.stderr };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-signed-"));
  const pack = Buffer.alloc(PACK_BYTES);
  pack.write("XENOPACK");
  writeFileSync(join(folder, "a.pack"), pack);
  signPack(join(folder, "a.pack"), join(folder, "release.pem"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("run", () => {
  test("refuses a changed byte and names the file", () => {
    const bytes = readFileSync(join(folder, "a.pack"));
    bytes[PACK_BYTES - 1]! ^= 1;
    writeFileSync(join(folder, "a.pack"), bytes);
    const { status, stderr } = run("a.pack", "--key", "release.pub.pem");
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "a.pack: not what was signed: its bytes changed\n",
    });
  });

  test("refuses what is not signed, and says what can be done", () => {
    rmSync(join(folder, "a.pack.dsse.json"));
    const { status, stderr } = run("a.pack", "--key", "release.pub.pem");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^a[.]pack: it is not signed .* --unsigned starts it all the same\n$/);
  });

  test("refuses a signature of another key", () => {
    signPack(join(folder, "a.pack"), join(folder, "other.pem"));
    const { status, stderr } = run("a.pack", "--key", "release.pem");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^a[.]pack[.]dsse[.]json: not signed by the key that is trusted;/);
  });

  test("refuses a key that is none", () => {
    const { status, stderr } = run("a.pack", "--key", "a.pack");
    expect(status).toBe(1);
    expect(stderr).toBe("a.pack: no key can be read there; a PEM file is wanted\n");
  });

  test.each([
    [[".", "--key", "release.pem"], "--key goes with an image"],
    [[".", "--unsigned"], "--unsigned goes with an image"],
    [["a.pack", "--unsigned", "--key", "release.pem"], "give --key or --unsigned, not both"],
  ])("%j is wrong usage", (words, message) => {
    expect(run(...words)).toEqual({ status: 2, stderr: `${message}\n` });
  });
});
