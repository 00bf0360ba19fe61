// `xenolith list`: the guests that run now.

import { Command } from "commander";
import { listControlled } from "./control-list.ts";
import { type ControlOptions, findControl } from "./control-target.ts";
import { runningSessions, type SessionInfo } from "./sessions.ts";

const afterHelp = `
Asks the running system that has a toolstack, in the columns of "xl list". Where none has one, lists
the guests of the appliances that you run now.

Examples:
  xenolith list
  xenolith list web
  xenolith list --control /tmp/web.control
  xenolith list --json`;

function rows(sessions: readonly SessionInfo[]): string {
  const cells = sessions.flatMap((session) =>
    session.guests.map((guest) => [
      guest.name,
      String(guest.domain),
      String(guest.vcpus),
      `${guest.memoryMib} MiB`,
      String(session.process),
      session.source,
    ]),
  );
  const table = [["guest", "domain", "vCPUs", "memory", "process", "appliance"], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (row: string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ");
  return table.map((row) => `${line(row).trimEnd()}\n`).join("");
}

/** The command `list`. */
export function listCommand(): Command {
  return new Command("list")
    .description("list the domains that run now")
    .argument("[domains...]", "names or numbers, of a system with a toolstack")
    .option("--control <socket>", "the control socket of the system (the only one that runs)")
    .option("--json", "print JSON")
    .addHelpText("after", afterHelp)
    .action(async (names: string[], options: ControlOptions) => {
      if (findControl(options) !== undefined) return listControlled(options, names);
      const sessions = await runningSessions();
      if (options.json === true) process.stdout.write(`${JSON.stringify(sessions, null, 2)}\n`);
      else if (sessions.length > 0) process.stdout.write(rows(sessions));
      else process.stderr.write('no appliance runs; "xenolith run DIR" starts one\n');
    });
}
