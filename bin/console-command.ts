// `xenolith console NAME`: what one guest of a running appliance says.

import { Command } from "commander";
import { didYouMean } from "../disaggregation/appliance/config-values.ts";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { followConsole } from "./control-console.ts";
import { type ControlOptions, findControl } from "./control-target.ts";
import { followGuest, runningSessions } from "./sessions.ts";

const afterHelp = `
Prints the guest's lines so far, then follows it. Where the system has a toolstack and a console
service, what you type goes to the guest, and ^] leaves its console; elsewhere guests have no input.

Examples:
  xenolith console alpha
  xenolith console alpha --control /tmp/web.control
  xenolith console alpha | grep userspace`;

/** The command `console`. */
export function consoleCommand(): Command {
  return new Command("console")
    .description("follow the console of one guest that runs now")
    .argument("<name>", "the guest's name")
    .option("--control <socket>", "the control socket of the system (the only one that runs)")
    .addHelpText("after", afterHelp)
    .action(async (name: string, options: ControlOptions) => {
      if (findControl(options) !== undefined) return followConsole(options, name);
      const found = await followGuest(name, (line) => process.stdout.write(`${line}\n`));
      if (found) return;
      const names = (await runningSessions()).flatMap(({ guests }) =>
        guests.map((one) => one.name),
      );
      const known = names.length === 0 ? "no appliance runs" : `running: ${names.join(", ")}`;
      throw new Problem(
        `no running guest is called "${name}"${didYouMean(name, names)} (${known})`,
      );
    });
}
