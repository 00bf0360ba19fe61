import { describe, expect, it } from "vitest";
import { lintFolder } from "./samples.ts";

const INTERFACES = `interface(\`common_part', \`
	allow $1 $1_self:grant query;
')
define(\`many', \`
	type $1, domains;
	type $1_self, domains;
	role r types { $1 $1_self };
	common_part($1)
')
define(\`single', \`
	type $1, domains;
	role r types $1;
	define(\`$1_self', \`$1')
	common_part($1)
')
`;

/** Would catch the finding at the call instead of the definition, or without the names it
 *  changes. */
describe("L020", () => {
  it("shows which names a macro gave another meaning, and where", () => {
    const { result, lines } = lintFolder({
      "a.if": INTERFACES,
      "a.te": "many(a_t)\nsingle(b_t)\n",
    });
    expect(lines).toEqual([
      "L020 a.if:13 $1_self is defined anew for all that follows: b_t_self became b_t",
    ]);
    const [finding] = result.findings;
    expect(finding.related?.map(({ message, span }) => `${span.line} ${message}`)).toEqual([
      "2 b_t_self is read as b_t here",
    ]);
  });

  it("says that nothing is changed yet when the macro is not called", () => {
    const { lines } = lintFolder({ "a.if": INTERFACES, "a.te": "many(a_t)\n" });
    expect(lines).toEqual([
      "L020 a.if:13 $1_self is defined anew for all that follows: nothing in this policy yet",
    ]);
  });

  it("leaves alone what defines a fixed name", () => {
    const { lines } = lintFolder({
      "a.if": "define(`others', `{ dom0_t }')\n",
      "a.te": "allow dom0_t others:event send;\n",
    });
    expect(lines).toEqual([]);
  });
});

/** Would catch a report of what a macro does because it is called twice. */
describe("rules that a macro makes", () => {
  const TWO_CALLS =
    "interface(`half', `\n\tallow $1 $1:event send;\n\tallow $1 $2:event status;\n')\n";

  it("are no duplicates of themselves", () => {
    const module = "half(dom0_t, xen_t)\nhalf(dom0_t, domxen_t)\n";
    const { lines } = lintFolder({ "a.if": TWO_CALLS, "a.te": module });
    expect(lines.filter((line) => line.startsWith("L040"))).toEqual([]);
  });

  it("are covered only if all calls make covered ones", () => {
    const wide = "allow dom0_t domains:event { send status };\n";
    const all = lintFolder({ "a.if": TWO_CALLS, "a.te": `${wide}half(dom0_t, dom0_t)\n` });
    expect(all.lines).toEqual([
      "L041 a.if:2 all that this rule grants is granted by wider rules",
      "L041 a.if:3 all that this rule grants is granted by wider rules",
    ]);
    const some = lintFolder({
      "a.if": TWO_CALLS,
      "a.te": `${wide}half(dom0_t, dom0_t)\nhalf(dom0_t, domxen_t)\n`,
    });
    expect(some.lines).toEqual(["L041 a.if:2 all that this rule grants is granted by wider rules"]);
  });
});
