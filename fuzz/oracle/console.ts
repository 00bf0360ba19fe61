// What the core prints is so: each line is one that the tables say, written once more from them. A
// hypervisor's log is what people go by; a wrong number in it is a mistake like another.

import {
  DENIALS,
  DOMAIN_NAME_BYTES,
  EXIT_KINDS,
  LABEL_NAME_BYTES,
  VCPUS_PER_DOMAIN,
} from "../../tcb/core/limits.ts";
import { columnNamed } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";

const EXITS = [
  ...["interrupt", "window", "cpuid", "halt", "io", "msr", "hypercall", "npf", "shutdown"],
  ...["cache", "exception"],
] as const;
/** Denials of one step that may have been printed. */
const DENIALS_LOOKED_AT = 4;
const HYPERCALLS = 6;
const CRASH_REGISTERS = ["rip", "rsp", "cr0", "cr3", "cr4", "efer", "rflags"] as const;

export class Console {
  readonly #machine: FuzzMachine;
  readonly #view: DataView;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#view = new DataView(machine.bytes.buffer);
  }

  judge(taken: Taken): Violation | undefined {
    for (const line of this.#machine.lines) {
      if (this.#isSo(line, taken)) continue;
      const says = `the core printed what its tables do not say: ${JSON.stringify(line)}`;
      return { oracle: "console", about: "line", says };
    }
    return undefined;
  }

  #isSo(line: string, { vcpu }: Taken): boolean {
    const domain = /^xenolith: domain (\d+) /.exec(line);
    if (domain !== null) {
      const number = Number(domain[1]);
      if (number >= 64) return false;
      if (line.includes(" crashed: ")) return this.#crashes(number, vcpu).includes(line);
      return line === this.#shutdown(number) || line === this.#report(number);
    }
    if (line.startsWith("xenolith: avc:")) return this.#denials().includes(line);
    return this.#isGuests(line);
  }

  #value(name: string, row: number): bigint {
    const { base, stride, width } = columnNamed(name);
    const at = base + row * stride;
    if (width === 8) return this.#view.getBigUint64(at, true);
    if (width === 4) return BigInt(this.#view.getUint32(at, true));
    return BigInt(width === 2 ? this.#view.getUint16(at, true) : this.#view.getUint8(at));
  }

  #text(name: string, first: number, most: number): string {
    const { base } = columnNamed(name);
    const bytes = this.#machine.bytes.subarray(base + first, base + first + most);
    const end = bytes.indexOf(0);
    return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("latin1");
  }

  #name(domain: number): string {
    return this.#text("domainNameByte", domain * DOMAIN_NAME_BYTES, DOMAIN_NAME_BYTES);
  }

  #announced(domain: number, text: string): string {
    return `xenolith: domain ${domain} ${this.#name(domain)}${text}\n`;
  }

  #shutdown(domain: number): string {
    return this.#announced(domain, ` shut down, reason ${this.#value("domainReason", domain)}`);
  }

  #crashes(domain: number, vcpu: number): string[] {
    if (vcpu >>> 0 >= 256) return [];
    const hex = (name: string): string => this.#value(name, vcpu).toString(16);
    const id = this.#value("vcpuId", vcpu);
    const registers = CRASH_REGISTERS.map((name) => {
      return `${name} ${hex(`vmcb${name[0]!.toUpperCase()}${name.slice(1)}`)}`;
    }).join(" ");
    const causes = ["triple fault 0", "machine check 0", `exit ${hex("vmcbExitCode")}`];
    return [
      ...[...causes, `no memory at ${hex("vmcbExitInfo2")}`].map((cause) =>
        this.#announced(domain, ` crashed: ${cause} vcpu ${id} ${registers}`),
      ),
      this.#announced(domain, ` crashed: invalid state, vcpu ${id}`),
    ];
  }

  #report(domain: number): string {
    const own = (name: string): bigint => this.#value(name, domain);
    const count = (kind: number): bigint => this.#value("domainExitCount", domain * 16 + kind);
    const rows = Array.from({ length: VCPUS_PER_DOMAIN }, (_, id) =>
      Number(this.#value("domainVcpuRow", domain * VCPUS_PER_DOMAIN + id)),
    );
    const spent = rows
      .filter((row) => row !== 0)
      .reduce((sum, row) => sum + this.#value("vcpuTimeSpent", (row - 1) * 4), 0n);
    const exits = Array.from({ length: EXIT_KINDS }, (_, kind) =>
      count(kind) === 0n ? "" : ` exit.${EXITS[kind] ?? "other"}=${count(kind)}`,
    ).join("");
    const text =
      ` state=${own("domainState")} reason=${own("domainReason")} vcpus=${own("domainVcpus")}` +
      ` frames=${own("domainFrames")} ns=${BigInt.asUintN(64, spent)}` +
      ` hypercalls=${count(HYPERCALLS)} denials=${own("domainDenials")}${exits}`;
    return this.#announced(domain, text);
  }

  /** The last denials of the ring, as lines. */
  #denials(): string[] {
    const next = Number(this.#value("denialRingNext", 0));
    return Array.from({ length: DENIALS_LOOKED_AT }, (_, back) => {
      const slot = (next - 1 - back) & (DENIALS - 1);
      const [source, target, group] = ["denialSource", "denialTarget", "denialClass"].map((name) =>
        Number(this.#value(name, slot)),
      ) as [number, number, number];
      const label = (row: number) =>
        this.#text("policyNameByte", row * LABEL_NAME_BYTES, LABEL_NAME_BYTES);
      const count = this.#value("policyCellDenied", (source * 128 + target) * 16 + group);
      return (
        `xenolith: avc: denied scontext=${label(source)} tcontext=${label(target)}` +
        ` class=${group} permission=${this.#value("denialPermission", slot)} count=${count}\n`
      );
    });
  }

  /** A guest's line: its name, and bytes that stand in its line. Another line may have begun over
   *  it since: what is left of it is compared; of all but the last of a step, the name. */
  #isGuests(line: string): boolean {
    const { lines } = this.#machine;
    for (let domain = 1; domain < 64; domain++) {
      const head = `${this.#name(domain)}: `;
      if (this.#value("domainState", domain) === 0n || !line.startsWith(head)) continue;
      if (lines.findLast((one) => one.startsWith(head)) !== line) return true;
      const { base } = columnNamed("domainLineByte");
      const said = Buffer.from(line.slice(head.length, -1), "latin1");
      const from = Number(this.#value("domainLineLength", domain));
      const at = base + domain * 256;
      const kept = this.#machine.bytes.subarray(at + from, at + said.length);
      if (said.length <= 256 && line.endsWith("\n") && said.subarray(from).equals(kept))
        return true;
    }
    return false;
  }
}
