// One machine from power-on to its end: prints what it says as it comes, and reports what happened.

import pc from "picocolors";
import { type Closing, closingLine } from "./closing-lines.ts";
import { type ControlSite, openControlSite } from "./control-site.ts";
import type { ControlFiles } from "./control-target.ts";
import { type Ending, type Machine, startMachine } from "./qemu.ts";
import { type SerialLine, SerialSplitter } from "./serial.ts";
import { Session, type SessionGuest } from "./sessions.ts";

/** How lines are printed: guests by name, one guest's console alone, or not at all. */
export type Style = "named" | "bare" | "quiet";

export interface RunSettings {
  /** What runs, as the user named it. */
  readonly source: string;
  readonly guests: readonly SessionGuest[];
  readonly timeoutSeconds: number | undefined;
  readonly style: Style;
  /** Where the control channel is to be reached; undefined: the machine has none. */
  readonly control?: ControlFiles;
}

/** What happened. */
export interface Report {
  readonly ending: Ending["reason"] | "interrupted";
  /** Why it did not end well, in one line. */
  readonly trouble?: string;
  readonly guests: readonly Closing[];
  readonly consoles: Readonly<Record<string, readonly string[]>>;
  readonly hypervisor: readonly string[];
}

const colours = [pc.cyan, pc.magenta, pc.yellow, pc.green, pc.blue];

/** Prints a line in a style. */
function printer(settings: RunSettings): (line: SerialLine) => void {
  const colourOf = new Map(
    settings.guests.map(({ name }, index) => [name, colours[index % colours.length]!]),
  );
  return ({ speaker, text }) => {
    if (settings.style === "quiet" || speaker === undefined) return;
    if (speaker === "") process.stderr.write(`xenolith: ${text}\n`);
    else if (settings.style === "bare") process.stdout.write(`${text}\n`);
    else process.stdout.write(`${colourOf.get(speaker)!(`${speaker}:`)} ${text}\n`);
  };
}

function troubleOf(
  ending: Ending,
  interrupted: boolean,
  settings: RunSettings,
): string | undefined {
  if (interrupted) return "interrupted";
  if (ending.reason === "failed") return `the machine did not run: ${ending.message}`;
  if (ending.reason === "reset") return "the machine was reset: the hypervisor itself failed";
  if (ending.reason === "timeout") return `no end after ${settings.timeoutSeconds} seconds`;
  return undefined;
}

function serialOf(site: ControlSite | undefined): Pick<Machine, "secondSerial"> {
  return site === undefined ? {} : { secondSerial: site.line };
}

/** Runs a machine until it ends, the time is up or the user interrupts it. */
export async function runMachine(machine: Machine, settings: RunSettings): Promise<Report> {
  const { source, guests } = settings;
  const session = new Session({ process: process.pid, source, guests });
  const consoles = new Map<string, string[]>(guests.map(({ name }) => [name, []]));
  const hypervisor: string[] = [];
  const print = printer(settings);
  const splitter = new SerialSplitter(consoles.keys(), (line) => {
    print(line);
    if (line.speaker === "") hypervisor.push(line.text);
    if (!line.speaker) return;
    consoles.get(line.speaker)?.push(line.text);
    session.add(line.speaker, line.text);
  });
  const site = settings.control && openControlSite(settings.control);
  const running = startMachine({ ...machine, ...serialOf(site) }, (text) => {
    site?.keep(text);
    splitter.push(text);
  });
  site?.connect();
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    running.kill();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const seconds = settings.timeoutSeconds;
  const timer = seconds === undefined ? undefined : setTimeout(running.kill, seconds * 1000);
  const ending = await running.ended;
  clearTimeout(timer);
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  splitter.end();
  session.close();
  site?.close();
  const trouble = troubleOf(ending, interrupted, settings);
  return {
    ending: interrupted ? "interrupted" : ending.reason,
    ...(trouble === undefined ? {} : { trouble }),
    guests: hypervisor.map(closingLine).filter((closing) => closing !== undefined),
    consoles: Object.fromEntries(consoles),
    hypervisor,
  };
}
