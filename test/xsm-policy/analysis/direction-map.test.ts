import { describe, expect, it } from "vitest";
import { classNames, hooks, permissionsOf } from "../../../tcb/core/hooks.ts";
import {
  DirectionMapError,
  parseDirectionMap,
  readDirectionMap,
} from "../../../xsm-policy/analysis/direction-map.ts";
import { hasXenData, xenData } from "../compiler/sample.ts";

const map = readDirectionMap();

/** Would catch a permission without a direction, and one that does not exist. */
describe("the direction map", () => {
  it("speaks of every permission of the hook table, and of no other", () => {
    expect([...map.classes].sort()).toEqual([...classNames].sort());
    for (const name of classNames) {
      expect([...map.permissions(name)].sort()).toEqual([...permissionsOf(name)].sort());
    }
    const count = classNames.reduce((sum, name) => sum + permissionsOf(name).length, 0);
    expect(count - permissionsOf("xenolith").length).toBe(177);
  });

  it("gives each a reason, and its operations where the hypervisor asks", () => {
    for (const name of classNames) {
      for (const permission of permissionsOf(name)) {
        const { reason, operations } = map.of(name, permission);
        expect(reason).not.toBe("");
        if (permission !== "set_vnumainfo")
          expect([permission, operations.length > 0]).toEqual([permission, true]);
      }
    }
    expect(map.of("domain2", "set_vnumainfo").operations).toEqual([]);
  });

  it("names the hooks of the core for the class that only the core has", () => {
    const asked = hooks.filter((hook) => hook.class === "xenolith");
    for (const { name, permissions } of asked) {
      for (const permission of permissions) {
        const names = map.of("xenolith", permission).operations.map((each) => each.name);
        expect([permission, names]).toEqual([permission, expect.arrayContaining([name])]);
      }
    }
  });

  it("takes what it does not know as both ways", () => {
    expect(map.of("file", "read")).toMatchObject({ flow: "both", isReviewed: false });
  });
});

/** Would catch an operation that is asked about something else than the map says. */
describe.skipIf(!hasXenData)("against Xen's hooks (skipped without shared data)", () => {
  // A suite is read even where it is skipped.
  const rows = (hasXenData ? xenData("hooks.tsv") : "")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"));
  const FIXED = new Set(["xen", "domxen", "security"]);
  const asked = rows.flatMap(([hypercall, , , , , target, of, permissions]) =>
    of === "-"
      ? []
      : permissions.split(/[+|]/).map((permission) => ({ hypercall, target, of, permission })),
  );

  it.each([...new Set(asked.map(({ of, permission }) => `${of} ${permission}`))])(
    "%s has the hypercalls and the fixed targets of the table",
    (each) => {
      const [of, permission] = each.split(" ");
      const { operations } = map.of(of, permission);
      const mine = asked.filter((row) => row.of === of && row.permission === permission);
      const known = new Set(mine.map(({ hypercall }) => hypercall.replace(/[()]/g, "")));
      const named = new Set(operations.map(({ name }) => name.split(" ")[0]));
      for (const name of named) {
        const isKnown =
          known.has(name) || [...known].some((row) => /internal|PV page|PCI/.test(row));
        expect([name, isKnown]).toEqual([name, true]);
      }
      const sids = new Set(mine.map(({ target }) => target).filter((target) => FIXED.has(target)));
      const mapped = new Set(operations.flatMap(({ sid }) => (sid === undefined ? [] : [sid])));
      expect([...mapped].sort()).toEqual([...sids].sort());
    },
  );

  it("differs from the draft map where it was reviewed, and says so nowhere else", () => {
    const draft = parseDirectionMap(xenData("xen_perm_map"), "xen_perm_map");
    const simple = (flow: string): boolean => ["read", "write", "both", "none"].includes(flow);
    const changed = draft.classes.flatMap((name) =>
      draft.permissions(name).flatMap((permission) => {
        const { flow } = map.of(name, permission);
        const was = draft.of(name, permission).flow;
        return simple(flow) && flow !== was ? [`${name} ${permission}: ${was} -> ${flow}`] : [];
      }),
    );
    expect(changed).toMatchInlineSnapshot(`
      [
        "xen tbufcontrol: write -> both",
        "xen perfcontrol: write -> both",
        "xen debug: both -> write",
        "xen pm_op: write -> both",
        "xen lockprof: write -> both",
        "xen cpupool_op: write -> both",
        "xen2 psr_cmt_op: write -> both",
        "xen2 psr_alloc: write -> both",
        "xen2 get_symbol: read -> none",
        "xen2 pmu_ctrl: write -> both",
        "xen2 get_cpu_featureset: read -> none",
        "xen2 coverage_op: write -> both",
        "xen2 get_dom0_console: read -> none",
        "domain getvcpuinfo: read -> both",
        "domain2 create_hardware_domain: write -> none",
        "domain2 set_vnumainfo: write -> none",
        "domain2 psr_cmt_op: write -> both",
        "domain2 psr_alloc: write -> both",
        "hvm audit_p2m: write -> read",
        "mmu pinpage: write -> none",
        "mmu exchange: both -> write",
        "resource use: both -> read",
        "shadow enable: write -> both",
        "shadow logdirty: read -> both",
        "grant map_read: read -> both",
        "grant unmap: write -> none",
        "grant setup: none -> write",
        "grant copy: both -> write",
        "version xen_extraversion: read -> none",
        "version xen_compile_info: read -> none",
        "version xen_capabilities: read -> none",
        "version xen_changeset: read -> none",
        "version xen_pagesize: read -> none",
        "version xen_guest_handle: read -> none",
        "version xen_commandline: read -> none",
        "version xen_build_id: read -> none",
      ]
    `);
  });
});

/** Would catch a map of another tool that is misread, and errors without a place. */
describe("other maps", () => {
  it("may be SETools's", () => {
    const text = "2\n\nclass grant 2\n  copy b 10\n  setup n 1\n\nclass event 1\n  send w 5\n";
    const other = parseDirectionMap(text, "perm_map");
    expect(other.of("grant", "copy")).toMatchObject({ flow: "both", isReviewed: false });
    expect(other.of("grant", "setup").flow).toBe("none");
    expect(other.of("event", "send").flow).toBe("write");
  });

  it.each([
    ["copy | both | x | y\n", "map:1:1: expected PERMISSION"],
    ["class grant\ncopy | sideways | x | y\n", "map:2:1: 'sideways' is no flow"],
    ["1\nclass grant 1\n copy x 1\n", "map:3:1: expected `class NAME COUNT`"],
  ])("are refused with their line: %j", (text, message) => {
    expect(() => parseDirectionMap(text, "map")).toThrow(DirectionMapError);
    expect(() => parseDirectionMap(text, "map")).toThrow(message);
  });
});
