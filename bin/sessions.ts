// Appliances that run now. Each `xenolith run` listens on a socket in a folder of its user; `list`
// asks each of them what it runs, `console` for what one guest says. One JSON object a line.

import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SUFFIX = ".sock";
/** Lines of a guest that are kept for whoever attaches later. */
const MOST_LINES = 10_000;

export interface SessionGuest {
  readonly domain: number;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
}

/** What a running appliance says of itself. */
export interface SessionInfo {
  readonly process: number;
  /** What was given to `run`. */
  readonly source: string;
  readonly guests: readonly SessionGuest[];
}

/** The folder of the running systems of this user, readable by nobody else. */
export function sessionFolder(): string {
  const user = process.getuid?.() ?? 0;
  const path = join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `xenolith-${user}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

/** The running side: keeps each guest's lines and hands them to those who attach. */
export class Session {
  readonly #info: SessionInfo;
  readonly #path: string;
  readonly #server: Server;
  readonly #lines = new Map<string, string[]>();
  readonly #sockets = new Set<Socket>();
  readonly #attached = new Map<Socket, string>();

  constructor(info: SessionInfo) {
    this.#info = info;
    this.#path = join(sessionFolder(), `${info.process}${SUFFIX}`);
    rmSync(this.#path, { force: true });
    this.#server = createServer((socket) => this.#welcome(socket));
    this.#server.on("error", () => {});
    this.#server.listen(this.#path).unref();
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#attached.delete(socket);
    });
    socket.write(`${JSON.stringify(this.#info)}\n`);
    createInterface({ input: socket }).once("line", (name) => {
      this.#attached.set(socket, name);
      for (const line of this.#lines.get(name) ?? []) socket.write(`${line}\n`);
    });
  }

  /** A guest said a line. */
  add(guest: string, line: string): void {
    const lines = this.#lines.get(guest) ?? [];
    this.#lines.set(guest, lines);
    lines.push(line);
    if (lines.length > MOST_LINES) lines.shift();
    for (const [socket, name] of this.#attached) if (name === guest) socket.write(`${line}\n`);
  }

  /** The appliance has ended. */
  close(): void {
    for (const socket of this.#sockets) socket.end();
    this.#server.close();
    rmSync(this.#path, { force: true });
  }
}

/** Connects to one session; undefined when nobody listens there any more. */
function connect(path: string): Promise<{ socket: Socket; info: SessionInfo } | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("error", () => {
      rmSync(path, { force: true });
      resolve(undefined);
    });
    let text = "";
    const listen = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!text.includes("\n")) return;
      socket.off("data", listen);
      resolve({ socket, info: JSON.parse(text.slice(0, text.indexOf("\n"))) as SessionInfo });
    };
    socket.on("data", listen);
  });
}

async function connectAll(): Promise<{ socket: Socket; info: SessionInfo }[]> {
  const base = sessionFolder();
  const names = readdirSync(base).filter((name) => name.endsWith(SUFFIX));
  const found = await Promise.all(names.sort().map((name) => connect(join(base, name))));
  return found.filter((session) => session !== undefined);
}

/** The appliances that run now. */
export async function runningSessions(): Promise<SessionInfo[]> {
  const sessions = await connectAll();
  for (const { socket } of sessions) socket.destroy();
  return sessions.map(({ info }) => info);
}

/** Gives each line of a guest, those so far and those to come, until its appliance ends. False when
 *  no running appliance has such a guest. */
export async function followGuest(guest: string, onLine: (line: string) => void): Promise<boolean> {
  const sessions = await connectAll();
  const mine = sessions.find(({ info }) => info.guests.some(({ name }) => name === guest));
  for (const { socket } of sessions) if (socket !== mine?.socket) socket.destroy();
  if (mine === undefined) return false;
  mine.socket.write(`${guest}\n`);
  for await (const line of createInterface({ input: mine.socket })) onLine(line);
  return true;
}
