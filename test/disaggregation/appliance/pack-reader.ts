// Reads a boot pack the way docs/boot-pack.md says, for tests.

const names = [
  ...["", "create", "superframe", "reserve", "populate", "copy", "parameter", "console"],
  ...["context", "unpause", "schedule", "slot", "region", "pause", "resume", "destroy"],
  ...["xsave", "policy", "channel", "grant", "ports", "background"],
];

export interface ReadCommand {
  readonly name: string;
  readonly domain: number;
  readonly values: readonly number[];
}

export interface ReadPack {
  readonly bytes: Uint8Array;
  readonly commands: readonly ReadCommand[];
  readonly policy: Uint8Array;
  readonly banner: string;
}

/** Takes a pack apart; throws when its header does not fit it. */
export function readPack(bytes: Uint8Array): ReadPack {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const u64 = (at: number): number => Number(data.readBigUInt64LE(at));
  if (data.toString("latin1", 0, 8) !== "XENOPACK" || data.readUInt32LE(8) !== 1) {
    throw new Error("no boot pack");
  }
  if (u64(40) !== bytes.length) throw new Error("the pack has another length");
  const commands = Array.from({ length: data.readUInt32LE(12) }, (_, index) => {
    const row = u64(16) + index * 64;
    const values = Array.from({ length: 7 }, (__, argument) => u64(row + 8 + argument * 8));
    const name = names[data.readUInt32LE(row)] ?? "?";
    return { name, domain: data.readUInt32LE(row + 4), values };
  });
  return {
    bytes,
    commands,
    policy: bytes.subarray(u64(24), u64(24) + u64(32)),
    banner: data.toString("latin1", u64(48), u64(48) + u64(56)),
  };
}

/** A guest's low memory after all copies; throws when one leaves what was populated. */
export function loadedMemory(pack: ReadPack, domain: number, bytes: number): Uint8Array {
  const memory = new Uint8Array(bytes);
  const mine = pack.commands.filter((command) => command.domain === domain);
  const frames = new Set<number>();
  for (const { name, values } of mine) {
    const [first = 0, offset = 0, length = 0] = values;
    if (name === "superframe") for (let gfn = first; gfn < first + 512; gfn++) frames.add(gfn);
    if (name === "populate") frames.add(first);
    if (name !== "copy") continue;
    for (let gpa = first; gpa < first + length; gpa += 4096) {
      if (!frames.has(Math.floor(gpa / 4096))) throw new Error(`nothing at ${gpa.toString(16)}`);
    }
    if (first < bytes) memory.set(pack.bytes.subarray(offset, offset + length), first);
  }
  return memory;
}
