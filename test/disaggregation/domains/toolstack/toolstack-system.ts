// Core, xenstore, toolstack and a guest in one process, with a client's line to the toolstack.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { DomainPorts } from "../../../../disaggregation/appliance/links.ts";
import { type Member, ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { ALLOWED_GUEST, allowTable } from "../../../../scripts/policy-tables.ts";
import { VirtualLine, VirtualUart } from "../../control/virtual-uart.ts";
import { serviceBytes } from "../support/compiled.ts";
import { labelsOf } from "../support/labels.ts";

export const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
export const keyLine = (key: Uint8Array): string => `key ${Buffer.from(key).toString("hex")}\n`;

const TICK_NANOSECONDS = 2_000_000n;
const core = new URL("../../../../build/core.wasm", import.meta.url);

export interface ToolstackSystem {
  readonly system: ServiceSystem;
  readonly uart: VirtualUart;
  /** A client's end of the line. */
  line(): VirtualLine;
}

export interface ToolstackOptions {
  /** Configuration of the toolstack. */
  readonly config?: string;
  /** Contents of a builder's store; without them there is no builder. */
  readonly builder?: readonly Uint8Array[];
  /** With a console service. */
  readonly console?: boolean;
  /** Memory for domains that come later. */
  readonly freeMib?: number;
  /** With a network service, the last domain. */
  readonly network?: boolean;
  /** With a keeper, the last domain of all. */
  readonly keeper?: boolean;
  /** A policy's folder; without it everything is allowed. */
  readonly policy?: string;
}

/** A policy's table and the members' labels in it. */
type Labels = ReturnType<typeof labelsOf>;

const PAGE_BYTES = 4096;
const SPARE_BYTES = 2 << 20;
const pages = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;

/** A builder whose store has these files; the toolstack is the domain behind it. */
function builderMember(
  files: readonly Uint8Array[],
  toolstack: number,
  guestLabel: number,
): Member {
  const module = new Uint8Array(files.reduce((sum, file) => sum + pages(file.length), 0));
  let [at, lines] = [0, ""];
  for (const file of files) {
    module.set(file, at);
    lines += `file ${createHash("sha256").update(file).digest("hex")} ${at} ${file.length}\n`;
    at += pages(file.length);
  }
  const config = (ports: ReadonlyMap<number, DomainPorts>): string =>
    `toolstack ${toolstack} ${ports.get(toolstack)!.builder}\nxenstore 1\nlabel usual ${guestLabel}\n${lines}`;
  const wasm = serviceBytes("builder");
  const service = { kind: "builder", wasm, config, module, spareBytes: SPARE_BYTES } as const;
  return { name: "builder", label: ALLOWED_GUEST, service };
}

/** A console service for one guest. */
function consoleMember(toolstack: number, guest: number): Member {
  const config = (ports: ReadonlyMap<number, DomainPorts>): string =>
    `management ${toolstack} ${ports.get(toolstack)!.console}\n` +
    `domain ${guest} ${ports.get(guest)!.console} alpha\n`;
  // It is given the ports of a serial port that nothing is said to.
  const ports = new VirtualUart();
  const service = { kind: "console", wasm: serviceBytes("console"), config, ports } as const;
  return { name: "console", label: ALLOWED_GUEST, service };
}

function networkMember(): Member {
  const wasm = serviceBytes("network");
  const service = { kind: "other", wasm, config: () => "", spareBytes: SPARE_BYTES } as const;
  return { name: "network", label: ALLOWED_GUEST, service };
}

function keeperMember(): Member {
  const service = { kind: "keeper", wasm: serviceBytes("keeper") } as const;
  return { name: "keeper", label: ALLOWED_GUEST, service };
}

/** What the toolstack is told of services that come back. */
function serviceLines(options: ToolstackOptions, toolstack: number): string {
  if (options.keeper !== true) return "";
  return Array.from({ length: toolstack }, (_, index) => `service ${index + 1}\n`).join("");
}

function labelsFor({ policy, ...has }: ToolstackOptions): Labels {
  if (policy === undefined) return { bytes: allowTable(), labels: [] };
  const before = has.builder === undefined ? [] : ["builder"];
  const first = has.console === true ? ["xenstore", "console"] : ["xenstore"];
  const last = has.network === true ? ["network"] : [];
  const keeper = has.keeper === true ? ["keeper"] : [];
  return labelsOf([...first, ...before, "toolstack", "alpha", ...last, ...keeper], policy);
}

/** The members under their labels. */
function labelled(members: readonly Member[], { bytes, labels }: Labels) {
  const named = members.map((member, index) => ({
    ...member,
    label: labels[index] ?? ALLOWED_GUEST,
  }));
  return { policy: bytes, members: named };
}

/** Domains: 1 xenstore, then a console service and a builder if they are asked for, the toolstack, the guest "alpha". */
export function toolstackSystem(options: ToolstackOptions = {}): ToolstackSystem {
  const uart = new VirtualUart();
  const label = ALLOWED_GUEST;
  const own = options.config ?? keyLine(KEY);
  const toolstack = 2 + [options.console, options.builder].filter(Boolean).length;
  const alpha = toolstack + 1;
  const given = labelsFor(options);
  const guestLabel = given.labels[alpha - 1] ?? ALLOWED_GUEST;
  const home = `/local/domain/${alpha}`;
  const members: Member[] = [
    {
      name: "xenstore",
      label,
      service: {
        kind: "xenstore",
        wasm: serviceBytes("xenstore"),
        config: (ports) =>
          `${options.keeper === true ? "service" : "domain"} ${toolstack} ${ports.get(toolstack)!.store}\n` +
          `domain ${alpha} ${ports.get(alpha)!.store}\n` +
          `privileged ${toolstack}\nnode ${home} n${alpha}\nnode ${home}/name n${alpha} alpha\n`,
      },
    },
    ...(options.console === true ? [consoleMember(toolstack, alpha)] : []),
    ...(options.builder === undefined
      ? []
      : [builderMember(options.builder, toolstack, guestLabel)]),
    {
      name: "toolstack",
      label,
      service: {
        kind: "toolstack",
        wasm: serviceBytes("toolstack"),
        config: (ports) =>
          `${own}builder ${ports.get(toolstack)!.builder ?? 0}\n${serviceLines(options, toolstack)}`,
        ports: uart,
      },
    },
    { name: "alpha", label },
    ...(options.network === true ? [networkMember()] : []),
    ...(options.keeper === true ? [keeperMember()] : []),
  ];
  const system = new ServiceSystem({
    core: new Uint8Array(readFileSync(core)),
    ...labelled(members, given),
    freeMib: options.freeMib ?? 0,
  });
  return {
    system,
    uart,
    line: () => new VirtualLine(uart, () => system.advance(TICK_NANOSECONDS)),
  };
}
