// Writes a boot pack (docs/boot-pack.md): commands of 64 bytes, the policy, the banner, and the
// bytes that are copied into guests.

import { createHash } from "node:crypto";

/** Operations of the boot pack. */
export const operation = {
  create: 1,
  populateSuperframe: 2,
  reserve: 3,
  populate: 4,
  copyIn: 5,
  parameter: 6,
  console: 7,
  startContext: 8,
  unpause: 9,
  schedule: 10,
  scheduleSlot: 11,
  allowXsave: 16,
  channel: 18,
  grant: 19,
  ports: 20,
  background: 21,
} as const;

const HEADER_BYTES = 128;
const COMMAND_BYTES = 64;
const MOST_COMMANDS = 65536;
const MOST_BANNER_BYTES = 4096;
const NAME_BYTES = 24;
/** Bytes that are copied start at a page of the pack, so that pages are copied to pages. */
const BLOB_ALIGN = 4096;

/** Bytes in the pack. Its offset is known when the pack is written. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly index: number;
}

type Argument = number | bigint;
interface Command {
  readonly operation: number;
  readonly domain: number;
  readonly arguments: readonly Argument[];
  /** Of copyIn: where argument b is relative to. */
  readonly blob: Blob | undefined;
}

const align = (value: number, to: number): number => Math.ceil(value / to) * to;

/** A name as the three words of a create command. */
function nameWords(name: string): bigint[] {
  const bytes = new Uint8Array(NAME_BYTES);
  bytes.set(new TextEncoder().encode(name));
  const view = new DataView(bytes.buffer);
  return [0, 8, 16].map((at) => view.getBigUint64(at, true));
}

/** Writes a command at `row`; `places` are the blobs', by their index. */
function writeCommand(
  target: Uint8Array,
  row: number,
  command: Command,
  places: readonly number[],
): void {
  const view = new DataView(target.buffer);
  view.setUint32(row, command.operation, true);
  view.setUint32(row + 4, command.domain, true);
  for (const [argument, value] of command.arguments.entries()) {
    const base = command.blob !== undefined && argument === 1 ? places[command.blob.index]! : 0;
    view.setBigUint64(row + 8 + argument * 8, BigInt(value) + BigInt(base), true);
  }
}

/** Collects commands and bytes; `write` makes the pack. Equal bytes are kept once. */
export class BootPack {
  readonly #commands: Command[] = [];
  readonly #blobs: Blob[] = [];
  readonly #byHash = new Map<string, Blob>();

  #add(code: number, domain: number, values: readonly Argument[], blob?: Blob): void {
    this.#commands.push({ operation: code, domain, arguments: values, blob });
  }

  /** Keeps bytes for `copyIn`. */
  keep(bytes: Uint8Array): Blob {
    const hash = createHash("sha256").update(bytes).digest("hex");
    const known = this.#byHash.get(hash);
    if (known !== undefined) return known;
    const blob = { bytes, index: this.#blobs.length };
    this.#blobs.push(blob);
    this.#byHash.set(hash, blob);
    return blob;
  }

  /** `limit` is in frames; the weight 256 is the usual one. */
  create(
    domain: number,
    guest: { label: number; vcpus: number; limit: number; weight: number; name: string },
  ): void {
    const words = [guest.label, guest.vcpus, guest.limit, guest.weight, ...nameWords(guest.name)];
    this.#add(operation.create, domain, words);
  }

  populateSuperframe(domain: number, gfn: number): void {
    this.#add(operation.populateSuperframe, domain, [gfn]);
  }

  reserve(domain: number): void {
    this.#add(operation.reserve, domain, []);
  }

  populate(domain: number, gfn: number): void {
    this.#add(operation.populate, domain, [gfn]);
  }

  /** The target must not cross a 2 MiB boundary. */
  copyIn(domain: number, gpa: number, blob: Blob, offset: number, bytes: number): void {
    this.#add(operation.copyIn, domain, [gpa, offset, bytes], blob);
  }

  console(domain: number, gfn: number): void {
    this.#add(operation.console, domain, [gfn]);
  }

  /** HVM parameter `index` of the domain. */
  parameter(domain: number, index: number, value: number): void {
    this.#add(operation.parameter, domain, [index, value]);
  }

  /** A port of the domain waits for `remote`; its number goes into an HVM parameter. */
  channel(domain: number, remote: number, parameter: number): void {
    this.#add(operation.channel, domain, [remote, parameter]);
  }

  /** A reserved entry of the domain's grant table offers a frame to `remote`. */
  grant(domain: number, reference: number, gfn: number, remote: number): void {
    this.#add(operation.grant, domain, [reference, gfn, remote]);
  }

  /** The domain uses the I/O ports `first` to `last` itself. */
  ports(domain: number, first: number, last: number): void {
    this.#add(operation.ports, domain, [first, last]);
  }

  /** The machine does not stay on for this domain's sake. */
  background(domain: number): void {
    this.#add(operation.background, domain, []);
  }

  startContext(domain: number, vcpu: number, entry: number, startInfo: number): void {
    this.#add(operation.startContext, domain, [vcpu, entry, startInfo]);
  }

  /** The domain is told of XSAVE and AVX. */
  allowXsave(domain: number): void {
    this.#add(operation.allowXsave, domain, []);
  }

  unpause(domain: number): void {
    this.#add(operation.unpause, domain, []);
  }

  /** `kind`: 0 weighted, 1 fixed frame, 2 pinned. */
  schedule(kind: number, sliceNanoseconds: number): void {
    this.#add(operation.schedule, 0, [kind, sliceNanoseconds]);
  }

  scheduleSlot(domain: number, slot: number, nanoseconds: number): void {
    this.#add(operation.scheduleSlot, domain, [slot, nanoseconds]);
  }

  /** The commands so far that make a domain, with the one that starts it, and the bytes that they
   *  copy: a copy's argument b is relative to these. */
  program(domain: number): { rows: Uint8Array; content: Uint8Array } {
    const own = this.#commands.filter((command) => command.domain === domain);
    const start = { operation: operation.unpause, domain, arguments: [], blob: undefined };
    const used = [...new Set(own.flatMap(({ blob }) => (blob === undefined ? [] : [blob])))];
    const places: number[] = [];
    let end = 0;
    for (const { bytes, index } of used) {
      places[index] = end;
      end = align(end + bytes.length, BLOB_ALIGN);
    }
    const content = new Uint8Array(end);
    for (const { bytes, index } of used) content.set(bytes, places[index]);
    const rows = new Uint8Array((own.length + 1) * COMMAND_BYTES);
    for (const [index, command] of [...own, start].entries()) {
      writeCommand(rows, index * COMMAND_BYTES, command, places);
    }
    return { rows, content };
  }

  /** Number of commands so far. */
  get commands(): number {
    return this.#commands.length;
  }

  /** The pack's bytes. */
  write(policy: Uint8Array, banner: string): Uint8Array {
    const text = new TextEncoder().encode(banner);
    if (this.#commands.length > MOST_COMMANDS) throw new Error("too many commands for a boot pack");
    if (text.length > MOST_BANNER_BYTES) throw new Error("the banner of a boot pack is too long");
    const policyAt = HEADER_BYTES + this.#commands.length * COMMAND_BYTES;
    const bannerAt = align(policyAt + policy.length, 8);
    let end = align(bannerAt + text.length, BLOB_ALIGN);
    const places = this.#blobs.map(({ bytes }) => {
      const place = end;
      end = align(end + bytes.length, BLOB_ALIGN);
      return place;
    });
    const pack = new Uint8Array(end);
    this.#writeHeader(pack, { policyAt, policyBytes: policy.length, bannerAt, text: text.length });
    this.#writeCommands(pack, places);
    pack.set(policy, policyAt);
    pack.set(text, bannerAt);
    for (const { bytes, index } of this.#blobs) pack.set(bytes, places[index]);
    return pack;
  }

  #writeHeader(
    pack: Uint8Array,
    at: { policyAt: number; policyBytes: number; bannerAt: number; text: number },
  ): void {
    const view = new DataView(pack.buffer);
    pack.set(new TextEncoder().encode("XENOPACK"));
    view.setUint32(8, 1, true);
    view.setUint32(12, this.#commands.length, true);
    const words = [HEADER_BYTES, at.policyAt, at.policyBytes, pack.length, at.bannerAt, at.text];
    for (const [index, word] of words.entries())
      view.setBigUint64(16 + index * 8, BigInt(word), true);
  }

  #writeCommands(pack: Uint8Array, places: readonly number[]): void {
    for (const [index, command] of this.#commands.entries()) {
      writeCommand(pack, HEADER_BYTES + index * COMMAND_BYTES, command, places);
    }
  }
}
