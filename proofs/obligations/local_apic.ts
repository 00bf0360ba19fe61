// The local APIC: what an interrupt command does to one target.

import { invariants } from "../../spec/invariants/index.ts";
import { deliver } from "../../spec/local_apic.ts";
import { VCPU_FREE } from "../../spec/states.ts";
import { VCPUS } from "../../tcb/core/limits.ts";
import { variable } from "../term/index.ts";
import { regrouped, systemTime } from "./blocks.ts";
import type { Case } from "./case.ts";
import { lemmas } from "./lemmas.ts";
import { conditionOf, wordOf } from "./values.ts";

const vcpu = variable("argument.vcpu", 32);
const mode = variable("argument.mode", 32);
const vector = variable("argument.vector", 32);

export const localApicCases: readonly Case[] = [
  {
    family: "local_apic",
    operation: "deliver",
    function: "local_apic/deliver",
    args: [vcpu, mode, vector],
    given: (s) =>
      [
        wordOf(vcpu).lt(VCPUS),
        wordOf(vector).lt(256),
        s.row("vcpu", wordOf(vcpu)).state.ne(VCPU_FREE),
      ].map(conditionOf),
    steps: (s, [row, how, which]) => {
      deliver(s, row!, how!, which!);
      return undefined;
    },
    blocks: [systemTime, regrouped],
    lemmas,
    invariants,
  },
];
