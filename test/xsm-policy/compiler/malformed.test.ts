/** Malformed input must end in clear errors, whatever it is: no crash, no flood, bounded memory. */

import { describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { renderDiagnostic } from "../../../xsm-policy/compiler/diagnostic.ts";
import { DIAGNOSTIC_LIMIT_COUNT } from "../../../xsm-policy/compiler/limits.ts";
import { readPolicydb } from "../../../xsm-policy/compiler/policydb-read.ts";
import { writePolicydb } from "../../../xsm-policy/compiler/policydb-write.ts";
import { randomFrom } from "../generate.ts";
import { malformedPolicies } from "./malformed.ts";
import { compileBody } from "./sample.ts";

/** Longest rendered error: a line of excerpt and a few of context. */
const LONGEST_RENDERED_CHARACTERS = 2000;

/** Size of the largest; the program in malformed.ts takes 100. */
const MEGABYTES = 4;

describe("malformed policies", () => {
  it("number at least 200, and each gets errors that are short and have a place", () => {
    let count = 0;
    for (const { name, text } of malformedPolicies(MEGABYTES)) {
      count++;
      const result = compile({ name: "bad.conf", text });
      expect(result.ok, name).toBe(false);
      expect(result.policy, name).toBeUndefined();
      expect(result.diagnostics.length, name).toBeGreaterThan(0);
      expect(result.diagnostics.length, name).toBeLessThanOrEqual(DIAGNOSTIC_LIMIT_COUNT);
      const [first] = result.diagnostics;
      const shown = renderDiagnostic(first, result.tree?.source);
      expect(shown.length, name).toBeLessThan(LONGEST_RENDERED_CHARACTERS);
      expect(shown, name).toMatch(/^\S+:\d+:\d+: error: /);
      // No control character of the input may reach the terminal.
      expect(shown.replaceAll("\n", ""), name).toMatch(/^[\x20-\x7e\u00a0-\uffff]*$/);
    }
    expect(count).toBeGreaterThanOrEqual(200);
  });
});

describe("malformed binaries", () => {
  const { policy } = compileBody(
    "bool x true; if (x) { allow a_t c_t:domain create; } type_transition a_t b_t:domain c_t;",
    "pirqcon 1 u:r:a_t\n",
  );
  const bytes = policy === undefined ? new Uint8Array() : writePolicydb(policy, 30);

  it("that are cut are refused at every length", () => {
    for (let length = 0; length < bytes.length; length++) {
      const { policy: read, diagnostics } = readPolicydb(bytes.subarray(0, length));
      expect(read, `${length} bytes`).toBeUndefined();
      expect(diagnostics[0].message).toMatch(/^policy: byte \d+: /);
    }
  });

  it("with changed bytes are read or refused, but never crash the reader", () => {
    const random = randomFrom(3);
    for (let round = 0; round < 3000; round++) {
      const changed = bytes.slice();
      for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
        changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
      }
      const { policy: read, diagnostics } = readPolicydb(changed);
      expect((read === undefined) !== (diagnostics.length === 0)).toBe(true);
      // What was read can be written again: nothing in it points outside.
      if (read !== undefined) writePolicydb(read, 30);
    }
  });
});
