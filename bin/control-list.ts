// Commands that look at a running system and change nothing.

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { Problem } from "../disaggregation/appliance/problem.ts";
import type { ControlClient } from "../disaggregation/control/client.ts";
import { listDomains, storeRead, systemInfo } from "../disaggregation/control/requests.ts";
import { type DomainState, findDomain, listStates, stateLetters } from "./control-domains.ts";
import {
  type ControlOptions,
  controlCommand,
  requireControl,
  show,
  withControl,
} from "./control-target.ts";
import * as view from "./control-views.ts";
import { SerialSplitter } from "./serial.ts";
import { wholeOption } from "./status.ts";

/** Domains that a command names, or all. */
async function chosen(client: ControlClient, names: readonly string[]): Promise<DomainState[]> {
  const states = await listStates(client);
  if (names.length === 0) return states;
  const wanted = await Promise.all(names.map((name) => findDomain(client, name)));
  return states.filter((state) => wanted.some(({ domain }) => domain === state.domain));
}

/** What `xenolith list` prints of a system with a control channel. */
export async function listControlled(options: ControlOptions, names: string[]): Promise<void> {
  const domains = await withControl(options, (client) => chosen(client, names));
  show(options, domains, view.listText);
}

export function infoCommand(): Command {
  const examples = "info\ninfo --json";
  return controlCommand("info", "show what the running system is", examples).action(
    async (options: ControlOptions) => {
      const value = await withControl(options, async (client): Promise<view.SystemView> => {
        const domains = await listDomains(client);
        return {
          ...(await systemInfo(client)),
          domains: domains.length,
          vcpus: domains.reduce((sum, { vcpus }) => sum + vcpus, 0),
          usedMemoryMib: domains.reduce((sum, { memoryMib }) => sum + memoryMib, 0),
        };
      });
      show(options, value, view.infoText);
    },
  );
}

export function vcpuListCommand(): Command {
  const examples = "vcpu-list\nvcpu-list web --json";
  return controlCommand("vcpu-list", "list the vCPUs of all domains, or of some", examples)
    .argument("[domains...]", "names or numbers")
    .action(async (names: string[], options: ControlOptions) => {
      const domains = await withControl(options, (client) => chosen(client, names));
      show(options, domains, view.vcpuListText);
    });
}

export function domidCommand(): Command {
  const examples = "domid web\ndomid web --json";
  return controlCommand("domid", "print the number of a domain", examples)
    .argument("<name>", "the domain's name")
    .action(async (name: string, options: ControlOptions) => {
      const { domain } = await withControl(options, (client) => findDomain(client, name));
      show(options, { name, domain }, () => `${domain}\n`);
    });
}

export function uptimeCommand(): Command {
  const examples = "uptime\nuptime web";
  return controlCommand("uptime", "show how long domains have been running", examples)
    .argument("[domains...]", "names or numbers")
    .action(async (names: string[], options: ControlOptions) => {
      const rows = await withControl(options, async (client) => {
        const { uptimeSeconds } = await systemInfo(client);
        const uptimes: view.Uptime[] = [];
        for (const { domain, name } of await chosen(client, names)) {
          const started = await storeRead(client, startNode(domain)).catch(() => undefined);
          uptimes.push({ domain, name, seconds: uptimeSeconds - Number(started ?? 0) });
        }
        return uptimes;
      });
      show(options, rows, view.uptimeText);
    });
}

/** Where the toolstack notes when a domain was started, in seconds of the system's uptime. */
function startNode(domain: number): string {
  return `/local/domain/${domain}/start-time`;
}

export function schedCommand(): Command {
  const examples = "sched\nsched --json";
  return controlCommand("sched", "show the domains' weights", examples).action(
    async (options: ControlOptions) => {
      show(options, await withControl(options, listDomains), view.scheduleText);
    },
  );
}

export function dmesgCommand(): Command {
  const examples = "dmesg\ndmesg --json";
  return controlCommand("dmesg", "print what the hypervisor has said", examples).action(
    (options: ControlOptions) => {
      const { log } = requireControl(options);
      if (!existsSync(log)) {
        const advice = "it is kept by the process that started the system";
        throw new Problem(`${log}: there is no log of the first serial port; ${advice}`);
      }
      const lines: string[] = [];
      const splitter = new SerialSplitter([], ({ speaker, text }) => {
        if (speaker === "") lines.push(text);
      });
      splitter.push(readFileSync(log, "latin1"));
      splitter.end();
      show(options, lines, () => lines.map((line) => `${line}\n`).join(""));
    },
  );
}

function loadsOf(
  now: readonly DomainState[],
  before: readonly DomainState[],
  seconds: number,
): view.Load[] {
  return now.map((state) => {
    const { name, domain, cpuSeconds, memoryMib, vcpus } = state;
    const last = before.find((one) => one.domain === domain)?.cpuSeconds ?? cpuSeconds;
    const cpuPercent = seconds > 0 ? (100 * (cpuSeconds - last)) / seconds : 0;
    return { name, domain, state: stateLetters(state), cpuSeconds, cpuPercent, memoryMib, vcpus };
  });
}

interface TopOptions extends ControlOptions {
  readonly delay: number;
  readonly iterations?: number;
  readonly batch?: boolean;
}

const CLEAR = "\x1b[H\x1b[J";

async function top(options: TopOptions): Promise<void> {
  await withControl(options, async (client) => {
    const clear = process.stdout.isTTY && options.batch !== true && options.json !== true;
    let before: DomainState[] = [];
    let last = (await systemInfo(client)).uptimeSeconds;
    for (let count = 0; count !== options.iterations; count++) {
      if (count > 0) await sleep(options.delay * 1000);
      const system = await systemInfo(client);
      const states = await listStates(client);
      const loads = loadsOf(states, before, system.uptimeSeconds - last);
      if (clear) process.stdout.write(CLEAR);
      show(options, loads, (value) => view.topText(value, system));
      before = states;
      last = system.uptimeSeconds;
    }
  });
}

export function topCommand(): Command {
  const examples = "top\ntop --batch --iterations 2 --delay 1";
  return controlCommand("top", "show what the domains use, again and again", examples)
    .option("-d, --delay <s>", "seconds between two pictures", wholeOption("--delay", 1, 3600), 3)
    .option("-i, --iterations <n>", "stop after so many", wholeOption("--iterations", 1, 1e9))
    .option("-b, --batch", "print one picture behind the other")
    .action(top);
}
