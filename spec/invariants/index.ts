/** Everything that holds between two steps. */
import type { Invariant } from "../lang/invariant.ts";
import { domainInvariants } from "./domain.ts";
import { eventChannelInvariants } from "./event_channel.ts";
import { frameInvariants } from "./frame.ts";
import { grantTableInvariants } from "./grant_table.ts";
import { p2mInvariants } from "./p2m.ts";
import { schedulerInvariants } from "./scheduler.ts";
import { teardownInvariants } from "./teardown.ts";
import { vcpuInvariants } from "./vcpu.ts";
import { xsmInvariants } from "./xsm.ts";

export const invariants: readonly Invariant[] = [
  ...vcpuInvariants,
  ...schedulerInvariants,
  ...xsmInvariants,
  ...eventChannelInvariants,
  ...p2mInvariants,
  ...frameInvariants,
  ...grantTableInvariants,
  ...domainInvariants,
  ...teardownInvariants,
];
