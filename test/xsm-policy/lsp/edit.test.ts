import { describe, expect, it } from "vitest";
import {
  CompletionRequest,
  DocumentFormattingRequest,
  PrepareRenameRequest,
  RenameRequest,
} from "vscode-languageserver/node.js";
import { at, uriOf } from "./client.ts";
import { FILES } from "./folder.ts";
import { Session } from "./session.ts";

const session = new Session();

describe("rename", () => {
  async function rename(name: string, mark: string, newName: string): Promise<string[]> {
    const asked = { ...session.where(name, mark), newName };
    const edit = await session.client.connection.sendRequest(RenameRequest.type, asked);
    return Object.entries(edit?.changes ?? {})
      .flatMap(([uri, edits]) =>
        edits.map(({ range, newText }) => {
          const file = uri.replace(`${uriOf(session.root)}/`, "");
          return `${file}:${range.start.line}:${range.start.character} ${newText}`;
        }),
      )
      .sort();
  }

  /** Would catch a rename that breaks a pasted name, a promise, or a macro that nothing calls. */
  it("follows a type through macros, promises and expectations", async () => {
    await session.open("guests.te");
    expect(await rename("guests.te", "b_t:grant", "vault_t")).toEqual([
      "base.te:5:16 vault_t",
      "goals.assert:1:15 vault_t",
      "guests.expect:0:17 vault_t",
      "guests.te:2:10 vault_t",
      "guests.te:6:11 vault_t",
      "guests.te:8:10 vault_t_channel",
    ]);
    expect(await rename("guests.te", "a_t b_t", "c_t")).toContain("base.if:10:7 c_t");
  });

  it("renames macros, booleans and attributes", async () => {
    await session.open("guests.te");
    await session.open("base.te");
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
      "base.te:5:8 guest_type",
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
    await session.open(name);
    await expect(rename(name, mark, newName)).rejects.toThrow(message);
  });

  it("is refused while the policy has errors, and told beforehand where it can be", async () => {
    await session.open("guests.te");
    const asked = session.where("guests.te", "b_t:grant");
    const { connection } = session.client;
    expect(await connection.sendRequest(PrepareRenameRequest.type, asked)).toEqual({
      start: { line: 6, character: 11 },
      end: { line: 6, character: 14 },
    });
    const fixed = session.where("guests.te", "send");
    await expect(connection.sendRequest(PrepareRenameRequest.type, fixed)).rejects.toThrow(
      "the permission send is the hypervisor's",
    );
    await session.client.change(
      session.fileOf("guests.te"),
      at({ line: 9, character: 0 }),
      "allow a_t z_t:x y;\n",
    );
    await expect(rename("guests.te", "b_t:grant", "c_t")).rejects.toThrow("mend them first");
  });
});

describe("completion and formatting", () => {
  async function complete(before: string): Promise<string[]> {
    const text = `${FILES["guests.te"]}${before}`;
    await session.open("guests.te");
    await session.client.change(session.fileOf("guests.te"), at({ line: 9, character: 0 }), before);
    const lines = text.split("\n");
    const position = { line: lines.length - 1, character: lines[lines.length - 1].length };
    const asked = { textDocument: { uri: uriOf(session.fileOf("guests.te")) }, position };
    const found = await session.client.connection.sendRequest(CompletionRequest.type, asked);
    await session.client.close(session.fileOf("guests.te"));
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
    const file = session.fileOf("guests.te");
    const text = FILES["guests.te"].replace("allow a_t b_t_channel", "allow   a_t  b_t_channel");
    await session.client.open(file, text);
    const asked = {
      textDocument: { uri: uriOf(file) },
      options: { tabSize: 8, insertSpaces: false },
    };
    const { connection } = session.client;
    const [edit] = (await connection.sendRequest(DocumentFormattingRequest.type, asked)) ?? [];
    expect(edit.newText).toBe(FILES["guests.te"]);
    await session.client.change(file, at({ line: 0, character: 0 }), "interface(`x\n");
    expect(await connection.sendRequest(DocumentFormattingRequest.type, asked)).toEqual([]);
  });
});
