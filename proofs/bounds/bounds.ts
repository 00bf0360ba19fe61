// The bound of each operation of a build of the core.

import { createHash } from "node:crypto";
import { columns } from "../../tcb/core/layout.ts";
import { operationsOf } from "../obligations/index.ts";
import { decodeModule } from "../wasm/index.ts";
import { Analysis, Findings, UnboundedError } from "./analyse.ts";
import { selectionOf } from "./operation.ts";

/** Every exit, whatever its code: what no operation exceeds. */
const WHOLE = "door handleExit";

export interface OperationBound {
  /** As in obligations/operations.ts: "hypercall 32: 4". */
  readonly name: string;
  /** The case that is about it, as "event_channel: send". */
  readonly of: string | undefined;
  /** Most instructions of one step, bytes / 8 of what is moved included; undefined: no bound. */
  readonly instructions: number | undefined;
  /** The same over the ways that do not stop the machine. */
  readonly returning: number | undefined;
  /** Why there is no bound. */
  readonly reason?: string;
}

export interface BoundsReport {
  readonly core_sha256: string;
  readonly operations: readonly OperationBound[];
  /** Where a loop is, and how often it goes round at most. */
  readonly loops: readonly { readonly place: string; readonly rounds: number }[];
  /** Where the primitive's contract alone bounds the bytes that it moves. */
  readonly contracts: readonly string[];
}

const numberOf = (value: bigint | undefined) => (value === undefined ? value : Number(value));

/** The bounds of a core.wasm, from its bytes. */
export function boundsOf(bytes: Uint8Array): BoundsReport {
  const module = decodeModule(bytes);
  const named = operationsOf(module, columns).map(({ name, of }) => ({ name, of }));
  const loops = new Map<string, number>();
  const contracts = new Set<string>();
  const operations = [{ name: WHOLE, of: undefined }, ...named].map(({ name, of }) => {
    const findings = new Findings();
    try {
      const bound = new Analysis(module, selectionOf(name), columns, findings).bound();
      for (const { place, rounds } of findings.loops.values()) {
        loops.set(place, Math.max(loops.get(place) ?? 0, Number(rounds)));
      }
      for (const [place, limit] of findings.contracts) contracts.add(`${place}: ${limit}`);
      const { instructions, returning } = bound;
      return { name, of, instructions: Number(instructions), returning: numberOf(returning) };
    } catch (error) {
      if (!(error instanceof UnboundedError)) throw error;
      return { name, of, instructions: undefined, returning: undefined, reason: error.message };
    }
  });
  return {
    core_sha256: createHash("sha256").update(bytes).digest("hex"),
    operations,
    loops: [...loops].map(([place, rounds]) => ({ place, rounds })),
    contracts: [...contracts].sort(),
  };
}
