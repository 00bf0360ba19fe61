/** One-statement probes with checkpolicy's verdict, and ours. */

import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { PolicydbError, writePolicydb } from "../../../xsm-policy/compiler/policydb-write.ts";
import { rendered, xenData } from "./sample.ts";

export interface Probe {
  readonly probe: string;
  readonly text: string;
  readonly version: 24 | 30;
  /** Whether checkpolicy accepts it. */
  readonly accepted: boolean;
}

/** All probes of the data. */
export function readProbes(): Probe[] {
  const base = xenData("probes-base.conf");
  const lines = (name: string) =>
    xenData(name)
      .split("\n")
      .filter((line) => line.includes("=>"))
      .map((line) => line.split("=>").map((part) => part.trim()));
  const verdict = (parts: string[]) => parts.slice(1).join(" ").endsWith("OK");
  const rules = lines("probes.txt").map((parts) => ({
    probe: parts[0],
    text: base.replace("RULE", parts[0]),
    version: 30 as const,
    accepted: verdict(parts),
  }));
  const devices = lines("probes-device-contexts.txt").map((parts) => {
    const [, statements, version] = /^(.*?)\|?\s*\[v(\d+)\]$/.exec(parts[0]) ?? [];
    return {
      probe: parts[0],
      text: `${base.replace("RULE\n", "\n")}${statements.split("|").join("\n")}\n`,
      version: Number(version) as 24 | 30,
      accepted: verdict(parts),
    };
  });
  return [...rules, ...devices];
}

/** Our verdict, and the first message. */
export function judge({ text, version }: Probe): { accepted: boolean; message: string } {
  const result = compile({ name: "x.conf", text });
  if (!result.ok || result.policy === undefined) {
    return { accepted: false, message: rendered(result)[0] };
  }
  try {
    writePolicydb(result.policy, version);
    return { accepted: true, message: "" };
  } catch (failure) {
    if (!(failure instanceof PolicydbError)) throw failure;
    return { accepted: false, message: `Error: ${failure.message}` };
  }
}
