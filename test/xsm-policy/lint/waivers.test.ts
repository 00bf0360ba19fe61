import { describe, expect, it } from "vitest";
import { lintFolder } from "./samples.ts";

const TWICE = "allow dom0_t dom0_t:event send;";

/** Lines and reasons of what is left and what was taken back. */
function lint(files: Readonly<Record<string, string>>): { left: string[]; waived: string[] } {
  const { result, lines } = lintFolder(files);
  const waived = result.waived.map(({ finding, waiver }) => `${finding.rule.id}: ${waiver.reason}`);
  return { left: lines, waived };
}

/** Would catch a waiver that reaches too far, or not far enough. */
describe("waivers", () => {
  it("take back what is found in their own line", () => {
    const module = `${TWICE}\n${TWICE} # lint: allow L040 to be seen\n`;
    expect(lint({ "a.te": module })).toEqual({ left: [], waived: ["L040: to be seen"] });
  });

  it("take back what is found in the statement below, with comments and lines between", () => {
    const module = [
      "# lint: allow L011 kept until Xen asks",
      "# the other half of it",
      "",
      "allow dom0_t dom0_t:domain2 {",
      "\tgettsc",
      "\tset_vnumainfo",
      "};\n",
    ].join("\n");
    const { left, waived } = lint({ "a.te": module });
    expect(left.filter((line) => line.startsWith("L011"))).toEqual([]);
    expect(waived).toEqual(["L011: kept until Xen asks"]);
  });

  it("take back nothing two statements on, and say so", () => {
    const module = `# lint: allow L040 why\n${TWICE}\n${TWICE}\n`;
    const { left } = lint({ "a.te": module });
    expect(left).toEqual([
      "L002 a.te:1 there is no L040 to take back here",
      "L040 a.te:3 this allow rule says again what another one says",
    ]);
  });

  it("count in a macro, and where it is called", () => {
    const macro = (waiver: string): string =>
      `interface(\`grant', \`\n\tallow dom0_t $1:domain2 set_vnumainfo;${waiver}\n')\n`;
    const why = " # lint: allow L011 why";
    const called = lint({ "a.if": macro(""), "a.te": `grant(dom0_t)${why}\n` });
    expect(called.waived).toEqual(["L011: why"]);
    const inside = lint({ "a.if": macro(why), "a.te": "grant(dom0_t)\n" });
    expect(inside.waived).toEqual(["L011: why"]);
    const elsewhere = lint({ "a.if": macro(""), "a.te": `grant(dom0_t)\n\nbool b true;${why}\n` });
    expect(elsewhere.waived).toEqual([]);
  });

  it("name several rules", () => {
    const module = `${TWICE}\n${TWICE} # lint: allow L040 L041 both\n`;
    expect(lint({ "a.te": module }).left).toEqual([
      "L002 a.te:2 there is no L041 to take back here",
    ]);
  });

  it("are findings themselves when they cannot be read, give no reason, or name no rule", () => {
    const module = [
      "# lint: ignore L040",
      "# lint: allow L999 there is none",
      `${TWICE}\n${TWICE} # lint: allow L040\n`,
    ].join("\n");
    expect(lint({ "a.te": module }).left).toEqual([
      "L001 a.te:1 this waiver cannot be read",
      "L001 a.te:2 there is no rule L999",
      "L001 a.te:4 this waiver of L040 gives no reason",
    ]);
  });
});
