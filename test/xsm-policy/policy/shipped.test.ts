import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hooks } from "../../../tcb/core/hooks.ts";
import { parseAssertions } from "../../../xsm-policy/assertions/parse.ts";
import { buildTable } from "../../../xsm-policy/compiler/table.ts";
import { tables } from "../../../xsm-policy/policy/tables.ts";
import { compileFolder, POLICIES } from "./support.ts";

const hasCheckpolicy = spawnSync("checkpolicy", ["-V"]).status === 0;

let scratch: string;

beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "xenolith-shipped-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** Would catch a table that was not written anew after the hook table changed. */
describe("tables of classes and permissions", () => {
  it.each([...tables()])("%s is what the hook table says", (name, text) => {
    expect(readFileSync(path.join(POLICIES, name), "utf8")).toBe(text);
  });
});

/** Would catch a policy that does not compile, or that only our own compiler takes. */
describe.each(["xenolith", "dummy", "silo"])("the %s policy", (name) => {
  const { source, result } = compileFolder(path.join(POLICIES, name));

  it("compiles without a word", () => {
    expect(source.diagnostics).toEqual([]);
    expect(result.diagnostics).toEqual([]);
  });

  it("makes a table that the core can hold, in which each domain is itself and has channels", () => {
    const types = result.policy!.types.map((type) => type.name);
    const domains = types.filter((type) => types.includes(`${type}_self`));
    const labels = domains.map((type) => `system_u:system_r:${type}`);
    const table = buildTable(result.relation!, labels);
    for (const [index, type] of domains.entries()) {
      const label = table.names.indexOf(labels[index]);
      expect(table.names[table.self[label]]).toBe(`system_u:system_r:${type}_self`);
    }
    expect(table.names).toContain(`system_u:object_r:${domains[0]}_channel`);
    expect(table.names.length).toBeLessThanOrEqual(96);
  });

  it.skipIf(!hasCheckpolicy)("is accepted by checkpolicy (skipped without it)", () => {
    const conf = path.join(scratch, "policy.conf");
    writeFileSync(conf, source.text);
    const output = path.join(scratch, "policy.30");
    const run = spawnSync("checkpolicy", ["-t", "Xen", "-c", "30", conf, "-o", output]);
    expect(String(run.stderr)).toBe("");
    expect(run.status).toBe(0);
  });
});

describe("the policy for appliances", () => {
  const { result, may } = compileFolder(path.join(POLICIES, "xenolith"));

  it("grants no permission that the core never asks for", () => {
    // These stand in the class already; the operations that ask for them are still to come.
    const planned = new Set(
      ["emergency_console", "assign_device"].map((each) => `xenolith ${each}`),
    );
    const asked = new Set(
      hooks.flatMap((hook) => hook.permissions.map((p) => `${hook.class} ${p}`)),
    );
    const granted = new Set<string>();
    result.relation?.cells((cell) => {
      const { name, permissions } = result.policy!.classes[cell.class];
      for (const [bit, permission] of permissions.entries()) {
        if ((cell.permissions >>> bit) & 1) granted.add(`${name} ${permission}`);
      }
    });
    const idle = [...granted].filter((each) => !asked.has(each) && !planned.has(each));
    expect(idle).toEqual([]);
  });

  it("lets a guest run, and reach its services and nothing else", () => {
    expect(may("guest_t", "guest_t_self", "xenolith", "schedule")).toBe(true);
    expect(may("guest_t_channel", "xenstore_t", "event", "bind")).toBe(true);
    expect(may("network_driver_t", "guest_t", "grant", "map_write")).toBe(true);
    expect(may("network_driver_t", "isolated_guest_t", "grant", "map_write")).toBe(false);
    expect(may("guest_t_channel", "guest_t", "event", "bind")).toBe(false);
    expect(may("guest_t", "isolated_guest_t", "grant", "map_read")).toBe(false);
  });

  it.each([
    ["a guest maps another's pages", "allow guest_t isolated_guest_t:grant map_read;"],
    ["a guest signals another", "channel_end(guest_t, isolated_guest_t)"],
    ["the drivers meet", "map_granted(block_driver_t, network_driver_t)"],
    ["the toolstack writes a guest", "allow toolstack_t guest_t:xenolith copy_in;"],
    ["the builder ends a guest", "govern_domain(builder_t, guest_t)"],
    ["the isolated guest gets a network", "network_client(isolated_guest_t)"],
    ["a guest loads a policy", "allow guest_t xen_t:xenolith load_policy;"],
    ["a service gets a device by itself", "allow console_t driver_type:xenolith assign_device;"],
    ["a domain adjusts another's memory", "allow builder_t guest_t:mmu adjust;"],
    ["an unlabelled domain is let in", "channel_end(unlabeled_t, xenstore_t)"],
  ])("refuses an extension by which %s", (_what, rule) => {
    writeFileSync(path.join(scratch, "extends"), path.join(POLICIES, "xenolith"));
    const needed = "type unlabeled_t_channel, channel_type;\n";
    writeFileSync(path.join(scratch, "local.te"), `${rule.includes("unl") ? needed : ""}${rule}\n`);
    const extended = compileFolder(scratch);
    expect(extended.source.diagnostics).toEqual([]);
    expect(extended.result.ok).toBe(false);
    const places = extended.result.diagnostics.flatMap(({ span, related = [] }) =>
      [span, ...related.map((each) => each.span)].map((each) => path.basename(each?.file ?? "")),
    );
    expect(places).toContain("goals.te");
  });

  it("takes an appliance's own type of guest", () => {
    writeFileSync(path.join(scratch, "extends"), path.join(POLICIES, "xenolith"));
    const sensor = path.join(scratch, "sensor.te");
    writeFileSync(sensor, "new_guest(sensor_t)\nnetwork_client(sensor_t)\n");
    const extended = compileFolder(scratch);
    expect([...extended.source.diagnostics, ...extended.result.diagnostics]).toEqual([]);
    expect(extended.may("network_driver_t", "sensor_t", "grant", "map_read")).toBe(true);
    writeFileSync(sensor, "new_guest(sensor_t)\nchannel_end(sensor_t, guest_t)\n");
    expect(compileFolder(scratch).result.ok).toBe(false);
  });

  it("states goals of several steps that can be read", () => {
    const { assertions } = compileFolder(path.join(POLICIES, "xenolith")).source;
    const parsed = assertions.map(parseAssertions);
    expect(parsed.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
    const all = parsed.flatMap((each) => each.assertions);
    expect(all.length).toBeGreaterThan(4);
    const names = new Set(result.policy!.types.map(({ name }) => name));
    for (const assertion of all) {
      if (assertion.kind !== "neverflow") continue;
      const { from, to, through } = assertion;
      for (const { text } of [...from.names, ...to.names, ...(through?.names ?? [])]) {
        expect(names).toContain(text);
      }
    }
  });
});
