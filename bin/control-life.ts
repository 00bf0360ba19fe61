// Commands that govern domains which run.

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { startDomain } from "../disaggregation/control/build.ts";
import type { ControlClient } from "../disaggregation/control/client.ts";
import * as requests from "../disaggregation/control/requests.ts";
import { findDomain } from "./control-domains.ts";
import { type ControlOptions, controlCommand, show, withControl } from "./control-target.ts";
import { UsageError, wholeOption } from "./status.ts";

type Act = (client: ControlClient, domain: requests.DomainInfo) => Promise<unknown>;

/** A command that does one thing to one domain, and says nothing, as xl does. */
function simpleCommand(name: string, description: string, done: string, act: Act): Command {
  const examples = `${name} web\n${name} 5`;
  return controlCommand(name, description, examples)
    .argument("<domain>", "its name or number")
    .action(async (wanted: string, options: ControlOptions) => {
      const { domain } = await withControl(options, async (client) => {
        const found = await findDomain(client, wanted);
        await act(client, found);
        return found;
      });
      if (options.json === true) show(options, { domain, [done]: true }, () => "");
    });
}

export const pauseCommand = (): Command =>
  simpleCommand("pause", "stop a domain until it is unpaused", "paused", (client, { domain }) =>
    requests.pauseDomain(client, domain),
  );

/** What `create --paused` left has never run: that is the builder's to start. */
const letGo: Act = (client, { domain, state }) =>
  state === "building" ? startDomain(client, domain) : requests.unpauseDomain(client, domain);

export const unpauseCommand = (): Command =>
  simpleCommand("unpause", "let a paused domain go on", "unpaused", letGo);

export const destroyCommand = (): Command =>
  simpleCommand(
    "destroy",
    "end a domain at once, without asking it",
    "destroyed",
    (client, { domain }) => requests.destroyDomain(client, domain),
  );

interface ShutdownOptions extends ControlOptions {
  readonly all?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
}

/** A guest has a directory that it reads such requests from; a service has none. */
async function guestsOf(client: ControlClient): Promise<requests.DomainInfo[]> {
  const guests: requests.DomainInfo[] = [];
  for (const domain of await requests.listDomains(client)) {
    const control = `/local/domain/${domain.domain}/control`;
    if ((await requests.storeDirectory(client, control)) !== undefined) guests.push(domain);
  }
  return guests;
}

const POLL_MILLISECONDS = 200;

async function waitUntilGone(
  client: ControlClient,
  domains: readonly requests.DomainInfo[],
  seconds: number,
): Promise<void> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const there = new Set((await requests.listDomains(client)).map(({ domain }) => domain));
    const left = domains.filter(({ domain }) => there.has(domain));
    if (left.length === 0) return;
    if (Date.now() > until) {
      const names = left.map(({ name }) => name).join(", ");
      throw new Problem(`after ${seconds} seconds still there: ${names}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function endingCommand(name: "shutdown" | "reboot", reason: "poweroff" | "reboot"): Command {
  const verb = name === "shutdown" ? "Shutting down" : "Rebooting";
  const examples = `${name} web\n${name} --all --wait`;
  return controlCommand(name, `ask a guest, or all of them, to ${name}`, examples)
    .argument("[domain]", "its name or number")
    .option("-a, --all", "all guests")
    .option("-w, --wait", "wait until they are gone")
    .option("--timeout <s>", "seconds to wait", wholeOption("--timeout", 1, 86400), 120)
    .action(async (wanted: string | undefined, options: ShutdownOptions) => {
      if ((wanted === undefined) === (options.all !== true)) {
        throw new UsageError(`which? Give a domain, or --all for all guests`);
      }
      const asked = await withControl(options, async (client) => {
        const domains =
          wanted === undefined ? await guestsOf(client) : [await findDomain(client, wanted)];
        for (const { domain } of domains) await requests.requestShutdown(client, domain, reason);
        if (options.wait === true) await waitUntilGone(client, domains, options.timeout);
        return domains.map(({ domain, name: called }) => ({ domain, name: called }));
      });
      show(options, asked, (domains) =>
        domains.map(({ domain }) => `${verb} domain ${domain}\n`).join(""),
      );
    });
}

export const shutdownCommand = (): Command => endingCommand("shutdown", "poweroff");
export const rebootCommand = (): Command => endingCommand("reboot", "reboot");

interface PoweroffOptions extends ControlOptions {
  readonly timeout: number;
}

export function poweroffCommand(): Command {
  const examples = "poweroff\npoweroff --timeout 30";
  return controlCommand("poweroff", "shut all guests down, then the system", examples)
    .option("--timeout <s>", "seconds to wait", wholeOption("--timeout", 1, 86400), 120)
    .action(async (options: PoweroffOptions) => {
      const guests = await withControl(options, async (client) => {
        const found = await guestsOf(client);
        for (const { domain } of found) await requests.requestShutdown(client, domain, "poweroff");
        await waitUntilGone(client, found, options.timeout);
        await requests.endSystem(client);
        return found.map(({ domain, name }) => ({ domain, name }));
      });
      show(options, { guests, poweroff: true }, () => "");
    });
}
