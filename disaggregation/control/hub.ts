// One serial line, several clients: what the service says goes to all of them, and each finds what
// is its own by channel and key; what a client says goes on frame by frame. The hub has no key.

import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { FrameScanner } from "./frames.ts";

/** Bytes that a client may leave unread before it is let go. */
const MOST_UNREAD = 1 << 20;

export class ControlHub {
  readonly #server: Server;
  readonly #path: string;
  readonly #line: Duplex;
  readonly #clients = new Set<Socket>();

  /** Listens at `path`, a unix socket, for clients of what is at the end of `line`. */
  constructor(path: string, line: Duplex) {
    this.#path = path;
    this.#line = line;
    rmSync(path, { force: true });
    this.#server = createServer((socket) => this.#welcome(socket));
    this.#server.on("error", () => {});
    this.#server.listen({ path, readableAll: false, writableAll: false }).unref();
    line.on("data", (bytes: Buffer) => this.#broadcast(bytes));
    line.on("error", () => {});
    line.once("close", () => this.close());
  }

  #welcome(socket: Socket): void {
    this.#clients.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#clients.delete(socket));
    const scanner = new FrameScanner(({ signed, tag }) => {
      this.#line.write(Buffer.concat([signed, tag]));
      return true;
    });
    socket.on("data", (bytes: Buffer) => scanner.push(bytes));
  }

  #broadcast(bytes: Buffer): void {
    for (const client of this.#clients) {
      if (client.writableLength > MOST_UNREAD) client.destroy();
      else client.write(bytes);
    }
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
    this.#server.close();
    rmSync(this.#path, { force: true });
  }
}
