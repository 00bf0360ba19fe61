import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { expandMacros } from "../../../xsm-policy/compiler/macro/expand.ts";
import { loadPolicySource } from "../../../xsm-policy/compiler/macro/load.ts";
import { PRELUDE } from "../../../xsm-policy/compiler/macro/prelude.ts";
import { XEN_INITIAL_SIDS } from "../../../xsm-policy/compiler/policydb-format.ts";

const XEN_CONF = path.join(import.meta.dirname, "../../../../shared/data/xen-flask/policy.conf");
const hasM4 = spawnSync("m4", ["--version"]).status === 0;

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "xenolith-policy-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}

/** A smallest policy, flat, without tables of its own. */
const FLAT = {
  "a.te": "attribute domain_type;\ntype a_t, domain_type;\nrole r;\nrole r types a_t;\nmay(a_t)\n",
  "a.if": "interface(`may', `\n\tallow $1 $1:domain create;\n')\n",
  users: "gen_user(`u', , `r', `s0', `s0')\n",
  initial_sid_contexts: XEN_INITIAL_SIDS.map(
    (sid) => `sid ${sid} gen_context(\`u:r:a_t', \`s0')\n`,
  ).join(""),
};

/** The same in the manner of the reference policy. */
const REFERENCE = {
  "policy/modules.conf": "b = base\na = module\nc = off\n",
  "policy/modules/one/a.te":
    "policy_module(a, 1.0)\ntype a_t, domain_type;\nrole r types a_t;\nuser u roles r;\n" +
    XEN_INITIAL_SIDS.map((sid) => `sid ${sid} gen_context(u:r:a_t,s0)\n`).join("") +
    "c_may(a_t)\ntunable_policy(`on',`allow a_t a_t:domain pause;')\n",
  "policy/modules/one/a.if":
    "interface(`a_may',`\n\tgen_require(`type a_t;')\n\tallow $1 a_t:domain pause;\n')\n",
  "policy/modules/two/b.te":
    "policy_module(b)\nattribute domain_type;\nrole r;\ngen_tunable(on, false)\n" +
    "optional_policy(`\n\ta_may(a_t)\n')\n",
  "policy/modules/two/b.if": "# nothing\n",
  "policy/modules/two/c.te": "type c_t;\n",
  "policy/modules/two/c.if": "interface(`c_may',`\n\tallow $1 $1:domain create;\n')\n",
  "policy/users": "# users stand in modules\n",
  "policy/booleans.conf": "on = true\n",
};

function problems(files: Record<string, string>): string[] {
  write(files);
  return loadPolicySource(root).diagnostics.map(
    ({ code, message, span }) =>
      `${code} ${path.relative(root, span?.file ?? root)}:${span?.line} ${message}`,
  );
}

/** Would catch a file that is forgotten, or read in the wrong order. */
describe("a folder of modules", () => {
  it("compiles in the flat layout, with Xen's tables added", () => {
    write(FLAT);
    const source = loadPolicySource(root);
    expect(source.diagnostics).toEqual([]);
    expect(compile(source).diagnostics).toEqual([]);
    expect(source.files.slice(0, 3).map((file) => file.path)).toEqual([
      "(built in)/security_classes",
      "(built in)/initial_sids",
      "(built in)/access_vectors",
    ]);
  });

  it("compiles in the layout of the reference policy", () => {
    write(REFERENCE);
    const source = loadPolicySource(root);
    const { diagnostics, policy } = compile(source);
    expect([...source.diagnostics, ...diagnostics]).toEqual([]);
    expect(policy?.types.map(({ name }) => name)).toContain("a_t");
    expect(source.text).toContain("bool on true;");
    expect(source.text).not.toContain("type c_t");
  });

  it("orders modules as modules.conf does", () => {
    write({ ...FLAT, "b.te": "type b_t;\n", "modules.conf": "b = on\n# a = off\na = on\n" });
    const { text } = loadPolicySource(root);
    expect(text.indexOf("type b_t")).toBeLessThan(text.indexOf("type a_t"));
  });

  it("lays a folder over the one that it extends", () => {
    write(FLAT);
    write({ "over/extends": "..\n", "over/c.te": "type c_t;\n", "over/modules.conf": "c = on\n" });
    write({ "over/users": "user v roles r;\n", "over/initial_sid_contexts": "sid xen v:r:c_t\n" });
    const { text, diagnostics } = loadPolicySource(path.join(root, "over"));
    expect(diagnostics).toEqual([]);
    expect(text).toContain("type a_t");
    expect(text).toContain("type c_t");
    expect(text).not.toContain("user u ");
  });

  it("defines enable_mls and its numbers on demand", () => {
    write({ ...FLAT, mls: "ifdef(`enable_mls',`gen_sens(mls_num_sens)')\n" });
    expect(loadPolicySource(root).text).not.toContain("sensitivity");
    const { text } = loadPolicySource(root, { mls: true, sensitivities: 3 });
    expect(text).toMatch(/sensitivity s2;\s*dominance \{ s0 s1 s2\s+\}/);
    expect(text).toContain("user u roles { r } level s0 range s0;");
  });

  it("gives the text of assertions apart", () => {
    write({ ...FLAT, "a.assert": "neverflow a_t -> a_t;\n" });
    const { assertions, text } = loadPolicySource(root);
    expect(assertions.map((file) => path.basename(file.name))).toEqual(["a.assert"]);
    expect(text).not.toContain("neverflow");
  });
});

/** Would catch an error that does not say which file, or what is missing. */
describe("a folder with mistakes", () => {
  it.each([
    ["nothing", {}, "folder-missing :1 the folder holds no policy module (a file NAME.te)"],
    ["no users", { ...FLAT, users: "" }, "folder-missing :1 no file of the policy declares a user"],
    [
      "a module that is not there",
      { ...FLAT, "modules.conf": "a = on\nz = on\n" },
      "folder-modules modules.conf:1 module z is on, but there is no file z.te",
    ],
    [
      "an interface that is not there",
      { ...FLAT, "a.te": `${FLAT["a.te"]}mya(a_t)\n` },
      "macro-unknown a.te:6 there is no macro or interface mya",
    ],
    ["a binary module", { ...FLAT, "b.te": "\0\x01" }, "file-binary b.te:1 the file is not text"],
    [
      "a circle",
      { ...FLAT, extends: "." },
      /^folder-extends extends:1 the folder extends .*, which extends it$/,
    ],
    [
      "two lists of modules",
      { ...FLAT, "modules.conf": "a = on\n", "x/modules.conf": "a = on\n" },
      /^folder-modules :1 there are 2 module lists below /,
    ],
  ])("names what is wrong: %s", (_name, files, expected) => {
    expect(problems(files)).toContainEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });

  it("reports a path that does not exist", () => {
    const { diagnostics } = loadPolicySource(path.join(root, "none"));
    expect(diagnostics.map(({ code }) => code)).toEqual(["file-read"]);
  });
});

/** Would catch a module that brings the loader down instead of being reported. */
describe("a folder with damaged modules", () => {
  const pieces = [
    "`",
    "'",
    "(",
    ")",
    ",",
    "#",
    "$1",
    "$#",
    "dnl",
    "define(",
    "may(",
    "\n",
    "{",
    ";",
  ];

  it("never throws, and each problem has a place", () => {
    fc.assert(
      fc.property(
        fc.nat(FLAT["a.te"].length),
        fc.nat(FLAT["a.if"].length),
        fc.constantFrom(...pieces),
        fc.constantFrom(...pieces),
        (inModule, inInterface, first, second) => {
          const { "a.te": module, "a.if": interfaces } = FLAT;
          write({
            ...FLAT,
            "a.te": module.slice(0, inModule) + first + module.slice(inModule),
            "a.if": interfaces.slice(0, inInterface) + second + interfaces.slice(inInterface + 1),
          });
          const source = loadPolicySource(root);
          for (const each of [...source.diagnostics, ...compile(source).diagnostics]) {
            expect(each.span?.line).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 100, seed: 8 },
    );
  });
});

/** Would catch a policy.conf that is changed on the way. */
describe("one policy.conf", () => {
  it.skipIf(!existsSync(XEN_CONF))("is taken as it is (skipped without shared data)", () => {
    const source = loadPolicySource(XEN_CONF);
    expect(source.positions).toBeUndefined();
    expect(compile(source).ok).toBe(true);
  });
});

/** Would catch a macro of ours that only our own processor understands. */
describe("the prelude", () => {
  it.skipIf(!hasM4)("means the same to m4 (skipped without m4)", () => {
    const text =
      "shiftn(2,a,b,c,d) ifndef(`zz',`yes',`no') gen_bool(b,true) gen_context(u:r:t,s0)\n" +
      "optional_policy(`gen_require(`type t;') x;',`y;') tunable_policy(`a && b',`x;',`y;')\n" +
      "gen_user(u,,r,s0,s0) gen_sens(3) gen_cats(3) gen_levels(3,3) mls_systemhigh mls_allcats\n";
    const defines = { enable_mls: "", mls_num_sens: "3", mls_num_cats: "3" };
    const { stdout } = spawnSync(
      "m4",
      Object.entries(defines).map(([n, v]) => `-D${n}=${v}`),
      {
        input: PRELUDE.text + text,
        encoding: "utf8",
      },
    );
    expect(expandMacros([PRELUDE, { name: "use", text }], { defines }).text).toBe(stdout);
    expect(stdout).toContain("level s2:c0.c2;");
  });
});
