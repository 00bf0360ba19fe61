// A system that runs beside a check, which governs it by the project's own commands.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ran, root, xenolith } from "../cli.ts";

const POLL_MILLISECONDS = 250;

export interface ListedDomain {
  readonly domain: number;
  readonly name: string;
  readonly state: string;
}

export class LiveSystem {
  /** What the system said so far. */
  said = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "xenolith-live-"));
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;

  /** Starts an appliance that stays on until `poweroff`. */
  constructor(appliance: string, seconds: number) {
    const words = ["run", appliance, "--stay-on", "--control", this.#socket];
    this.#child = spawn("bin/xenolith", [...words, "--timeout", String(seconds)], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const hear = (part: Buffer): void => {
      this.said += part.toString("latin1");
    };
    this.#child.stdout!.on("data", hear);
    this.#child.stderr!.on("data", hear);
    this.#ended = new Promise((resolve) => this.#child.on("close", (code) => resolve(code ?? -1)));
  }

  get #socket(): string {
    return join(this.#folder, "control");
  }

  /** Runs a command on it. */
  command(...words: string[]): Promise<Ran> {
    return xenolith([...words, "--control", this.#socket], 300);
  }

  /** The domains; none while it does not answer. */
  async domains(): Promise<ListedDomain[]> {
    const { code, stdout } = await this.command("list", "--json");
    return code === 0 ? (JSON.parse(stdout) as ListedDomain[]) : [];
  }

  /** Waits until something holds; false: it did not within `seconds`. */
  async until(holds: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
    const last = Date.now() + seconds * 1000;
    while (!(await holds())) {
      if (Date.now() > last || this.#child.exitCode !== null) return false;
      await sleep(POLL_MILLISECONDS);
    }
    return true;
  }

  /** Types lines at a domain's console until it says something. */
  async talk(domain: string, typed: string, wanted: RegExp, seconds: number): Promise<boolean> {
    const words = ["console", domain, "--control", this.#socket];
    const client = spawn("bin/xenolith", words, { cwd: root, stdio: ["pipe", "pipe", "ignore"] });
    let heard = "";
    client.stdout.on("data", (part: Buffer) => {
      heard += part.toString("latin1");
    });
    client.stdin.write(typed);
    const found = await this.until(() => wanted.test(heard), seconds);
    client.kill();
    return found;
  }

  /** Ends it if it still runs; its exit code. */
  async end(seconds: number): Promise<number> {
    const timer = setTimeout(() => this.#child.kill("SIGTERM"), seconds * 1000);
    const code = await this.#ended;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true });
    return code;
  }
}
