// How long interrupts are off at a stretch: QEMU writes down each instruction that the hypervisor
// executes, and what lies between two places where an interrupt can be taken is counted. A bulk
// move counts by its bytes.

import { spawn, spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Machine, QEMU, qemuParameters } from "../../../bin/qemu.ts";
import { withMachine } from "../../../scripts/bench/xenolith.ts";
import { run } from "../../../scripts/command.ts";
import { ALLOWED_GUEST } from "../../../scripts/policy-tables.ts";
import { root } from "../cli.ts";
import { guest } from "../guests.ts";

/** Where the image's text may lie; no test guest has code there. */
const TEXT = "0x1000000..0x1040000";
const INSTRUCTION = /^ *([0-9a-f]+):\t(.*)$/gm;
const SLASH = 0x2f;
const LINE_FEED = 0x0a;

interface Places {
  /** Instructions at which an interrupt is taken, or a guest entered that exits for one. */
  readonly open: ReadonlySet<number>;
  /** Repeated instructions: one step of each moves so many bytes. */
  readonly bulk: ReadonlyMap<number, number>;
}

function placesOf(image: string): Places {
  const listing = run("objdump", ["-d", "--no-show-raw-insn", image], root);
  const lines = [...listing.matchAll(INSTRUCTION)].map(([, address, text]) => {
    return { address: Number.parseInt(address!, 16), text: text!.trim() };
  });
  const open = lines.filter(({ text }, at) => {
    if (text === "sti") return /^(nop|hlt)/.test(lines[at + 1]?.text ?? "");
    return text === "hlt" || text === "vmrun";
  });
  const bulk = lines.filter(({ text }) => text.startsWith("rep "));
  return {
    open: new Set(open.map(({ address }) => address)),
    bulk: new Map(bulk.map(({ address, text }) => [address, text.includes("%rax") ? 8 : 1])),
  };
}

/** Counts what passes between two open places, from the first of them on. */
class StretchCounter {
  readonly #places: Places;
  #counts = false;
  #current = 0;
  longest = 0;
  executed = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  at(address: number): void {
    if (this.#places.open.has(address)) {
      if (this.#counts && this.#current > this.longest) this.longest = this.#current;
      this.#counts = true;
      this.#current = 0;
      return;
    }
    this.executed++;
    this.#current += this.#places.bulk.get(address) ?? 1;
  }
}

/** Takes lines `Trace 0: 0x7f.. [00000000/ADDRESS/flags/flags] symbol` apart as they come. */
class TraceReader {
  readonly #counter: StretchCounter;
  #slashes = 0;
  #address = 0;

  constructor(counter: StretchCounter) {
    this.#counter = counter;
  }

  push(part: Buffer): void {
    for (const byte of part) {
      if (byte === LINE_FEED) {
        this.#slashes = 0;
        this.#address = 0;
      } else if (byte === SLASH) {
        this.#slashes++;
        if (this.#slashes === 2) this.#counter.at(this.#address);
      } else if (this.#slashes === 1) {
        this.#address = this.#address * 16 + (byte <= 0x39 ? byte - 0x30 : byte - 0x57);
      }
    }
  }
}

function trace(machine: Machine, counter: StretchCounter, folder: string): Promise<void> {
  const pipe = join(folder, "trace");
  spawnSync("mkfifo", [pipe]);
  const logging = ["-singlestep", "-d", "exec,nochain", "-D", pipe, "-dfilter", TEXT];
  const child = spawn(QEMU, [...qemuParameters(machine), ...logging], { stdio: "ignore" });
  const reader = new TraceReader(counter);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    createReadStream(pipe, { highWaterMark: 1 << 20 })
      .on("data", (part) => reader.push(part as Buffer))
      .on("error", reject)
      .on("end", resolve);
  });
}

export interface Stretch {
  /** Instructions. */
  readonly longest: number;
  readonly executed: number;
}

/** Measures the longest stretch while a guest asks for all that takes long. */
export async function measureStretch(): Promise<Stretch> {
  const kernel = await guest("frames");
  const commandLine = `end=60000 rounds=1 flood=40 label=${ALLOWED_GUEST}`;
  const guests = [{ name: "flood", kernel, memoryMib: 16, commandLine }];
  const counter = new StretchCounter(placesOf(`${root}build/native/xenolith.debug.elf`));
  const folder = mkdtempSync(join(tmpdir(), "xenolith-stretch-"));
  try {
    await withMachine({ name: "stretch", count: 1, guests: () => guests }, true, (machine) =>
      trace(machine, counter, folder),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { longest: counter.longest, executed: counter.executed };
}
