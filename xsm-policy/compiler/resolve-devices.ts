/** Contexts of initial SIDs and of devices. */

import type { DeviceContext, InitialSidContext } from "./ast.ts";
import type { DeviceLabel } from "./policy.ts";
import type { LevelResolver } from "./resolve-mls.ts";
import type { ResolverState } from "./resolver-state.ts";
import { didYouMean } from "./suggest.ts";

export class LabelResolver {
  readonly #state: ResolverState;
  readonly #levels: LevelResolver;

  constructor(state: ResolverState, levels: LevelResolver) {
    this.#state = state;
    this.#levels = levels;
  }

  /** `sid S CONTEXT` */
  initialSid(statement: InitialSidContext): void {
    const { initialSids } = this.#state.policy;
    const name = this.#state.tree.text(statement.name);
    const sid = initialSids.find((candidate) => candidate.name === name);
    const context = this.#levels.context(statement.context);
    if (sid === undefined) {
      const known = initialSids.map((candidate) => candidate.name);
      const hint = didYouMean(name, known);
      this.#state.error("unknown-sid", `unknown initial SID '${name}'`, statement.name, { hint });
    } else if (sid.context !== undefined) {
      this.#state.error("duplicate", `initial SID '${name}' has two contexts`, statement);
    } else sid.context = context;
  }

  /** Warns of initial SIDs without a context: the hypervisor treats them as unlabeled. */
  checkInitialSids(): void {
    for (const { name, context, declared } of this.#state.policy.initialSids) {
      if (context !== undefined || declared === undefined) continue;
      this.#state.sink.warn({
        code: "incomplete",
        message: `initial SID '${name}' has no context; the hypervisor takes it for unlabeled`,
        span: this.#state.tree.span(declared),
        hint: `add: sid ${name} USER:ROLE:TYPE`,
      });
    }
  }

  /** `pirqcon`, `iomemcon`, `ioportcon`, `pcidevicecon`, `devicetreecon` */
  device(statement: DeviceContext): void {
    const { device, low, high, path } = statement;
    if (low > high) {
      this.#state.error("bad-range", `${hex(low)} exceeds ${hex(high)}`, statement);
      return;
    }
    const context = this.#levels.context(statement.context);
    if (context === undefined) return;
    const label: DeviceLabel = { device, low, high, path, context, declared: statement };
    const { devices } = this.#state.policy;
    const other = devices.find((known) => overlaps(known, label));
    if (other !== undefined) {
      const message = `${device} ${describe(label)} overlaps with ${describe(other)}`;
      const note = this.#state.note("the other statement is here", other.declared);
      this.#state.error("overlap", message, statement, note);
      return;
    }
    devices.push(label);
  }
}

function overlaps(one: DeviceLabel, other: DeviceLabel): boolean {
  if (one.device !== other.device || one.path !== other.path) return false;
  return one.low <= other.high && other.low <= one.high;
}

function describe(label: DeviceLabel): string {
  if (label.path !== undefined) return `"${label.path}"`;
  return label.low === label.high ? hex(label.low) : `${hex(label.low)}-${hex(label.high)}`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
