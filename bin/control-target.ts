// Which running system a command speaks with: its control socket, and beside it the key, the log of
// its first serial port and a description, as `xenolith run` leaves them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { type ControlClient, connectControl, Refusal } from "../disaggregation/control/client.ts";
import { sessionFolder } from "./sessions.ts";

const SUFFIX = ".control";

export interface ControlOptions {
  readonly control?: string;
  readonly json?: boolean;
}

/** Files of a running system. */
export interface ControlFiles {
  readonly socket: string;
  readonly key: string;
  readonly log: string;
}

export function controlFiles(socket: string): ControlFiles {
  return { socket, key: `${socket}.key`, log: `${socket}.log` };
}

/** Where the system of a process is reached when nobody says otherwise. */
export function usualSocket(process: number): string {
  return join(sessionFolder(), `${process}${SUFFIX}`);
}

function runs(name: string): boolean {
  try {
    process.kill(Number.parseInt(name, 10), 0);
    return true;
  } catch {
    return false;
  }
}

/** Sockets of the systems that run now. */
function runningSockets(): string[] {
  const names = readdirSync(sessionFolder()).filter((name) => name.endsWith(SUFFIX));
  return names.filter(runs).map((name) => join(sessionFolder(), name));
}

/** The system that the options name, or the only one; undefined: none runs. Throws a Problem when
 *  there are several. */
export function findControl({ control }: ControlOptions): ControlFiles | undefined {
  if (control !== undefined) return controlFiles(control);
  const sockets = runningSockets();
  if (sockets.length < 2) return sockets[0] === undefined ? undefined : controlFiles(sockets[0]);
  throw new Problem(`several systems run; say which by --control: ${sockets.join(", ")}`);
}

export function requireControl(options: ControlOptions): ControlFiles {
  const files = findControl(options);
  if (files !== undefined) return files;
  const advice = 'start one with a toolstack by "xenolith run DIR"';
  throw new Problem(`no system with a control channel runs; ${advice}`);
}

function readKey({ socket, key }: ControlFiles): Uint8Array {
  if (!existsSync(key)) throw new Problem(`control socket ${socket}: its key ${key} is missing`);
  const bytes = Buffer.from(readFileSync(key, "utf8").trim(), "hex");
  if (bytes.length === 32) return bytes;
  throw new Problem(`${key}: a key is 64 hexadecimal digits`);
}

const reasons: ReadonlyMap<number, string> = new Map([
  [-1, "the policy, or the state of the domain, does not allow it"],
  [-2, "there is nothing of that name"],
  [-3, "there is no such domain"],
  [-11, "the system is busy; try again"],
  [-12, "there is not enough memory"],
  [-17, "it is there already"],
  [-19, "the system has no service for it"],
  [-22, "the request makes no sense to it"],
  [-28, "there is no room for it"],
  [-38, "the system does not know this request"],
]);

function explain(refusal: Refusal): Problem {
  const reason = reasons.get(refusal.result) ?? `error ${refusal.result}`;
  const detail = refusal.detail === "" ? reason : `xenstore says ${refusal.detail}`;
  return new Problem(`the system refused: ${detail}`);
}

/** Opens a session, uses it and closes it. What the system refuses becomes a Problem. */
export async function withControl<T>(
  options: ControlOptions,
  use: (client: ControlClient) => Promise<T>,
): Promise<T> {
  const files = requireControl(options);
  const client = await connectControl(files.socket, readKey(files));
  try {
    return await use(client);
  } catch (error) {
    throw error instanceof Refusal ? explain(error) : error;
  } finally {
    client.close();
  }
}

/** A command with the options that all of these have. */
export function controlCommand(name: string, description: string, examples: string): Command {
  const lines = examples
    .trim()
    .split("\n")
    .map((line) => `  xenolith ${line.trim()}\n`);
  return new Command(name)
    .description(description)
    .option("--control <socket>", "the control socket of the system (the only one that runs)")
    .option("--json", "print JSON")
    .addHelpText("after", `\nExamples:\n${lines.join("")}`.trimEnd());
}

/** Prints a value as JSON, or what `text` makes of it. */
export function show<T>({ json }: ControlOptions, value: T, text: (value: T) => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text(value));
}
