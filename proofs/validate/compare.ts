import type { Outcome } from "../wasm/concrete.ts";
import type { HostOutcome, HostRun } from "./host-instance.ts";

/** Differences of two outcomes, in words; nothing if they agree. */
export function differOutcome(ours: Outcome, theirs: HostOutcome): string | undefined {
  if (ours.kind !== theirs.kind) return `we ${shown(ours)}, V8 ${shown(theirs)}`;
  if (ours.kind === "returned" && theirs.kind === "returned" && ours.result !== theirs.result) {
    return `we ${shown(ours)}, V8 ${shown(theirs)}`;
  }
  return undefined;
}

function shown(outcome: Outcome | HostOutcome): string {
  if (outcome.kind === "returned") return `returned ${outcome.result}`;
  return "reason" in outcome ? `trapped (${outcome.reason})` : "trapped";
}

/** The first byte in which V8's memory differs from the bytes that are not 0. */
export function differMemory(
  ours: ReadonlyMap<bigint, bigint>,
  theirs: HostRun,
): string | undefined {
  const bytes = new Uint8Array(theirs.words.buffer);
  for (const [address, value] of ours) {
    const other = bytes[Number(address)];
    if (BigInt(other ?? -1) !== value) return `byte ${address}: we ${value}, V8 ${other}`;
  }
  let nonZero = 0;
  const words = new Uint32Array(theirs.words.buffer);
  for (let at = 0; at < words.length; at++) {
    if (words[at] === 0) continue;
    for (let byte = 4 * at; byte < 4 * at + 4; byte++) if (bytes[byte] !== 0) nonZero++;
  }
  return nonZero === ours.size ? undefined : `V8 has ${nonZero} bytes set, we ${ours.size}`;
}
