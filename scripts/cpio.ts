// Writes cpio archives in the "newc" form, which is what Linux unpacks as an initramfs
// (Documentation/driver-api/early-userspace/buffer-format.rst). Same entries, same bytes.

/** What one archive member is. Paths have no leading slash. */
export interface Entry {
  readonly path: string;
  /** Type and permissions as in stat(2). */
  readonly mode: number;
  /** A file's bytes, or a symbolic link's target. */
  readonly data?: Uint8Array;
  /** Of a device: major and minor number. */
  readonly device?: readonly [number, number];
}

export const DIRECTORY = 0o040000;
export const REGULAR = 0o100000;
export const SYMBOLIC_LINK = 0o120000;
export const CHARACTER_DEVICE = 0o020000;

const MAGIC = "070701";
const ALIGN = 4;
const TRAILER = "TRAILER!!!";
const nothing = new Uint8Array(0);

function header(entry: Entry, inode: number): Uint8Array {
  const [major, minor] = entry.device ?? [0, 0];
  const path = new TextEncoder().encode(`${entry.path}\0`);
  const links = (entry.mode & 0o170000) === DIRECTORY ? 2 : 1;
  const owner = [0, 0];
  const time = 0;
  const size = entry.data?.length ?? 0;
  const fields = [inode, entry.mode, ...owner, links, time, size];
  fields.push(0, 0, major, minor, path.length, 0);
  const digits = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  return padded([new TextEncoder().encode(MAGIC + digits), path]);
}

function padded(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(parts);
  const rest = (ALIGN - (bytes.length % ALIGN)) % ALIGN;
  return rest === 0 ? bytes : Buffer.concat([bytes, new Uint8Array(rest)]);
}

/** Every folder that a path lies in, outermost first. */
function parents(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Sorts the entries, adds the folders that are missing and drops an earlier entry of a path. */
export function complete(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    for (const path of parents(entry.path)) {
      if (!byPath.has(path)) byPath.set(path, { path, mode: DIRECTORY | 0o755 });
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An archive of the entries: sorted, owned by root, with times of zero. */
export function cpio(entries: readonly Entry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [index, entry] of complete(entries).entries()) {
    parts.push(header(entry, index + 1), padded([entry.data ?? nothing]));
  }
  parts.push(header({ path: TRAILER, mode: 0 }, 0));
  return new Uint8Array(Buffer.concat(parts));
}
