import { describe, expect, it } from "vitest";
import {
  DefinitionRequest,
  type Diagnostic,
  DiagnosticSeverity,
  HoverRequest,
  type Location,
  type MarkupContent,
  ReferencesRequest,
} from "vscode-languageserver/node.js";
import { hasXenData, xenData } from "../compiler/sample.ts";
import { at, find, uriOf } from "./client.ts";
import { FILES } from "./folder.ts";
import { Session } from "./session.ts";

const session = new Session();

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
    const file = uri
      .replace(`${uriOf(session.root)}/`, "")
      .replace(/^.*\/policy\/flask\//, "flask/");
    return `${file}:${range.start.line}:${range.start.character}`;
  });
}

describe("diagnostics", () => {
  /** Would catch a check of the text before the change, and a finding that stays. */
  it("follow the text as it is changed", async () => {
    expect(await session.open("guests.te")).toEqual([]);
    const word = find(FILES["guests.te"], "b_t:grant");
    const typed = await session.client.change(session.fileOf("guests.te"), at(word), "x");
    expect(typed.map(shown)).toEqual(["6:11-15 Error unknown-type: unknown type 'xb_t'"]);
    const back = { start: word, end: { ...word, character: word.character + 1 } };
    expect(await session.client.change(session.fileOf("guests.te"), back, "")).toEqual([]);
  });

  /** Would catch an error that only shows in the file that is open. */
  it("show in files that are not open, with the macro calls that lead there", async () => {
    await session.open("guests.te");
    const call = find(FILES["guests.te"], "new_guest(b_t)", "new_guest(".length);
    const range = { start: call, end: { ...call, character: call.character + 3 } };
    await session.client.change(session.fileOf("guests.te"), range, "a_t");
    const [first] = session.client.lastOf(session.fileOf("guests.te")) ?? [];
    expect(shown(first)).toContain("Error duplicate: 'a_t' is declared twice");
    expect(first.relatedInformation?.map(({ message }) => message)).toContain("in new_guest()");

    await session.open("base.if", FILES["base.if"].replace("{ create send }", "{ create sent }"));
    const found = session.client.lastOf(session.fileOf("base.if")) ?? [];
    expect(found.map(shown)[0]).toContain("5:36-40 Error unknown-permission: ");
  });

  /** Would catch a linter that is not run, or that speaks while the policy has errors. */
  it("hold what the linter finds", async () => {
    const text = `${FILES["guests.te"]}type idle_t;\n`;
    await session.open("guests.te", text);
    const [found] = await session.client.until(
      session.fileOf("guests.te"),
      ({ code }) => code === "L030",
    );
    expect(shown(found)).toBe("9:5-11 Warning L030: no rule speaks of the type idle_t");
    const line = at({ line: 10, character: 0 });
    const broken = await session.client.change(session.fileOf("guests.te"), line, "allow;\n");
    expect(broken.map(shown).join("\n")).not.toContain("L030");
  });

  it("are taken back for what is closed and for what is mended elsewhere", async () => {
    await session.open("base.if", FILES["base.if"].replace("$1_channel;", "$1_chanel;"));
    const [used] = session.client.lastOf(session.fileOf("guests.te")) ?? [];
    expect(shown(used)).toContain("unknown type 'a_t_channel'");
    await session.client.close(session.fileOf("base.if"));
    await session.open("guests.te");
    expect(session.client.lastOf(session.fileOf("guests.te"))).toEqual([]);
  });

  it("are none for a document that is no policy", async () => {
    expect(await session.client.open(session.fileOf("notes.txt"), "allow everything;\n")).toEqual(
      [],
    );
    const asked = { textDocument: { uri: "untitled:1" }, position: { line: 0, character: 0 } };
    expect(await session.client.connection.sendRequest(HoverRequest.type, asked)).toBeNull();
  });
});

describe("hover", () => {
  async function hover(name: string, mark: string, offset = 0, count = 1): Promise<string> {
    const asked = session.where(name, mark, offset, count);
    const found = await session.client.connection.sendRequest(HoverRequest.type, asked);
    return found === null
      ? ""
      : (found.contents as MarkupContent).value.replaceAll(session.root, "ROOT");
  }

  /** Would catch a hover on the wrong word, and one that explains nothing. */
  it("explains types, attributes and booleans", async () => {
    await session.open("guests.te");
    await session.open("base.te");
    const type = await hover("guests.te", "b_t:grant");
    expect(type).toContain("**type** `b_t`\n\nAttributes: `guests`.\n\nRoles: `r`.");
    expect(type).toContain("Source of 2 and target of 2 allow rules.");
    expect(await hover("base.te", "guests", 0, 3)).toContain("2 types: `a_t`, `b_t`.");
    const boolean = await hover("guests.te", "sharing)");
    expect(boolean).toContain("**boolean** `sharing`, declared true");
  });

  it("explains a permission by the rules that grant it there, and what asks for it", async () => {
    await session.open("guests.te");
    const text = await hover("guests.te", "send");
    expect(text).toContain("**permission** `send` of class `event`");
    expect(text).toContain("Asked for by `event_channel_op send`.");
    expect(text).toContain("ROOT/guests.te:9: allow a_t b_t_channel:event send;");
    expect(text).not.toContain("base.if");
  });

  it("explains a rule, with its condition", async () => {
    await session.open("guests.te");
    const text = await hover("guests.te", "allow");
    expect(text).toContain("Sources: `a_t`.\n\nTargets: `b_t`.\n\nHolds if `sharing`.");
  });

  it("explains macros, and tells which calls lead to a place in one", async () => {
    await session.open("guests.te");
    await session.open("base.if");
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
    await session.open("goals.assert");
    await session.open("base.if");
    expect(await hover("base.if", "guest and")).toBe("");
  });
});

describe("definition and references", () => {
  async function definition(name: string, mark: string, offset = 0, count = 1): Promise<string[]> {
    const asked = session.where(name, mark, offset, count);
    return places(await session.client.connection.sendRequest(DefinitionRequest.type, asked));
  }

  /** Would catch a way that ends at the macro, or at the call, when the other was meant. */
  it("cross macros both ways", async () => {
    await session.open("guests.te");
    await session.open("base.if");
    expect(await definition("guests.te", "new_guest")).toEqual(["base.if:2:11"]);
    expect(await definition("guests.te", "b_t:grant")).toEqual(["guests.te:2:10"]);
    expect(await definition("guests.te", "b_t_channel")).toEqual(["guests.te:2:10"]);
    expect(await definition("base.if", "guests;")).toEqual(["base.te:0:10"]);
    expect(await definition("base.if", "a_t $1")).toEqual(["guests.te:1:10"]);
  });

  it("lead into the built-in tables", async () => {
    await session.open("guests.te");
    expect((await definition("guests.te", "send"))[0]).toMatch(/^flask\/access_vectors:\d+:\d+$/);
    expect((await definition("guests.te", "grant"))[0]).toMatch(/^flask\/security_classes:\d+:6$/);
  });

  it("find all uses, once each", async () => {
    await session.open("guests.te");
    const asked = {
      ...session.where("guests.te", "a_t b_t"),
      context: { includeDeclaration: true },
    };
    const found = await session.client.connection.sendRequest(ReferencesRequest.type, asked);
    expect(places(found)).toEqual(["guests.te:1:10", "guests.te:6:7", "guests.te:8:6"]);
    const calls = {
      ...session.where("guests.te", "new_guest"),
      context: { includeDeclaration: false },
    };
    const called = await session.client.connection.sendRequest(ReferencesRequest.type, calls);
    expect(places(called)).toEqual(["guests.te:1:0", "guests.te:2:0"]);
  });
});

/** Would catch positions that `#line` moves, and a server that cannot take a whole policy. */
describe.skipIf(!hasXenData)("Xen's own policy (skipped without its data)", () => {
  // A suite is read even where it is skipped.
  const text = hasXenData ? xenData("policy.conf") : "";

  it("is checked as it is edited", async () => {
    const file = session.fileOf("policy.conf");
    await session.client.open(file, text);
    const [dead] = await session.client.until(file, ({ code }) => code === "L012");
    expect(dead.range.start).toEqual(find(text, "    set_vnumainfo", 4));
    const rule = find(text, "allow dom0_t xen_t:xen {");
    const broken = await session.client.change(file, at(rule), "allow nobody_t xen_t:xen kexec;\n");
    const errors = broken.filter(({ severity }) => severity === DiagnosticSeverity.Error);
    expect(errors.map(shown)).toEqual([
      `${rule.line}:6-14 Error unknown-type: unknown type 'nobody_t'`,
    ]);
    const mended = await session.client.change(
      file,
      { start: { line: rule.line, character: 6 }, end: { line: rule.line, character: 14 } },
      "dom0_t",
    );
    expect(mended.filter(({ severity }) => severity === DiagnosticSeverity.Error)).toEqual([]);
  });

  it("is explained", async () => {
    const file = session.fileOf("policy.conf");
    await session.client.open(file, text);
    const position = find(text, "allow domain_type domain_type:argo { send", 38);
    const asked = { textDocument: { uri: uriOf(file) }, position };
    const hover = await session.client.connection.sendRequest(HoverRequest.type, asked);
    const { value } = hover!.contents as MarkupContent;
    expect(value).toContain("**permission** `send` of class `argo`");
    expect(value).toContain("allow domain_type domain_type:argo { send register_single_source };");
    const defined = await session.client.connection.sendRequest(DefinitionRequest.type, {
      ...asked,
      position: find(text, "allow domain_type domain_type:argo", 8),
    });
    expect((defined as Location[])[0].range.start).toEqual(find(text, "attribute domain_type", 10));
  });
});

/** Would catch a server that loses track of the text, or that a text can bring down. */
describe("many edits", () => {
  it("leave the same findings as the text that they end in", async () => {
    const words = ["a_t", "zz_t", ";", "{", "}", "`", "'", ":", "\n", "allow ", "grant", "# x\n"];
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return seed % below;
    };
    let text = FILES["guests.te"];
    await session.open("guests.te");
    for (let edit = 0; edit < 60; edit++) {
      const start = random(text.length);
      const end = Math.min(text.length, start + random(4));
      const word = words[random(words.length)];
      const range = { start: positionIn(text, start), end: positionIn(text, end) };
      await session.client.change(session.fileOf("guests.te"), range, word);
      text = text.slice(0, start) + word + text.slice(end);
    }
    const edited = session.client.lastOf(session.fileOf("guests.te"))?.map(shown);
    await session.client.close(session.fileOf("guests.te"));
    expect((await session.open("guests.te", text)).map(shown)).toEqual(edited);
    expect(edited?.length).toBeGreaterThan(0);
  });

  it.each([
    ["nothing", ""],
    ["no text", "\0\x01\x02"],
    ["one long word", "a".repeat(300_000)],
    ["deep braces", `allow ${"{ ".repeat(20_000)}`],
    ["open quotes", "interface(`a', `".repeat(2000)],
    ["a macro that calls itself", "define(`again', `again')\nagain\n"],
  ])("to a text of %s are survived", async (_name, text) => {
    await session.open("guests.te", text);
    await session.open("base.te");
    const asked = session.where("base.te", "guests");
    expect(
      await session.client.connection.sendRequest(HoverRequest.type, asked),
    ).not.toBeUndefined();
  });
});

function positionIn(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length - 1;
  return { line, character: offset - before.lastIndexOf("\n") - 1 };
}
