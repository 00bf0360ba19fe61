// The client's end of the control protocol, over any stream: the socket of a machine's second
// serial port, or the hub of `xenolith run`.

import { randomBytes } from "node:crypto";
import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import { Problem } from "../appliance/problem.ts";
import { encodeFrame, type Frame, FrameScanner, isGenuine, sessionKey } from "./frames.ts";
import * as wire from "./wire.ts";

/** A request that the service refused, or could not answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** A negative errno. */
  readonly result: number;
  /** What xenstore calls the error, if it was xenstore's. */
  readonly detail: string;

  constructor(result: number, detail: string) {
    super(`refused (${detail || result})`);
    this.result = result;
    this.detail = detail;
  }
}

export interface ConsoleOutput {
  readonly domain: number;
  readonly ended: boolean;
  readonly bytes: Uint8Array;
}

export interface ClientOptions {
  /** Milliseconds that a hello, and a request, wait for their answer. */
  readonly helloMilliseconds?: number;
  readonly requestMilliseconds?: number;
  /** After so long without an answer the same frame goes out once more. */
  readonly resendMilliseconds?: number;
}

interface Waiting {
  readonly resolve: (data: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly again: NodeJS.Timeout;
}

interface Keys {
  readonly channel: number;
  readonly toService: Uint8Array;
  readonly toClient: Uint8Array;
}

/** A system that is busy, or on a busy machine, has ten seconds. */
const HELLOS = 20;
const USUAL = { helloMilliseconds: 500, requestMilliseconds: 30_000, resendMilliseconds: 3000 };
const MOST_READS = 3;
const READ_MILLISECONDS = 10_000;
const GAP_MILLISECONDS = wire.GAP_NANOSECONDS / 1e6;
const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class ControlClient {
  /** Called with what an attached console says. */
  onConsole: (output: ConsoleOutput) => void = () => {};
  readonly #stream: Duplex;
  readonly #key: Uint8Array;
  readonly #options: Required<ClientOptions>;
  readonly #nonce = randomBytes(wire.NONCE_BYTES);
  readonly #scanner = new FrameScanner((frame) => this.#take(frame));
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #keys: Keys | undefined;
  #challenged: () => void = () => {};
  #gap: NodeJS.Timeout | undefined;
  #sent = 0;
  #seen = 0;

  private constructor(stream: Duplex, key: Uint8Array, options: ClientOptions) {
    this.#stream = stream;
    this.#key = key;
    this.#options = { ...USUAL, ...options };
    stream.on("data", (bytes: Buffer) => this.#hear(bytes));
    stream.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      stream.once("close", () => {
        this.#fail("the line to the system was cut");
        resolve();
      });
    });
  }

  /** Opens a session on a stream. Throws a Problem when nobody with the key answers. */
  static async open(
    stream: Duplex,
    key: Uint8Array,
    options: ClientOptions = {},
  ): Promise<ControlClient> {
    const client = new ControlClient(stream, key, options);
    for (let count = 0; count < HELLOS; count++) if (await client.#greet()) return client;
    stream.destroy();
    const advice = "is it still booting, has it a toolstack, and is this its key?";
    throw new Problem(`the system does not answer on its control channel; ${advice}`);
  }

  /** Resolves when the stream is closed, by either end. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  close(): void {
    clearTimeout(this.#gap);
    this.#stream.destroy();
  }

  /** Sends a request that changes nothing: one that has no answer is sent again, some times. */
  async read(
    operation: number,
    argument = 0,
    data: Uint8Array = new Uint8Array(),
  ): Promise<Buffer> {
    const milliseconds = Math.min(READ_MILLISECONDS, this.#options.requestMilliseconds);
    for (let count = 1; count < MOST_READS; count++) {
      try {
        return await this.request(operation, argument, data, milliseconds);
      } catch (error) {
        if (error instanceof Refusal || this.#stream.destroyed) throw error;
      }
    }
    return this.request(operation, argument, data);
  }

  /** Sends a request; the data of its answer. What was lost on the way is sent again under the same
   *  number, so that it is carried out once. Throws a Refusal, or a Problem when no answer comes.
   *  */
  request(
    operation: number,
    argument = 0,
    data: Uint8Array = new Uint8Array(),
    milliseconds = this.#options.requestMilliseconds,
  ): Promise<Buffer> {
    const body = new Uint8Array(wire.REQUEST_HEADER_BYTES + data.length);
    viewOf(body).setUint32(0, operation, true);
    viewOf(body).setUint32(4, argument, true);
    body.set(data, wire.REQUEST_HEADER_BYTES);
    const keys = this.#keys!;
    const sequence = ++this.#sent;
    const parts = { type: wire.TYPE_REQUEST, channel: keys.channel, sequence, body };
    const frame = encodeFrame(keys.toService, parts);
    return new Promise<Uint8Array>((resolve, reject) => {
      const timer = setTimeout(() => {
        clearInterval(again);
        this.#waiting.delete(sequence);
        reject(new Problem("the system did not answer a request; the line may be cut"));
      }, milliseconds);
      const resend = (): boolean => this.#stream.write(frame);
      const again = setInterval(resend, this.#options.resendMilliseconds);
      this.#waiting.set(sequence, { resolve, reject, timer, again });
      if (this.#stream.destroyed) this.#fail("the line to the system was cut");
      else this.#stream.write(frame);
    }).then((bytes) => Buffer.from(bytes));
  }

  /** Says hello once; true: a challenge came that proves the key. */
  #greet(): Promise<boolean> {
    const parts = { type: wire.TYPE_HELLO, channel: 0, sequence: 0, body: this.#nonce };
    if (this.#stream.destroyed) return Promise.resolve(false);
    this.#stream.write(encodeFrame(this.#key, parts));
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), this.#options.helloMilliseconds);
      this.#challenged = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  #fail(reason: string): void {
    for (const { reject, timer, again } of this.#waiting.values()) {
      clearTimeout(timer);
      clearInterval(again);
      reject(new Problem(reason));
    }
    this.#waiting.clear();
  }

  #hear(bytes: Uint8Array): void {
    clearTimeout(this.#gap);
    this.#scanner.push(bytes);
    if (this.#scanner.waits) this.#gap = setTimeout(() => this.#scanner.gap(), GAP_MILLISECONDS);
  }

  /** True: the frame was written by the service, for this client. */
  #take(frame: Frame): boolean {
    if (frame.type === wire.TYPE_CHALLENGE) return this.#takeChallenge(frame);
    const keys = this.#keys;
    if (keys === undefined || frame.channel !== keys.channel) return false;
    if (!isGenuine(frame, keys.toClient)) return false;
    // A number that was seen is a replay: genuine, and of no meaning.
    if (frame.sequence <= this.#seen) return true;
    this.#seen = frame.sequence;
    if (frame.type === wire.TYPE_REPLY) this.#takeReply(frame.body);
    if (frame.type === wire.TYPE_CONSOLE) this.#takeConsole(frame.body);
    return true;
  }

  #takeChallenge(frame: Frame): boolean {
    if (this.#keys !== undefined || frame.body.length !== 2 * wire.NONCE_BYTES) return false;
    const mine = frame.body.subarray(0, wire.NONCE_BYTES);
    const theirs = frame.body.subarray(wire.NONCE_BYTES);
    if (Buffer.compare(mine, this.#nonce) !== 0) return false;
    const keyFor = (direction: number): Uint8Array =>
      sessionKey(this.#key, direction, this.#nonce, theirs);
    const toClient = keyFor(wire.TO_CLIENT);
    if (!isGenuine(frame, toClient)) return false;
    this.#keys = { channel: frame.channel, toService: keyFor(wire.TO_SERVICE), toClient };
    this.#challenged();
    return true;
  }

  #takeReply(body: Uint8Array): void {
    if (body.length < wire.REPLY_HEADER_BYTES) return;
    const sequence = viewOf(body).getUint32(0, true);
    const result = viewOf(body).getInt32(4, true);
    const data = body.slice(wire.REPLY_HEADER_BYTES);
    const waiting = this.#waiting.get(sequence);
    if (waiting === undefined) return;
    this.#waiting.delete(sequence);
    clearTimeout(waiting.timer);
    clearInterval(waiting.again);
    if (result >= 0) waiting.resolve(data);
    else waiting.reject(new Refusal(result, Buffer.from(data).toString("latin1").split("\0")[0]!));
  }

  #takeConsole(body: Uint8Array): void {
    if (body.length < wire.CONSOLE_HEADER_BYTES) return;
    const domain = viewOf(body).getUint32(0, true);
    const ended = viewOf(body).getUint32(4, true) === wire.CONSOLE_ENDED;
    this.onConsole({ domain, ended, bytes: body.slice(wire.CONSOLE_HEADER_BYTES) });
  }
}

/** Opens a session on a unix socket. Throws a Problem. */
export async function connectControl(path: string, key: Uint8Array): Promise<ControlClient> {
  const stream = createConnection(path);
  await new Promise<void>((resolve, reject) => {
    stream.once("connect", resolve);
    stream.once("error", (error) => {
      reject(new Problem(`control socket ${path}: ${error.message}; does the system still run?`));
    });
  });
  return ControlClient.open(stream, key);
}
