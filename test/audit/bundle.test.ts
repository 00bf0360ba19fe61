// Bundles: catches a changed, added or missing file that `verify` would let pass, and a signature
// that another key made.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { signFolder } from "../../audit/bundle/build.ts";
import { ATTESTATION, PUBLIC_KEY, writeFiles } from "../../audit/bundle/files.ts";
import { trustedKey } from "../../audit/bundle/sign.ts";
import { compareEvidence, verifyBundle } from "../../audit/bundle/verify.ts";

const files = new Map([
  ["evidence/a.json", "{}\n"],
  ["evidence/b/c.json", "[1, 2]\n"],
  ["index.html", "<!doctype html>\n"],
]);
let folder = "";
let work = "";

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "xenolith-sign-"));
  folder = join(work, "bundle");
  writeFiles(folder, files);
  signFolder(folder, join(work, "key.pem"), "core", "2027-01-31T00:00:00Z");
});

afterEach(() => rmSync(work, { recursive: true }));

describe("a bundle", () => {
  it("is as it was signed", () => {
    expect(verifyBundle(folder)).toEqual([]);
    expect(verifyBundle(folder, trustedKey(join(work, "key.pem")))).toEqual([]);
  });

  it.each([...files.keys(), ATTESTATION, PUBLIC_KEY])("tells any changed byte of %s", (name) => {
    const file = join(folder, name);
    const before = readFileSync(file);
    for (const at of before.keys()) {
      const after = Buffer.from(before);
      after[at]! ^= 1 << (at % 8);
      writeFileSync(file, after);
      const named = verifyBundle(folder).map((problem) => problem.replace(/: .*$/, ""));
      expect(named).toContain(name);
    }
  });

  it("tells a file that was added, and one that is gone", () => {
    writeFileSync(join(folder, "more.txt"), "");
    rmSync(join(folder, "index.html"));
    expect(verifyBundle(folder)).toEqual(["more.txt: was not signed", "index.html: is missing"]);
  });

  it("is not taken from another key than the one that is trusted", () => {
    const other = join(work, "other.pem");
    signFolder(join(work, "bundle"), other, "core", "2027-01-31T00:00:00Z");
    expect(verifyBundle(folder)).toEqual([]);
    expect(verifyBundle(folder, trustedKey(join(work, "key.pem")))[0]).toMatch(/another key/);
  });

  it("differs from a tree that gives other evidence", () => {
    const fresh = new Map([["evidence/a.json", "{}\n"]]);
    expect(compareEvidence(folder, fresh)).toEqual([
      "evidence/b/c.json: this tree does not give it",
    ]);
    appendFileSync(join(folder, "evidence/a.json"), " ");
    expect(compareEvidence(folder, fresh)[0]).toMatch(/^evidence\/a.json: /);
  });
});
