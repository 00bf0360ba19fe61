// The second serial port of a simulated machine: a 16550 with its FIFO, and the line behind it as a
// stream that moves the system on.

import { Duplex } from "node:stream";
import type { PortDevice } from "../../../disaggregation/runtime/node/service.ts";

const BASE = 0x2f8;
const FIFO_BYTES = 16;
const DIVISOR_ACCESS = 0x80;
const RECEIVED = 1;
const MAY_SEND = 0x60;

export class VirtualUart implements PortDevice {
  /** What comes in, byte by byte, and what the machine sent. */
  readonly incoming: number[] = [];
  readonly outgoing: number[] = [];
  #line = 0;

  /** What the machine sent since the last look. */
  take(): Uint8Array {
    return Uint8Array.from(this.outgoing.splice(0));
  }

  put(bytes: Uint8Array): void {
    for (const byte of bytes) this.incoming.push(byte);
  }

  in8(port: number): number {
    if (port === BASE + 5) return MAY_SEND | (this.incoming.length > 0 ? RECEIVED : 0);
    if (port === BASE) return this.incoming.shift() ?? 0;
    return port === BASE + 2 ? 0xc1 : FIFO_BYTES;
  }

  out8(port: number, value: number): void {
    if (port === BASE + 3) this.#line = value;
    if (port === BASE && (this.#line & DIVISOR_ACCESS) === 0) this.outgoing.push(value);
  }
}

/** A client's stream to a virtual UART. `advance` lets the machine run for a while. Bytes pass
 *  through `disturb` in either direction. */
export class VirtualLine extends Duplex {
  readonly #uart: VirtualUart;
  readonly #advance: () => void;
  readonly #timer: NodeJS.Timeout;
  disturb: (bytes: Uint8Array, toService: boolean) => Uint8Array = (bytes) => bytes;

  constructor(uart: VirtualUart, advance: () => void) {
    super();
    this.#uart = uart;
    this.#advance = advance;
    this.#timer = setInterval(() => this.#pump(), 1);
  }

  #pump(): void {
    this.#advance();
    const bytes = this.disturb(this.#uart.take(), false);
    if (bytes.length > 0) this.push(bytes);
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#uart.put(this.disturb(bytes, true));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#timer);
    done(error);
  }
}
