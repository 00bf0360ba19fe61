// What the commands print, in xl's columns.

import type { DomainInfo, SystemInfo } from "../disaggregation/control/requests.ts";
import { type DomainState, stateLetters } from "./control-domains.ts";

const right = (value: unknown, width: number): string => String(value).padStart(width);
const left = (value: unknown, width: number): string => String(value).padEnd(width);
const wholeMib = ({ memoryMib }: DomainInfo): number => Math.floor(memoryMib);

/** `xl list`. */
export function listText(domains: readonly DomainState[]): string {
  const header = `${left("Name", 40)}${right("ID", 6)}${right("Mem", 6)} VCPUs\tState\tTime(s)\n`;
  const lines = domains.map((domain) => {
    const memory = right(wholeMib(domain), 6);
    const vcpus = right(domain.vcpus, 6);
    const place = `${left(domain.name, 40)}${right(domain.domain, 6)}${memory}${vcpus}`;
    return `${place}     ${stateLetters(domain)}  ${right(domain.cpuSeconds.toFixed(1), 8)}\n`;
  });
  return header + lines.join("");
}

/** `xl vcpu-list`. */
export function vcpuListText(domains: readonly DomainState[]): string {
  const columns = `${right("ID", 5)} ${right("VCPU", 5)} ${right("CPU", 5)} ${right("State", 7)}`;
  const header = `${left("Name", 32)} ${columns} ${right("Time(s)", 9)} Affinity (Hard / Soft)\n`;
  const lines = domains.flatMap((domain) =>
    domain.vcpuStates.map((vcpu) => {
      const online = vcpu.state !== "offline";
      const flags = `${vcpu.running ? "r" : "-"}${vcpu.state === "blocked" ? "b" : "-"}-`;
      const place = `${left(domain.name, 32)} ${right(domain.domain, 5)} ${right(vcpu.vcpu, 5)}`;
      const cpu = right(online ? 0 : "-", 5);
      const state = right(online ? flags : "--p", 7);
      return `${place} ${cpu} ${state} ${right(vcpu.runningSeconds.toFixed(1), 9)} all / all\n`;
    }),
  );
  return header + lines.join("");
}

export interface SystemView extends SystemInfo {
  readonly domains: number;
  readonly vcpus: number;
  readonly usedMemoryMib: number;
}

/** `xl info`: what of it this system has. */
export function infoText(view: SystemView): string {
  const [major, minor] = view.xenVersion.split(".");
  const rows: readonly (readonly [string, unknown])[] = [
    ["hypervisor", "xenolith"],
    ["xen_major", major],
    ["xen_minor", minor],
    ["xen_version", view.xenVersion],
    ["nr_cpus", 1],
    ["uptime", clock(view.uptimeSeconds)],
    ["domains", view.domains],
    ["vcpus", view.vcpus],
    ["used_memory", Math.ceil(view.usedMemoryMib)],
  ];
  return rows.map(([name, value]) => `${left(name, 23)}: ${value}\n`).join("");
}

/** Seconds as xl prints an uptime: "1 day, 2:03:04". */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const days = Math.floor(whole / 86400);
  const [hours, minutes] = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  const time = `${hours}:${two(minutes)}:${two(whole % 60)}`;
  if (days === 0) return time;
  return `${days} ${days === 1 ? "day" : "days"}, ${time}`;
}

export interface Uptime {
  readonly domain: number;
  readonly name: string;
  readonly seconds: number;
}

/** `xl uptime`. */
export function uptimeText(rows: readonly Uptime[]): string {
  const header = `${left("Name", 33)} ${right("ID", 4)} Uptime\n`;
  const lines = rows.map(({ name, domain, seconds }) => {
    return `${left(name, 33)} ${right(domain, 4)} ${clock(seconds)}\n`;
  });
  return header + lines.join("");
}

/** Weights, as `xl sched-credit` prints them. */
export function scheduleText(domains: readonly DomainInfo[]): string {
  const header = `${left("Name", 33)} ${right("ID", 4)} ${right("Weight", 6)}\n`;
  const lines = domains.map(({ name, domain, weight }) => {
    return `${left(name, 33)} ${right(domain, 4)} ${right(weight, 6)}\n`;
  });
  return header + lines.join("");
}

export interface Load {
  readonly name: string;
  readonly domain: number;
  readonly state: string;
  readonly cpuSeconds: number;
  readonly cpuPercent: number;
  readonly memoryMib: number;
  readonly vcpus: number;
}

/** One picture of `xentop`. */
export function topText(loads: readonly Load[], system: SystemInfo): string {
  const summary = `xenolith   ${clock(system.uptimeSeconds)} up   ${loads.length} domains\n`;
  const header = `${right("NAME", 20)}  STATE   CPU(sec) CPU(%)     MEM(k) VCPUS\n`;
  const lines = loads.map((load) => {
    const cpu = `${right(Math.floor(load.cpuSeconds), 10)} ${right(load.cpuPercent.toFixed(1), 6)}`;
    const memory = right(Math.floor(load.memoryMib * 1024), 10);
    return `${right(load.name, 20)} ${load.state} ${cpu} ${memory} ${right(load.vcpus, 5)}\n`;
  });
  return summary + header + lines.join("");
}
