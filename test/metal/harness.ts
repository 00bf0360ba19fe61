// Boots an image in QEMU and takes its serial output apart: what each guest printed, what the
// hypervisor said, how it ended.

import { type Ending, type Machine, startMachine } from "../../bin/qemu.ts";

export interface Boot {
  readonly elf?: string;
  readonly pack?: string;
  readonly iso?: string;
  readonly firmware?: "bios" | "uefi";
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  readonly icount?: boolean;
  readonly cpus?: number;
  readonly cpu?: string;
  /** Text to type once the output has come to contain `after`; one after the other. */
  readonly input?: readonly { readonly after: string; readonly text: string }[];
  /** Called with each whole line as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface BootResult {
  /** Code given to machine.halt, or -1 when the machine ended in another way. */
  readonly exitCode: number;
  readonly reason: Ending["reason"];
  /** QEMU's words when it failed. */
  readonly message: string;
  /** Lines of each guest, by its name, without the prefix `NAME: `. */
  readonly consoles: ReadonlyMap<string, readonly string[]>;
  /** The hypervisor's own lines, without the prefix `xenolith: `. */
  readonly hypervisor: readonly string[];
  readonly raw: string;
  /** Virtual time from power-on to the end; with icount only. */
  readonly virtualNanoseconds?: bigint;
}

const HYPERVISOR = "xenolith";
const PREFIX = /^([A-Za-z0-9_.+-]+): ?(.*)$/;
const STOPPED = /^stopped at tick ([0-9a-f]{16})/;

function machineOf(boot: Boot): Machine {
  const { elf, pack, iso, timeoutSeconds, input, onLine, ...rest } = boot;
  if (iso !== undefined) return { ...rest, image: { iso } };
  if (elf === undefined) throw new Error("bootImage wants an elf or an iso");
  return { ...rest, image: pack === undefined ? { elf } : { elf, pack } };
}

/** Splits serial output by the prefix of each line; other lines (firmware, boot loader) are
 *  left. */
export function splitConsoles(raw: string): Map<string, string[]> {
  const consoles = new Map<string, string[]>();
  for (const line of raw.replaceAll("\r", "").split("\n")) {
    const found = PREFIX.exec(line);
    if (found === null) continue;
    const [, name = "", text = ""] = found;
    const lines = consoles.get(name) ?? [];
    consoles.set(name, lines);
    lines.push(text);
  }
  return consoles;
}

/** Feeds `boot.input` and `boot.onLine` from the growing output. */
function follower(boot: Boot, send: (text: string) => void): (raw: string) => void {
  let line = 0;
  let typed = 0;
  let from = 0;
  return (raw) => {
    for (let end = raw.indexOf("\n", line); end >= 0; end = raw.indexOf("\n", line)) {
      boot.onLine?.(raw.slice(line, end).replaceAll("\r", ""));
      line = end + 1;
    }
    for (const step of (boot.input ?? []).slice(typed)) {
      const at = raw.indexOf(step.after, from);
      if (at < 0) return;
      from = at + step.after.length;
      typed++;
      send(step.text);
    }
  };
}

/** Boots an image and waits until it ends or the time is up. Never throws for what a guest does. */
export async function bootImage(boot: Boot): Promise<BootResult> {
  let raw = "";
  let follow = (_: string): void => {};
  const running = startMachine(machineOf(boot), (text) => {
    raw += text;
    follow(raw);
  });
  follow = follower(boot, running.send);
  const timer = setTimeout(running.kill, boot.timeoutSeconds * 1000);
  const ended = await running.ended;
  clearTimeout(timer);
  const consoles = splitConsoles(raw);
  const hypervisor = consoles.get(HYPERVISOR) ?? [];
  consoles.delete(HYPERVISOR);
  const ticks = STOPPED.exec(hypervisor.at(-1) ?? "")?.[1];
  const virtual = boot.icount === true && ticks !== undefined ? BigInt(`0x${ticks}`) : undefined;
  return {
    exitCode: ended.reason === "halt" ? ended.code : -1,
    reason: ended.reason,
    message: ended.reason === "failed" ? ended.message : "",
    consoles,
    hypervisor,
    raw,
    ...(virtual === undefined ? {} : { virtualNanoseconds: virtual }),
  };
}
