// Domains as the commands know them: by name or number, with the state that xl shows.

import { didYouMean } from "../disaggregation/appliance/config-values.ts";
import { Problem } from "../disaggregation/appliance/problem.ts";
import type { ControlClient } from "../disaggregation/control/client.ts";
import {
  type DomainInfo,
  listDomains,
  listVcpus,
  type VcpuInfo,
} from "../disaggregation/control/requests.ts";

const CRASHED = 3;

/** The domain of a name or number. Throws a Problem. */
export async function findDomain(client: ControlClient, wanted: string): Promise<DomainInfo> {
  const domains = await listDomains(client);
  const named = domains.find(({ name }) => name === wanted);
  const found = named ?? domains.find(({ domain }) => String(domain) === wanted);
  if (found !== undefined) return found;
  const names = domains.map(({ name }) => name);
  const hint = didYouMean(wanted, names);
  throw new Problem(`no domain is called "${wanted}"${hint} (there are: ${names.join(", ")})`);
}

/** A domain with its vCPUs. */
export interface DomainState extends DomainInfo {
  readonly vcpuStates: readonly VcpuInfo[];
}

export async function listStates(client: ControlClient): Promise<DomainState[]> {
  const states: DomainState[] = [];
  for (const domain of await listDomains(client)) {
    states.push({ ...domain, vcpuStates: await listVcpus(client, domain.domain) });
  }
  return states;
}

/** xl's six letters: running, blocked, paused, shutdown, crashed, dying. */
export function stateLetters({ state, shutdownReason, vcpuStates }: DomainState): string {
  const online = vcpuStates.filter((vcpu) => vcpu.state !== "offline");
  const running = state === "running" && online.some((vcpu) => vcpu.running);
  const blocked =
    state === "running" && online.length > 0 && online.every((vcpu) => vcpu.state === "blocked");
  const ended = state === "shutdown";
  const flags: readonly (readonly [string, boolean])[] = [
    ["r", running],
    ["b", blocked],
    ["p", state === "paused" || state === "building"],
    ["s", ended],
    ["c", ended && shutdownReason === CRASHED],
    ["d", state === "dying"],
  ];
  return flags.map(([letter, on]) => (on ? letter : "-")).join("");
}
