// What other tools read: catches an advisory without a verdict or with a reason that names nothing,
// and files that OpenVEX, SARIF or CSV readers would refuse.

import { describe, expect, it } from "vitest";
import {
  type Advisory,
  advisories,
  advisoryClasses,
  openVex,
} from "../../audit/evidence/advisories.ts";
import {
  isProved,
  type TraceEvidence,
  traceCsv,
  traceEvidence,
  traceSarif,
} from "../../audit/evidence/trace.ts";
import { items } from "../../audit/trace/items.ts";

/** As if everything were proved that there is. */
const known = new Set(items().map(({ id }) => id));
const all = advisories((id) => (known.has(id) ? true : undefined));
const ADVISORIES = 508;
/** Classes in which a mistake would be the core's own. */
const CORE =
  /^(grant table|p2m|memory ops|event channel|vCPU|domctl|hypercall ABI|page alloc|XSM|long-running)/;

describe("advisories", () => {
  it("are all judged, each with a reason; a regression names its test", () => {
    expect(all.length).toBe(ADVISORIES);
    expect(all.filter(({ reason }) => reason.length < 10)).toEqual([]);
    const tested = all.filter(({ verdict }) => verdict === "regression");
    expect(tested.length).toBeGreaterThan(50);
    expect(tested.every(({ test }) => test !== undefined)).toBe(true);
  });

  it("of the core's classes are none of them open", () => {
    const open = all.filter(({ class: name, verdict }) => CORE.test(name) && verdict === "open");
    expect(open.map(({ xsa }) => xsa)).toEqual([]);
  });

  it("whose proof does not stand are open", () => {
    const proved = all.filter(({ verdict }) => verdict === "proved");
    const without = advisories((id) => (known.has(id) ? false : undefined));
    const open = new Set(without.filter((one) => one.verdict === "open").map(({ xsa }) => xsa));
    expect(proved.length).toBeGreaterThan(5);
    expect(proved.every(({ xsa }) => open.has(xsa))).toBe(true);
  });

  it("are summed up by class", () => {
    const counted = advisoryClasses(all).flatMap(({ members }) => Object.values(members));
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(ADVISORIES);
  });
});

/** What version 0.2.0 of the OpenVEX specification allows. */
const JUSTIFICATIONS = new Set([
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
]);

describe("OpenVEX", () => {
  const vex = openVex(all, "c".repeat(64));

  it("has what a document must have", () => {
    expect(vex["@context"]).toBe("https://openvex.dev/ns/v0.2.0");
    expect(Number.isNaN(Date.parse(vex.timestamp))).toBe(false);
    expect([vex.author, vex.version, vex["@id"]].every(Boolean)).toBe(true);
  });

  it("has one statement for each advisory, with a justification where it does not affect", () => {
    const names = vex.statements.map(({ vulnerability }) => vulnerability.name);
    expect(new Set(names).size).toBe(ADVISORIES);
    for (const one of vex.statements) {
      if (one.status === "under_investigation") expect(one).not.toHaveProperty("justification");
      else expect(JUSTIFICATIONS.has(one.justification)).toBe(true);
      expect(one.products).toHaveLength(1);
    }
  });
});

describe("the trace", () => {
  const trace = traceEvidence();

  /** The trace with one state everywhere. */
  const withState = (state: "covered" | "timeout"): TraceEvidence => ({
    ...trace,
    items: trace.items.map((item) => ({
      ...item,
      states: item.states.map((one) => ({ ...one, state, message: 'a "message", with a comma' })),
    })),
  });

  it("as SARIF has a result for each gap, at its place, with a rule that is described", () => {
    const { runs } = traceSarif(withState("timeout"));
    const [{ results, tool }] = runs as [(typeof runs)[number]];
    const wanted = trace.items.flatMap(({ states }) => states);
    expect(results).toHaveLength(wanted.length);
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(["timeout"]);
    for (const { locations, level } of results) {
      const { artifactLocation, region } = locations[0]!.physicalLocation;
      expect(level).toBe("warning");
      expect(artifactLocation.uri).not.toMatch(/^\/|\\/);
      expect(region.startLine).toBeGreaterThan(0);
    }
    expect(traceSarif(withState("covered")).runs[0]!.results).toEqual([]);
  });

  it("as CSV has a row for each item, and every cell is quoted", () => {
    const [head = "", ...rows] = traceCsv(trace).trimEnd().split("\r\n");
    expect(rows).toHaveLength(trace.items.length);
    const columns = head.split(",").length;
    for (const row of rows) expect(row.match(/"(?:[^"]|"")*"(?:,|$)/g)).toHaveLength(columns);
  });

  it("knows of each item whether its proof stands", () => {
    expect(isProved(withState("covered"))("EVTCHN-SEND-1")).toBe(true);
    expect(isProved(withState("timeout"))("EVTCHN-SEND-1")).toBe(false);
    expect(isProved(trace)("NO-SUCH-1")).toBeUndefined();
  });
});

describe("a judgement", () => {
  it("that names an item that is not there is refused", () => {
    expect(() => advisories(() => undefined)).toThrow(/there is no item /);
  });

  it("has a class that is known", () => {
    const classes = new Set(advisoryClasses(all).map(({ name }) => name));
    expect(all.every((one: Advisory) => classes.has(one.class))).toBe(true);
  });
});
