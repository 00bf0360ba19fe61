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
import type { ServiceLines } from "../disaggregation/appliance/service-plan.ts";
import { ControlHub } from "../disaggregation/control/hub.ts";
import { KEY_BYTES } from "../disaggregation/control/wire.ts";
import type { ControlFiles } from "./control-target.ts";

const OWNER_ONLY = 0o600;
const RETRY_MILLISECONDS = 20;
/** QEMU makes its socket as soon as it runs. */
const MOST_RETRIES = 500;
/** Has an appliance a toolstack, so that it can be governed while it runs? */
export function hasToolstack({ guests }: Appliance): boolean {
  return guests.some(({ service }) => service?.service === "toolstack");
}

/** The key in the toolstack's own configuration file, if it has one there. */
function givenKey({ guests }: Appliance): string | undefined {
  const toolstack = guests.find(({ service }) => service?.service === "toolstack");
  const config = toolstack?.service?.config?.value;
  if (config === undefined || !existsSync(config)) return undefined;
  return /^key ([0-9a-f]{64})$/im.exec(readFileSync(config, "utf8"))?.[1];
}

/** Makes sure that the toolstack has a key, and writes it where clients look for it. Returns the
 *  lines that its configuration has to have more. */
export function placeKey(appliance: Appliance, files: ControlFiles): ServiceLines {
  const given = givenKey(appliance);
  const key = given ?? randomBytes(KEY_BYTES).toString("hex");
  writeFileSync(files.key, `${key}\n`, { mode: OWNER_ONLY });
  return given === undefined ? { toolstack: `key ${key}\n` } : {};
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
