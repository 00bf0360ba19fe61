import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CompletionRequest,
  DefinitionRequest,
  type Diagnostic,
  DiagnosticSeverity,
  DocumentFormattingRequest,
  HoverRequest,
  type Location,
  type MarkupContent,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
} from "vscode-languageserver/node.js";
import { hasXenData, xenData } from "../compiler/sample.ts";
import { at, Client, find, uriOf } from "./client.ts";
import { FILES, writePolicy } from "./folder.ts";

let client: Client;
let root: string;

beforeAll(async () => {
  client = new Client();
  await client.start();
});
afterAll(async () => {
  expect(await client.stop()).toBe(0);
  expect(client.errors).toBe("");
});
beforeEach(() => {
  root = writePolicy();
});
afterEach(() => rmSync(root, { recursive: true }));

const fileOf = (name: string): string => path.join(root, name);

/** Opens a file of the folder. */
function open(name: string, text = FILES[name]): Promise<Diagnostic[]> {
  return client.open(fileOf(name), text);
}

/** `line:character-character severity code: message`, first line of the message only. */
function shown({ range, severity, code, message }: Diagnostic): string {
  const { start, end } = range;
  const name = Object.keys(DiagnosticSeverity).find(
    (key) => DiagnosticSeverity[key as keyof typeof DiagnosticSeverity] === severity,
  );
  return `${start.line}:${start.character}-${end.character} ${name} ${code}: ${message.split("\n")[0]}`;
}

/** `file:line:character`, relative to the folder. */
function places(locations: unknown): string[] {
  return (locations as Location[]).map(({ uri, range }) => {
    const file = uri.replace(`${uriOf(root)}/`, "").replace(/^.*\/policy\/flask\//, "flask/");
    return `${file}:${range.start.line}:${range.start.character}`;
  });
}

const where = (name: string, mark: string, offset = 0, count = 1) => ({
  textDocument: { uri: uriOf(fileOf(name)) },
  position: find(FILES[name], mark, offset, count),
});

describe("diagnostics", () => {
  /** Would catch a check of the text before the change, and a finding that stays. */
  it("follow the text as it is changed", async () => {
    expect(await open("guests.te")).toEqual([]);
    const word = find(FILES["guests.te"], "b_t:grant");
    const typed = await client.change(fileOf("guests.te"), at(word), "x");
    expect(typed.map(shown)).toEqual(["6:11-15 Error unknown-type: unknown type 'xb_t'"]);
    const back = { start: word, end: { ...word, character: word.character + 1 } };
    expect(await client.change(fileOf("guests.te"), back, "")).toEqual([]);
  });

  /** Would catch an error that only shows in the file that is open. */
  it("show in files that are not open, with the macro calls that lead there", async () => {
    await open("guests.te");
    const call = find(FILES["guests.te"], "new_guest(b_t)", "new_guest(".length);
    const range = { start: call, end: { ...call, character: call.character + 3 } };
    await client.change(fileOf("guests.te"), range, "a_t");
    const [first] = client.lastOf(fileOf("guests.te")) ?? [];
    expect(shown(first)).toContain("Error duplicate: 'a_t' is declared twice");
    expect(first.relatedInformation?.map(({ message }) => message)).toContain("in new_guest()");

    await open("base.if", FILES["base.if"].replace("{ create send }", "{ create sent }"));
    const found = client.lastOf(fileOf("base.if")) ?? [];
    expect(found.map(shown)[0]).toContain("5:36-40 Error unknown-permission: ");
  });

  /** Would catch a linter that is not run, or that speaks while the policy has errors. */
  it("hold what the linter finds", async () => {
    const text = `${FILES["guests.te"]}type idle_t;\n`;
    await open("guests.te", text);
    const [found] = await client.until(fileOf("guests.te"), ({ code }) => code === "L030");
    expect(shown(found)).toBe("9:5-11 Warning L030: no rule speaks of the type idle_t");
    const line = at({ line: 10, character: 0 });
    const broken = await client.change(fileOf("guests.te"), line, "allow;\n");
    expect(broken.map(shown).join("\n")).not.toContain("L030");
  });

  it("are taken back for what is closed and for what is mended elsewhere", async () => {
    await open("base.if", FILES["base.if"].replace("$1_channel;", "$1_chanel;"));
    const [used] = client.lastOf(fileOf("guests.te")) ?? [];
    expect(shown(used)).toContain("unknown type 'a_t_channel'");
    await client.close(fileOf("base.if"));
    await open("guests.te");
    expect(client.lastOf(fileOf("guests.te"))).toEqual([]);
  });

  it("are none for a document that is no policy", async () => {
    expect(await client.open(fileOf("notes.txt"), "allow everything;\n")).toEqual([]);
    const asked = { textDocument: { uri: "untitled:1" }, position: { line: 0, character: 0 } };
    expect(await client.connection.sendRequest(HoverRequest.type, asked)).toBeNull();
  });
});

describe("hover", () => {
  async function hover(name: string, mark: string, offset = 0, count = 1): Promise<string> {
    const asked = where(name, mark, offset, count);
    const found = await client.connection.sendRequest(HoverRequest.type, asked);
    return found === null ? "" : (found.contents as MarkupContent).value.replaceAll(root, "ROOT");
  }

  /** Would catch a hover on the wrong word, and one that explains nothing. */
  it("explains types, attributes and booleans", async () => {
    await open("guests.te");
    await open("base.te");
    const type = await hover("guests.te", "b_t:grant");
    expect(type).toContain("**type** `b_t`\n\nAttributes: `guests`.\n\nRoles: `r`.");
    expect(type).toContain("Source of 2 and target of 2 allow rules.");
    expect(await hover("base.te", "guests", 0, 3)).toContain("2 types: `a_t`, `b_t`.");
    const boolean = await hover("guests.te", "sharing)");
    expect(boolean).toContain("**boolean** `sharing`, declared true");
  });

  it("explains a permission by the rules that grant it there, and what asks for it", async () => {
    await open("guests.te");
    const text = await hover("guests.te", "send");
    expect(text).toContain("**permission** `send` of class `event`");
    expect(text).toContain("Asked for by `event_channel_op send`.");
    expect(text).toContain("ROOT/guests.te:9: allow a_t b_t_channel:event send;");
    expect(text).not.toContain("base.if");
  });

  it("explains a rule, with its condition", async () => {
    await open("guests.te");
    const text = await hover("guests.te", "allow");
    expect(text).toContain("Sources: `a_t`.\n\nTargets: `b_t`.\n\nHolds if `sharing`.");
  });

  it("explains macros, and tells which calls lead to a place in one", async () => {
    await open("guests.te");
    await open("base.if");
    const call = await hover("guests.te", "new_guest");
    expect(call).toContain("**interface** `new_guest`\n\nnew_guest(type)\n  Declares a guest");
    expect(call).toContain("```\ntype $1, guests;\ntype $1_channel;");
    const inside = await hover("base.if", "guests;");
    expect(inside).toContain("**attribute** `guests`");
    expect(inside).toContain(
      "- in `new_guest()` at guests.te:2\n- in `new_guest()` at guests.te:3",
    );
  });

  it("says nothing in comments", async () => {
    await open("goals.assert");
    await open("base.if");
    expect(await hover("base.if", "guest and")).toBe("");
  });
});

describe("definition and references", () => {
  async function definition(name: string, mark: string, offset = 0, count = 1): Promise<string[]> {
    const asked = where(name, mark, offset, count);
    return places(await client.connection.sendRequest(DefinitionRequest.type, asked));
  }

  /** Would catch a way that ends at the macro, or at the call, when the other was meant. */
  it("cross macros both ways", async () => {
    await open("guests.te");
    await open("base.if");
    expect(await definition("guests.te", "new_guest")).toEqual(["base.if:2:11"]);
    expect(await definition("guests.te", "b_t:grant")).toEqual(["guests.te:2:10"]);
    expect(await definition("guests.te", "b_t_channel")).toEqual(["guests.te:2:10"]);
    expect(await definition("base.if", "guests;")).toEqual(["base.te:0:10"]);
    expect(await definition("base.if", "a_t $1")).toEqual(["guests.te:1:10"]);
  });

  it("lead into the built-in tables", async () => {
    await open("guests.te");
    expect((await definition("guests.te", "send"))[0]).toMatch(/^flask\/access_vectors:\d+:\d+$/);
    expect((await definition("guests.te", "grant"))[0]).toMatch(/^flask\/security_classes:\d+:6$/);
  });

  it("find all uses, once each", async () => {
    await open("guests.te");
    const asked = { ...where("guests.te", "a_t b_t"), context: { includeDeclaration: true } };
    const found = await client.connection.sendRequest(ReferencesRequest.type, asked);
    expect(places(found)).toEqual(["guests.te:1:10", "guests.te:6:7", "guests.te:8:6"]);
    const calls = { ...where("guests.te", "new_guest"), context: { includeDeclaration: false } };
    const called = await client.connection.sendRequest(ReferencesRequest.type, calls);
    expect(places(called)).toEqual(["guests.te:1:0", "guests.te:2:0"]);
  });
});

describe("rename", () => {
  async function rename(name: string, mark: string, newName: string): Promise<string[]> {
    const asked = { ...where(name, mark), newName };
    const edit = await client.connection.sendRequest(RenameRequest.type, asked);
    return Object.entries(edit?.changes ?? {})
      .flatMap(([uri, edits]) =>
        edits.map(({ range, newText }) => {
          const file = uri.replace(`${uriOf(root)}/`, "");
          return `${file}:${range.start.line}:${range.start.character} ${newText}`;
        }),
      )
      .sort();
  }

  /** Would catch a rename that breaks a pasted name, a promise, or a macro that nothing calls. */
  it("follows a type through macros, promises and expectations", async () => {
    await open("guests.te");
    expect(await rename("guests.te", "b_t:grant", "vault_t")).toEqual([
      "goals.assert:1:15 vault_t",
      "guests.expect:0:17 vault_t",
      "guests.te:2:10 vault_t",
      "guests.te:6:11 vault_t",
      "guests.te:8:10 vault_t_channel",
    ]);
    expect(await rename("guests.te", "a_t b_t", "c_t")).toContain("base.if:10:7 c_t");
  });

  it("renames macros, booleans and attributes", async () => {
    await open("guests.te");
    await open("base.te");
    expect(await rename("guests.te", "new_guest", "make_guest")).toEqual([
      "base.if:2:11 make_guest",
      "guests.te:1:0 make_guest",
      "guests.te:2:0 make_guest",
    ]);
    expect(await rename("guests.te", "sharing)", "open")).toEqual([
      "guests.expect:0:41 open",
      "guests.te:4:5 open",
      "guests.te:5:4 open",
    ]);
    expect(await rename("base.te", "guests;", "guest_type")).toEqual([
      "base.if:3:10 guest_type",
      "base.te:0:10 guest_type",
      "base.te:3:13 guest_type",
      "base.te:4:6 guest_type",
    ]);
  });

  /** Would catch a rename that changes what the policy says. */
  it.each([
    ["guests.te", "b_t:grant", "a_t", "there is something called a_t already"],
    ["guests.te", "b_t:grant", "b t", "'b t' cannot be a name"],
    ["guests.te", "b_t:grant", "allow", "'allow' cannot be a name"],
    ["guests.te", "b_t_channel", "c_t", "a macro makes this name: rename what it is made of"],
    ["guests.te", "send", "transmit", "the permission send is the hypervisor's"],
    ["guests.te", "grant", "grants", "the class grant is the hypervisor's"],
    ["guests.te", "Two", "Three", "nothing that has a name stands here"],
  ])("refuses in %s, at %s, the name %s", async (name, mark, newName, message) => {
    await open(name);
    await expect(rename(name, mark, newName)).rejects.toThrow(message);
  });

  it("is refused while the policy has errors, and told beforehand where it can be", async () => {
    await open("guests.te");
    const asked = where("guests.te", "b_t:grant");
    const { connection } = client;
    expect(await connection.sendRequest(PrepareRenameRequest.type, asked)).toEqual({
      start: { line: 6, character: 11 },
      end: { line: 6, character: 14 },
    });
    const fixed = where("guests.te", "send");
    await expect(connection.sendRequest(PrepareRenameRequest.type, fixed)).rejects.toThrow(
      "the permission send is the hypervisor's",
    );
    await client.change(fileOf("guests.te"), at({ line: 9, character: 0 }), "allow a_t z_t:x y;\n");
    await expect(rename("guests.te", "b_t:grant", "c_t")).rejects.toThrow("mend them first");
  });
});

describe("completion and formatting", () => {
  async function complete(before: string): Promise<string[]> {
    const text = `${FILES["guests.te"]}${before}`;
    await open("guests.te");
    await client.change(fileOf("guests.te"), at({ line: 9, character: 0 }), before);
    const lines = text.split("\n");
    const position = { line: lines.length - 1, character: lines[lines.length - 1].length };
    const asked = { textDocument: { uri: uriOf(fileOf("guests.te")) }, position };
    const found = await client.connection.sendRequest(CompletionRequest.type, asked);
    await client.close(fileOf("guests.te"));
    return (found as { label: string }[]).map(({ label }) => label);
  }

  /** Would catch a list that offers what cannot stand there. */
  it("offers what may begin a statement", async () => {
    const found = await complete("");
    expect(found).toContain("allow");
    expect(found).toContain("new_guest");
    expect(found).not.toContain("a_t");
  });

  it.each([
    ["allow a_t b_t:", "event", "a_t"],
    ["allow a_t b_t:event ", "bind", "copy"],
    ["allow a_t b_t:event { bind ", "send", "event"],
    ["allow a_t b_t:{ event grant } ", undefined, "bind"],
    ["allow a_t ", "b_t_channel", "sharing"],
    ["neverallow { a_t ", "guests", "allow"],
    ["type c_t, ", "guests", "a_t"],
    ["if (", "sharing", "a_t"],
    ["if (sharing) {\n\tall", "allow", "a_t"],
    ["user v roles { ", "r", "a_t"],
    ["role r types ", "a_t", "r"],
    ["new_guest(", "guests", "allow"],
    ["# allow a_t ", undefined, "a_t"],
  ])("after %j offers %s and not %s", async (before, offered, absent) => {
    const found = await complete(before);
    if (offered === undefined) expect(found).toEqual([]);
    else expect(found).toContain(offered);
    expect(found).not.toContain(absent);
  });

  it("formats, and leaves alone what is not closed", async () => {
    const file = fileOf("guests.te");
    const text = FILES["guests.te"].replace("allow a_t b_t_channel", "allow   a_t  b_t_channel");
    await client.open(file, text);
    const asked = {
      textDocument: { uri: uriOf(file) },
      options: { tabSize: 8, insertSpaces: false },
    };
    const { connection } = client;
    const [edit] = (await connection.sendRequest(DocumentFormattingRequest.type, asked)) ?? [];
    expect(edit.newText).toBe(FILES["guests.te"]);
    await client.change(file, at({ line: 0, character: 0 }), "interface(`x\n");
    expect(await connection.sendRequest(DocumentFormattingRequest.type, asked)).toEqual([]);
  });
});

/** Would catch positions that `#line` moves, and a server that cannot take a whole policy. */
describe.skipIf(!hasXenData)("Xen's own policy (skipped without its data)", () => {
  const text = xenData("policy.conf");

  it("is checked as it is edited", async () => {
    const file = fileOf("policy.conf");
    await client.open(file, text);
    const [dead] = await client.until(file, ({ code }) => code === "L012");
    expect(dead.range.start).toEqual(find(text, "    set_vnumainfo", 4));
    const rule = find(text, "allow dom0_t xen_t:xen {");
    const broken = await client.change(file, at(rule), "allow nobody_t xen_t:xen kexec;\n");
    const errors = broken.filter(({ severity }) => severity === DiagnosticSeverity.Error);
    expect(errors.map(shown)).toEqual([
      `${rule.line}:6-14 Error unknown-type: unknown type 'nobody_t'`,
    ]);
    const mended = await client.change(
      file,
      { start: { line: rule.line, character: 6 }, end: { line: rule.line, character: 14 } },
      "dom0_t",
    );
    expect(mended.filter(({ severity }) => severity === DiagnosticSeverity.Error)).toEqual([]);
  });

  it("is explained", async () => {
    const file = fileOf("policy.conf");
    await client.open(file, text);
    const position = find(text, "allow domain_type domain_type:argo { send", 38);
    const asked = { textDocument: { uri: uriOf(file) }, position };
    const hover = await client.connection.sendRequest(HoverRequest.type, asked);
    const { value } = hover!.contents as MarkupContent;
    expect(value).toContain("**permission** `send` of class `argo`");
    expect(value).toContain("allow domain_type domain_type:argo { send register_single_source };");
    const defined = await client.connection.sendRequest(DefinitionRequest.type, {
      ...asked,
      position: find(text, "allow domain_type domain_type:argo", 8),
    });
    expect((defined as Location[])[0].range.start).toEqual(find(text, "attribute domain_type", 10));
  });
});
