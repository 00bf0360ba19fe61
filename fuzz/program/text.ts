// Programs as lines that people read and write: `d1v0 evtchn_send(at=0, port=last)`.

import { operationNamed } from "./operations.ts";
import {
  type Argument,
  actors,
  literal,
  modes,
  type Program,
  patience,
  type Step,
  wholeNumber,
} from "./program.ts";

/** A line that is not a step of a program. */
export class ProgramError extends Error {}

const DECIMAL_BELOW = 65536n;

function argumentText(value: Argument): string {
  if (value.back >= 0) return value.back === 0 ? "last" : `last-${value.back}`;
  const number = wholeNumber(value);
  return number < DECIMAL_BELOW ? String(number) : `0x${number.toString(16)}`;
}

/** A step as a line. */
export function stepText(step: Step): string {
  const [domain, id] = actors[step.actor]!;
  const words = [`d${domain}v${id}`];
  if (step.mode !== 0) words.push(modes[step.mode]!);
  if (step.patience !== 0) words.push(`steps=${patience[step.patience]}`);
  if (step.listed) words.push("listed");
  const { name, parameters } = step.operation;
  const given = parameters.map(
    (parameter, index) => `${parameter.name}=${argumentText(step.values[index]!)}`,
  );
  return `${words.join(" ")} ${name}(${given.join(", ")})`;
}

/** A program as lines. */
export function programText(program: Program): string {
  return program.map((step) => `${stepText(step)}\n`).join("");
}

function parseArgument(text: string, line: number): Argument {
  const back = /^last(?:-(\d+))?$/.exec(text);
  if (back !== null) return { back: Number(back[1] ?? 0), low: 0, high: 0 };
  if (/^(\d+|0x[0-9a-f]+)$/.test(text)) return literal(BigInt(text));
  throw new ProgramError(`line ${line}: "${text}" is not a number, nor last or last-1`);
}

function parseActor(text: string, line: number): number {
  const actor = actors.findIndex(([domain, id]) => text === `d${domain}v${id}`);
  if (actor >= 0) return actor;
  const known = actors.map(([domain, id]) => `d${domain}v${id}`).join(", ");
  throw new ProgramError(`line ${line}: there is no vCPU "${text}"; there are ${known}`);
}

function parseStep(text: string, line: number): Step {
  const match = /^(\S+) (.*?)(\w+)\((.*)\)$/.exec(text.trim());
  if (match === null) throw new ProgramError(`line ${line}: not "d1v0 operation(name=value, ...)"`);
  const [, actor, words, name, list] = match;
  const operation = operationNamed(name!);
  if (operation === undefined) throw new ProgramError(`line ${line}: no operation "${name}"`);
  const given = new Map(list!.split(",").map((pair) => pair.trim().split("=") as [string, string]));
  const values = operation.parameters.map((parameter) =>
    parseArgument(given.get(parameter.name) ?? "0", line),
  );
  const flags = words!.split(" ");
  const mode = modes.findIndex((one) => flags.includes(one));
  const waits = patience.findIndex((one) => flags.includes(`steps=${one}`));
  return {
    operation,
    actor: parseActor(actor!, line),
    mode: Math.max(mode, 0),
    patience: Math.max(waits, 0),
    listed: flags.includes("listed"),
    values,
  };
}

/** The program that lines are; empty lines and those that begin with # are left out. Throws
 *  ProgramError. */
export function parseProgram(text: string): Program {
  return text.split("\n").flatMap((line, index) => {
    const isStep = line.trim() !== "" && !line.trim().startsWith("#");
    return isStep ? [parseStep(line, index + 1)] : [];
  });
}
