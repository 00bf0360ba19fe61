// The control channel on the side of `xenolith run`: the key that goes into the toolstack's
// configuration, the hub on the control socket, the log of the first serial port.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Appliance } from "../disaggregation/appliance/image.ts";
import { ControlHub } from "../disaggregation/control/hub.ts";
import type { ControlFiles } from "./control-target.ts";

const OWNER_ONLY = 0o600;
const RETRY_MILLISECONDS = 20;
/** QEMU makes its socket as soon as it runs. */
const MOST_RETRIES = 500;
const kinds = { block: "vbd", network: "vif" } as const;

/** What the toolstack is told of the appliance: the key, and who serves devices. */
function linesFor(appliance: Appliance, key: string): string {
  const backEnds = appliance.guests.flatMap(({ service }, index) => {
    const kind = service && Object.entries(kinds).find(([name]) => name === service.service)?.[1];
    return kind === undefined ? [] : [`backend ${index + 1} ${kind}\n`];
  });
  return `key ${key}\n${backEnds.join("")}`;
}

/** Has an appliance a toolstack, so that it can be governed while it runs? */
export function hasToolstack({ guests }: Appliance): boolean {
  return guests.some(({ service }) => service?.service === "toolstack");
}

/**
 * The appliance with a key for its control channel: the one in the toolstack's own configuration,
 * or a fresh one in a file of `folder`. Writes the key where clients look for it.
 */
export function withKey(appliance: Appliance, files: ControlFiles, folder: string): Appliance {
  const toolstack = appliance.guests.find(({ service }) => service?.service === "toolstack");
  const own = toolstack?.service?.config;
  const text = own !== undefined && existsSync(own.value) ? readFileSync(own.value, "utf8") : "";
  const given = /^key ([0-9a-f]{64})$/im.exec(text)?.[1];
  const key = given ?? randomBytes(32).toString("hex");
  writeFileSync(files.key, `${key}\n`, { mode: OWNER_ONLY });
  const config = join(folder, "toolstack.config");
  const rest = text.replace(/^key .*\n?/gim, "");
  writeFileSync(config, rest + linesFor(appliance, key), { mode: OWNER_ONLY });
  const place = { file: config, line: 1, column: 1, value: config };
  const guests = appliance.guests.map((guest) => {
    if (guest !== toolstack || guest.service === undefined) return guest;
    return { ...guest, service: { ...guest.service, config: place } };
  });
  return { ...appliance, guests };
}

/** The running side of a control channel. */
export interface ControlSite {
  /** Path of the machine's second serial port. */
  readonly line: string;
  /** Keeps what the first serial port said. */
  keep(text: string): void;
  /** Opens the hub as soon as the machine listens. */
  connect(): void;
  close(): void;
}

/** Makes the files of a control channel. */
export function openControlSite(files: ControlFiles): ControlSite {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-line-"));
  const line = join(folder, "serial");
  const log = openSync(files.log, "w", OWNER_ONLY);
  let hub: ControlHub | undefined;
  let socket: Socket | undefined;
  let closed = false;
  const connect = (retries: number): void => {
    if (closed) return;
    socket = createConnection(line);
    socket.once("connect", () => {
      hub = new ControlHub(files.socket, socket!);
    });
    socket.once("error", () => {
      if (retries < MOST_RETRIES) setTimeout(() => connect(retries + 1), RETRY_MILLISECONDS);
    });
  };
  return {
    line,
    keep: (text) => void writeSync(log, text, null, "latin1"),
    connect: () => connect(0),
    close: () => {
      closed = true;
      socket?.destroy();
      hub?.close();
      closeSync(log);
      rmSync(folder, { recursive: true });
      for (const path of [files.key, files.log]) rmSync(path, { force: true });
    },
  };
}
