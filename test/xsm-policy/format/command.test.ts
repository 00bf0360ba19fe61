import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fmtCommand } from "../../../xsm-policy/format/command.ts";
import { leave, listen, runCommand, said } from "../said.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "xenolith-format-"));
  listen(root);
});
afterEach(() => leave(root));

const run = (...words: string[]) => runCommand(fmtCommand(), words);

/** Would catch a check that writes, a folder that is not searched, a file that is not source. */
describe("fmt", () => {
  beforeEach(() => {
    mkdirSync(path.join(root, "modules"));
    writeFileSync(path.join(root, "modules", "a.te"), "type  a_t ;\n");
    writeFileSync(path.join(root, "users"), "user u roles r;\n");
    writeFileSync(path.join(root, "modules.conf"), "a  =  on\n");
  });

  it("formats the sources of a folder, once", async () => {
    expect(await run(root)).toBe(0);
    expect(said.output).toBe("ROOT/modules/a.te: formatted\n");
    expect(readFileSync(path.join(root, "modules", "a.te"), "utf8")).toBe("type a_t;\n");
    expect(readFileSync(path.join(root, "modules.conf"), "utf8")).toBe("a  =  on\n");
    said.output = "";
    expect(await run(root)).toBe(0);
    expect(said.output).toBe("");
  });

  it("names what it would change with --check, and changes nothing", async () => {
    expect(await run("--check", root)).toBe(1);
    expect(said.errors).toBe("ROOT/modules/a.te: is not formatted\n");
    expect(readFileSync(path.join(root, "modules", "a.te"), "utf8")).toBe("type  a_t ;\n");
  });

  it("says which file and line it cannot read", async () => {
    writeFileSync(path.join(root, "b.if"), "\ninterface(`x\n");
    expect(await run(root, path.join(root, "none"))).toBe(1);
    expect(said.errors).toContain("ROOT/b.if:2:1: error: the quote ` is not closed");
    expect(said.errors).toContain("ROOT/none: ENOENT");
  });
});
