import { rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { policiesOf } from "../../../xsm-policy/lsp/discover.ts";
import { MacroIndex } from "../../../xsm-policy/lsp/macro-index.ts";
import { LineIndex } from "../../../xsm-policy/lsp/place.ts";
import { Project } from "../../../xsm-policy/lsp/project.ts";
import { Workspace } from "../../../xsm-policy/lsp/workspace.ts";
import { POLICIES } from "../policy/support.ts";
import { FILES, writePolicy } from "./folder.ts";

let root: string;

beforeEach(() => {
  root = writePolicy({ "deep/er/more.te": "\n", "notes.md": "\n", "lower.conf": "\n" });
});
afterEach(() => rmSync(root, { recursive: true }));

const shown = (file: string): string[] =>
  policiesOf(file).map(({ kind, path: at }) => `${kind} ${path.relative(POLICIES, at)}`);

/** Would catch a file that is checked alone, or not at all. */
describe("the policies of a file", () => {
  it("are that of the nearest folder above that is marked as one", () => {
    const folder = [{ kind: "folder", path: root }];
    for (const name of ["guests.te", "base.if", "goals.assert", "users", "deep/er/more.te"]) {
      expect(policiesOf(path.join(root, name))).toEqual(folder);
    }
  });

  it("are itself for a whole policy, and none for other files", () => {
    const file = path.join(root, "lower.conf");
    expect(policiesOf(file)).toEqual([{ kind: "conf", path: file }]);
    expect(policiesOf(path.join(root, "modules.conf"))).toEqual([{ kind: "folder", path: root }]);
    expect(policiesOf(path.join(root, "notes.md"))).toEqual([]);
  });

  it("are the folder above the two halves of Xen's own", () => {
    rmSync(root, { recursive: true });
    root = writePolicy({ "xen/modules/modules.conf": "", "xen/policy/users": "" });
    for (const name of ["xen/modules/dom0.te", "xen/policy/mls"]) {
      const [{ path: found }] = policiesOf(path.join(root, name));
      expect(path.relative(root, found)).toBe("xen");
    }
  });

  it("are those that extend a folder, without it if it is not whole", () => {
    expect(shown(path.join(POLICIES, "silo/communication.te"))).toEqual(["folder silo"]);
    expect(shown(path.join(POLICIES, "dummy/domains.te"))).toEqual(["folder dummy", "folder silo"]);
    expect(shown(path.join(POLICIES, "base/base.te"))).toEqual([
      "folder dummy",
      "folder silo",
      "folder xenolith",
    ]);
  });

  it("all have the findings of a file that they share", () => {
    const workspace = new Workspace();
    const file = path.join(POLICIES, "base/base.te");
    workspace.change(file, "attribute domain_type;\n");
    const found = workspace.problems();
    const files = [...found.keys()].map((each) => path.relative(POLICIES, each));
    expect(files).toContain("dummy/domains.te");
    expect(files).toContain("xenolith/boot.te");
    workspace.close(file);
    expect([...workspace.problems().keys()]).toEqual([]);
  });
});

describe("macros in files", () => {
  const index = new MacroIndex([
    { name: "base.if", text: FILES["base.if"] },
    {
      name: "more.spt",
      text: "# define(`old', `x')\ndefine(`pair',\n`a `b' c')\ndefine(empty)\ndefine(`pair', `d')\n",
    },
  ]);

  /** Would catch a definition in a comment, and a body that ends at an inner quote. */
  it("are found with their comments and bodies", () => {
    expect([...index.all()].map(({ name, by }) => `${by} ${name}`)).toEqual([
      "interface new_guest",
      "interface never_called",
      "define pair",
      "define empty",
    ]);
    const [first, second] = index.of("pair");
    const body = ({ file, body: at }: typeof first): string => file.text.slice(at?.start, at?.end);
    expect([body(first), body(second)]).toEqual(["a `b' c", "d"]);
    expect(index.of("new_guest")[0].comment).toBe(
      "new_guest(type)\n  Declares a guest and the label of its channels.",
    );
    expect(index.of("never_called")[0].comment).toBe("");
    expect(index.of("old")).toEqual([]);
  });
});

describe("lines", () => {
  it("are counted from zero, both ways", () => {
    const lines = new LineIndex("ab\n\ncd");
    for (const offset of [0, 2, 3, 4, 5, 6]) {
      expect(lines.offset(lines.position(offset))).toBe(offset);
    }
    expect(lines.position(4)).toEqual({ line: 2, character: 0 });
    expect(lines.offset({ line: 9, character: 0 })).toBe(4);
  });
});

/** Would catch a policy that is forgotten while a statement is half written. */
describe("a policy that does not compile", () => {
  const file = (name: string): string => path.join(root, name);

  it("is known as it was when it last did", () => {
    const project = new Project({ kind: "folder", path: root });
    expect(project.snapshot.compiled.ok).toBe(true);
    project.update(new Map([[file("guests.te"), "new_guest(`a_t\n"]]));
    expect(project.snapshot.compiled.policy).toBeUndefined();
    expect(project.snapshot.known.policy?.types.map(({ name }) => name)).toContain("b_t");
    expect([...project.snapshot.occurrences()].map(({ text }) => text)).toContain("sharing");
    project.update(new Map([[file("guests.te"), "new_guest(b_t)\nnew_guest(c_t)\n"]]));
    expect(project.snapshot.known.policy?.types.map(({ name }) => name)).not.toContain("a_t");
  });
});
