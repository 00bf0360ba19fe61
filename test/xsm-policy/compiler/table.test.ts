/** The dense table: its bytes, its labels, and that each cell is the decision for its contexts. */

import { describe, expect, it } from "vitest";
import { classNames, permissionsOf } from "../../../tcb/core/hooks.ts";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import {
  buildTable,
  decodeTable,
  domainsOf,
  encodeTable,
  NO_LABEL,
  TABLE_HEADER_BYTES,
  TableError,
  tableBytes,
} from "../../../xsm-policy/compiler/table.ts";
import { hasXenData, xenData } from "./sample.ts";

const LABELS = 128;
const CLASSES = 16;

/** A policy over the core's own classes; `rules` and `roleTypes` complete it. */
function corePolicy(rules: string, types: readonly string[] = []): string {
  const names = classNames.map((name) => `class ${name}`);
  const vectors = classNames.map((name) => `class ${name} { ${permissionsOf(name).join(" ")} }`);
  const own = ["boot_t", "xen_t", "guest_t", "guest_t_self", "guest_t_channel", "free_t", ...types];
  const sids = ["xenboot", "xen", "dom0", "domio", "domxen", "unlabeled"];
  return [
    ...names,
    ...sids.map((sid) => `sid ${sid}`),
    ...vectors,
    ...own.map((type) => `type ${type};`),
    "type_transition guest_t guest_t:domain guest_t_self;",
    "type_transition guest_t guest_t:event guest_t_channel;",
    rules,
    "role system_r;",
    `role system_r types { ${own.filter((type) => !type.endsWith("channel")).join(" ")} };`,
    "user system_u roles system_r;",
    "sid xenboot system_u:system_r:boot_t",
    "sid xen system_u:system_r:xen_t",
    "sid unlabeled system_u:system_r:free_t",
    "",
  ].join("\n");
}

function tableOf(rules: string, labels: string[], types: readonly string[] = []) {
  const result = compile({ name: "core.conf", text: corePolicy(rules, types) });
  if (result.relation === undefined) throw new Error(result.diagnostics[0].message);
  return buildTable(result.relation, labels);
}

const GUEST = "system_u:system_r:guest_t";

describe("labels", () => {
  const table = tableOf("allow guest_t xen_t:xenolith version;", [GUEST]);

  it("are the initial SIDs by number, the domains, and what these make", () => {
    expect(table.names).toEqual([
      "system_u:system_r:boot_t",
      "system_u:system_r:xen_t",
      "system_u:system_r:free_t",
      "system_u:system_r:guest_t",
      "system_u:system_r:guest_t_self",
      "system_u:object_r:boot_t",
      "system_u:object_r:xen_t",
      "system_u:object_r:free_t",
      "system_u:object_r:guest_t",
      "system_u:object_r:guest_t_self",
      "system_u:object_r:guest_t_channel",
    ]);
    expect(table.initialSids.slice(0, 8)).toEqual([
      NO_LABEL,
      0,
      1,
      NO_LABEL,
      NO_LABEL,
      NO_LABEL,
      2,
      NO_LABEL,
    ]);
  });

  it("say who stands for a domain towards itself, and what its channels are", () => {
    const label = (name: string) => table.names.indexOf(`system_u:${name}`);
    const guest = label("system_r:guest_t");
    expect(table.self[guest]).toBe(label("system_r:guest_t_self"));
    expect(table.channel[guest * LABELS + guest]).toBe(label("object_r:guest_t_channel"));
    const self = table.self[guest];
    expect(table.channel[guest * LABELS + self]).toBe(label("object_r:guest_t_self"));
  });

  it("keep their numbers in a table that is loaded after another", () => {
    const rules = "allow guest_t xen_t:xenolith version;";
    const result = compile({ name: "core.conf", text: corePolicy(rules, ["more_t"]) });
    const more = "system_u:system_r:more_t";
    const after = buildTable(result.relation!, [...domainsOf(table), more], table.names);
    expect(after.names.slice(0, table.names.length)).toEqual(table.names);
    expect(after.names).toContain(more);
    expect(buildTable(result.relation!, domainsOf(after), after.names)).toEqual(after);
    const gone = compile({ name: "core.conf", text: corePolicy(rules) });
    expect(() => buildTable(gone.relation!, [], after.names)).toThrow(/unknown type 'more_t'/);
  });

  it("are all in range, as the core demands before it loads a table", () => {
    for (const label of [...table.self, ...table.channel]) {
      expect(label).toBeLessThan(table.names.length);
    }
  });
});

describe("access vectors", () => {
  it("stand at (source, target, class) with the bits of the core's hook table", () => {
    const table = tableOf(
      "allow guest_t xen_t:xenolith { version load_policy }; allow guest_t self:event send;",
      [GUEST],
    );
    const [xen, guest] = [1, 3];
    const row = (source: number, target: number) => (source * LABELS + target) * CLASSES;
    const own = classNames.indexOf("xenolith");
    const permissions = permissionsOf("xenolith");
    const bit = (name: string) => 2 ** permissions.indexOf(name);
    expect(own).toBe(13);
    expect(table.allowed[row(guest, xen) + own]).toBe(bit("version") + bit("load_policy"));
    expect(table.allowed[row(guest, guest) + classNames.indexOf("event")]).toBe(2);
    // Types decide, so that each of the two rules fills a cell for both roles on both sides.
    expect(table.allowed.filter((vector) => vector !== 0)).toHaveLength(8);
  });

  it.each([
    ["class nosuch", "the core has no class 'nosuch'"],
    ["class vault { open }", "the core has no class 'vault'"],
  ])("refuse what the core does not know: %s", (line, message) => {
    const name = /class (\w+)/.exec(line)?.[1];
    const text = corePolicy("allow guest_t xen_t:xen settime;")
      .replace("sid xenboot", `class ${name}\nsid xenboot`)
      .replace("class xen {", `${line.includes("{") ? line : ""}\nclass xen {`);
    const { relation } = compile({ name: "x", text });
    expect(() => relation && buildTable(relation, [])).toThrow(message);
  });
});

describe("bytes", () => {
  const table = tableOf("allow guest_t xen_t:xenolith version;", [GUEST]);
  const bytes = encodeTable(table);

  it("follow the layout: magic, counts, length", () => {
    const view = new DataView(bytes.buffer);
    expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe("XENOXSM1");
    const words = Array.from({ length: 6 }, (_, index) => view.getUint32(8 + index * 4, true));
    expect(words).toEqual([1, table.names.length, 16, 0, bytes.length, 0]);
    expect(bytes.length).toBe(tableBytes(table.names.length));
    const names = bytes.subarray(bytes.length - table.names.length * 64);
    expect(Buffer.from(names.subarray(0, 25)).toString()).toBe("system_u:system_r:boot_t\0");
  });

  it("decode to the same table, and are the same each time", () => {
    expect(decodeTable(bytes)).toEqual(table);
    expect(encodeTable(decodeTable(bytes))).toEqual(bytes);
  });

  it("that were changed or cut are refused", () => {
    for (const offset of [0, 8, 12, 24, 40, TABLE_HEADER_BYTES, bytes.length - 1]) {
      const changed = bytes.slice();
      changed[offset] ^= 1;
      expect(() => decodeTable(changed), `byte ${offset}`).toThrow(TableError);
    }
    expect(() => decodeTable(bytes.subarray(0, bytes.length - 1))).toThrow(TableError);
    expect(() => decodeTable(new Uint8Array(3))).toThrow(TableError);
  });
});

describe("limits", () => {
  it("refuse more than 128 labels with a number", () => {
    const types = Array.from({ length: 70 }, (_, index) => `many${index}_t`);
    const labels = types.map((type) => `system_u:system_r:${type}`);
    expect(() => tableOf("allow guest_t xen_t:xen settime;", labels, types)).toThrow(
      /the policy needs \d+ labels, and the core holds 128/,
    );
  });

  it.each([
    ["system_u:system_r:nosuch_t", "unknown type 'nosuch_t'"],
    ["system_u:system_r:guest_tt", "did you mean 'guest_t'"],
    ["system_u:system_r", "write user:role:type"],
    ["system_u:system_r:guest_t_channel", "is not valid"],
  ])("refuse the label %s", (label, message) => {
    expect(() => tableOf("allow guest_t xen_t:xen settime;", [label])).toThrow(message);
  });
});

describe.skipIf(!hasXenData)("Xen's policy", () => {
  it("fits, with its initial SIDs and a guest", () => {
    const { relation } = compile({ name: "policy.conf", text: xenData("policy.conf") });
    if (relation === undefined) throw new Error("Xen's policy does not compile");
    const table = buildTable(relation, ["user_1:vm_r:domU_t"]);
    expect(table.names.length).toBeLessThanOrEqual(LABELS);
    const dom0 = table.names.indexOf("system_u:system_r:dom0_t");
    expect(table.initialSids[3]).toBe(dom0);
    const channel = table.names[table.channel[dom0 * LABELS + dom0]];
    expect(channel).toBe("system_u:object_r:dom0_t_channel");
  });
});
