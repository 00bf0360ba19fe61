import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { classNames, permissionsOf } from "../../../tcb/core/hooks.ts";
import { CORE } from "../../../xsm-policy/lint/hypervisor/core.ts";
import { XEN } from "../../../xsm-policy/lint/hypervisor/xen.ts";
import { isUnsafe } from "../../../xsm-policy/lint/rules/unsafe-delegation.ts";
import { LINT_RULES } from "../../../xsm-policy/lint/rules.ts";
import { unusedWaiver } from "../../../xsm-policy/lint/waivers.ts";
import { BASE, findingsOf, lintFolder } from "./samples.ts";

const README = path.join(import.meta.dirname, "../../../xsm-policy/lint/README.md");

/** Would catch a number given twice, and a rule that the table does not have. */
describe("the rules", () => {
  const all = [...LINT_RULES, unusedWaiver];

  it("have numbers and names of their own", () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { id, summary } of all) {
      expect(id).toMatch(/^L\d{3}$/);
      expect(summary).not.toMatch(/\.$/);
    }
  });

  it("stand in the README with their severity, by number", () => {
    const rows = readFileSync(README, "utf8").match(/^\| L\d{3} [\w-]+ \(\w+\)/gm) ?? [];
    const expected = all.map(({ id, name, severity }) => `| ${id} ${name} (${severity})`).sort();
    expect(rows).toEqual(expected);
  });
});

/** Would catch a table of operations that names what the hypervisor does not have. */
describe.each([XEN, CORE])("the questions of $name", ({ questions, classes }) => {
  it("ask for permissions that exist", () => {
    for (const { class: of, permission } of questions)
      expect(classes.get(of)).toContain(permission);
  });

  it("name a permission of another class only by the same number", () => {
    for (const { class: of, permission, meant } of questions) {
      if (meant === undefined) continue;
      const bit = classes.get(of)?.indexOf(permission);
      expect(classes.get(meant.class)?.indexOf(meant.permission)).toBe(bit);
    }
  });
});

describe("Xen's questions", () => {
  it("leave out one of its permissions", () => {
    const asked = new Set(XEN.questions.map((each) => `${each.class} ${each.permission}`));
    const idle = classNames
      .filter((name) => name !== "xenolith")
      .flatMap((name) => permissionsOf(name).map((permission) => `${name} ${permission}`))
      .filter((each) => !asked.has(each));
    expect(idle).toEqual(["domain2 set_vnumainfo"]);
  });

  it("hold what advisory 77 names as unsafe, and not what it excepts", () => {
    const unsafe = new Set(XEN.questions.filter(isUnsafe).map(({ operation }) => operation));
    for (const each of ["domctl destroydomain", "sysctl physinfo", "memory_op claim_pages"]) {
      expect(unsafe).toContain(each);
    }
    for (const each of ["domctl ioport_mapping", "domctl bind_pt_irq", "memory_op exchange"]) {
      expect(unsafe).not.toContain(each);
    }
  });
});

/** A policy for Xenolith that grants all that the hypervisor asks about itself. */
const OWN_BASE = `attribute domains;
type xen_t;
type dom0_t, domains;
role r;
role r types dom0_t;
allow dom0_t xen_t:xenolith { version set_schedule load_policy };
allow dom0_t xen_t:version *;
allow dom0_t xen_t:xen { writeconsole readconsole kexec };
allow dom0_t domains:domain2 set_vnumainfo;
`;

const DOMAIN = "type a_t, domains;\nrole r types a_t;\n";

/** Each would catch a rule that is silent where it should speak, or speaks without cause. */
describe("what the rules find", () => {
  it("finds nothing in the base", () => {
    expect(findingsOf("")).toEqual([]);
  });

  it.each([
    [
      "L010",
      `${DOMAIN}allow a_t dom0_t:domain { pause shutdown };`,
      "a.te:3 a_t may use domctl pausedomain by domain pause",
    ],
    [
      "L011",
      `${DOMAIN}allow dom0_t a_t:domain2 set_vnumainfo;`,
      "a.te:3 domain2 set_vnumainfo is never asked for by Xen",
    ],
    [
      "L013",
      `${DOMAIN}allow dom0_t xen_t:resource\n\t{ plug setup };`,
      "a.te:4 Xen asks for resource plug about domxen_t and what the call names, never about xen_t",
    ],
    ["L013", `${DOMAIN}allow a_t self:version xen_commandline;`, "never about a_t"],
    ["L030", `${DOMAIN}type idle_t;`, "a.te:3 no rule speaks of the type idle_t"],
    [
      "L031",
      "attribute idle;\ntype b_t, idle;\nallow b_t b_t:event send;",
      "a.te:1 no rule speaks",
    ],
    [
      "L032",
      "attribute none;\nallow dom0_t none:event send;",
      "a.te:1 rules speak of the attribute",
    ],
    ["L033", "bool idle true;", "a.te:1 no condition asks for the boolean idle"],
    [
      "L034",
      "type a_t, domains;\nallow dom0_t a_t:domain create;",
      "a.te:1 dom0_t may make domains of type a_t, which no role has",
    ],
    [
      "L040",
      "allow dom0_t dom0_t:event send;\nallow dom0_t dom0_t:event send;",
      "a.te:2 this allow",
    ],
    [
      "L041",
      "allow domains domains:event send;\nallow dom0_t dom0_t:event send;",
      "a.te:2 all that",
    ],
    [
      "L042",
      "bool b true;\nif (b && !b) {\nallow dom0_t dom0_t:event send;\n}",
      "a.te:3 no setting of b lets this rule hold",
    ],
    ["L042", "allow { domains -dom0_t } dom0_t:event send;", "a.te:1 no type is left as source"],
    [
      "L044",
      "neverallow { dom0_t -dom0_t } *:event send;",
      "a.te:1 this neverallow forbids nothing",
    ],
    ["L045", "neverallow domains ~self:domain create;", "a.te:1 checkpolicy before 3.5"],
  ])("%s in %j", (id, module, expected) => {
    const found = findingsOf(module).filter((line) => line.startsWith(id));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it("does not take what it should not for a finding", () => {
    const wider = "allow domains dom0_t:event send;\nallow dom0_t domains:event send;";
    const half = `${DOMAIN}bool b true;\nif (b) {\nallow a_t a_t:event send;\n}`;
    const model = `${DOMAIN}allow a_t dom0_t:resource use_iommu;`;
    for (const module of [wider, half, model]) expect(findingsOf(module)).toEqual([]);
  });

  it("L010 trusts whom it is told to trust, and refuses names that are no types", () => {
    const module = `${DOMAIN}allow a_t dom0_t:domain pause;`;
    expect(findingsOf(module, { trusted: ["a_t"] })).toEqual([]);
    expect(() => findingsOf(module, { trusted: ["b_t"] })).toThrow("there is no type b_t");
  });

  it("L014 names what the hypervisor asks and nobody has, unless a dontaudit says so", () => {
    const base = "allow dom0_t domxen_t:resource { use plug unplug };\n";
    const without = (more: string): string[] => {
      const { lines } = lintFolder({ "0base.te": BASE.replace(base, "") + more });
      return lines.filter((line) => line.startsWith("L014"));
    };
    const found = without("type nic_t;\nallow dom0_t nic_t:resource plug;\n");
    expect(found).toHaveLength(3);
    expect(found.join("\n")).toContain(
      "platform_op mem_hotadd ask for resource plug about domxen_t",
    );
    expect(without("dontaudit dom0_t domxen_t:resource { use plug unplug };\n")).toEqual([]);
  });

  it("L015 compares classes and permissions with the hypervisor's by number", () => {
    const { lines } = lintFolder({
      security_classes: "class xen2\nclass xen\nclass domain\n",
      initial_sids: "sid xen\nsid dom0\nsid domxen\nsid security\n",
      access_vectors: "class xen2 { a }\nclass xen { b }\nclass domain { create pause }\n",
      "0base.te":
        "type xen_t;\ntype dom0_t;\ntype domxen_t;\ntype security_t;\nrole r;\nrole r types dom0_t;\n",
    });
    expect(lines).toContainEqual("L015 security_classes:1 class xen2 has number 1, which is xen's");
  });

  it("L016 tells what only Xen asks for, in a policy for Xenolith", () => {
    const { lines } = lintFolder({
      security_classes: "class xenolith\n",
      access_vectors: `class xenolith {\n${permissionsOf("xenolith").join(" ")}\n}\n`,
      "0base.te": OWN_BASE,
      initial_sid_contexts: "sid xen u:object_r:xen_t\nsid dom0 u:r:dom0_t\n",
    });
    expect(lines).toEqual([
      "L016 0base.te:8 xen kexec is never asked for by Xenolith",
      "L011 0base.te:9 domain2 set_vnumainfo is never asked for by Xenolith",
    ]);
  });

  it("L043 sees through users and roles", () => {
    const { lines } = lintFolder({
      "a.te":
        "type a_t, domains;\nrole s;\nrole s types a_t;\nallow a_t dom0_t:grant { copy query };\n",
      users: "user u roles r;\nuser v roles s;\n",
      constraints: "constrain grant copy ( u1 == u2 and r1 != object_r and r2 != object_r );\n",
    });
    expect(lines).toEqual(["L043 a.te:4 a constraint takes away grant copy from every label"]);
  });
});
