import { type Cells, type Column, concreteCells, indexWidth } from "./column.ts";
import type { DataSegment } from "./module.ts";

/** Writes of a column that no code of the module may make: data segments outside all columns. */
export const CONSTANT_WRITER = "nobody";

/** Keeps addresses that are a little below zero apart from those in memory. */
const LIMIT_MEMORY_BYTES = 2 ** 31;

/** A stretch of memory outside all columns that holds initial data: it never changes. */
interface ConstantArea {
  readonly start: number;
  readonly end: number;
}

/** The memory as a set of columns, and constant areas between them. */
export class MemoryMap {
  readonly columns: ReadonlyMap<string, Column>;
  readonly bytes: number;
  readonly #data: readonly DataSegment[];
  readonly #areas: readonly ConstantArea[];
  readonly #constants = new Map<string, Cells>();

  /** Throws if columns overlap, leave the memory, or have odd sizes. */
  constructor(columns: readonly Column[], data: readonly DataSegment[], bytes: number) {
    this.columns = new Map(columns.map((column) => [column.name, column]));
    this.bytes = bytes;
    this.#data = data;
    if (bytes > LIMIT_MEMORY_BYTES) throw new Error(`a memory of ${bytes} bytes is too large`);
    if (this.columns.size !== columns.length) throw new Error("two columns have one name");
    for (const column of columns) checkColumn(column, bytes);
    checkDisjoint(columns);
    this.#areas = constantAreas(columns, data, bytes);
  }

  /** The contents of all columns as an instance starts: zero, and the data segments. */
  initialContents(): Map<string, Cells> {
    const cells = new Map<string, Cells>();
    for (const column of this.columns.values()) {
      cells.set(column.name, concreteCells(column, this.#valuesOf(column)));
    }
    return cells;
  }

  #valuesOf(column: Column): Map<bigint, bigint> {
    const values = new Map<bigint, bigint>();
    for (const segment of this.#data) {
      const before = segment.address - column.base - column.width + 1;
      const first = Math.max(0, Math.ceil(before / column.stride));
      const end = segment.address + segment.bytes.length;
      for (let row = first; row < column.rows; row++) {
        const address = column.base + row * column.stride;
        if (address >= end) break;
        const value = this.initialBytes(address, column.width);
        if (value !== 0n) values.set(BigInt(row), value);
      }
    }
    return values;
  }

  /** Initial bytes as a little-endian number; later segments win. */
  initialBytes(address: number, count: number): bigint {
    let value = 0n;
    for (let at = count - 1; at >= 0; at--) {
      let byte = 0;
      for (const { address: start, bytes } of this.#data) {
        const inside = address + at - start;
        if (inside >= 0 && inside < bytes.length) byte = bytes[inside]!;
      }
      value = (value << 8n) | BigInt(byte);
    }
    return value;
  }

  /** Does a range of bytes meet a constant area? */
  meetsConstants(start: number, end: number): boolean {
    return this.#areas.some((area) => area.start < end && start < area.end);
  }

  /**
   * The elements of `width` bytes at `address` plus multiples of `stride` within the constant area
   * that holds the address, as a column of known contents.
   */
  constants(address: number, width: number, stride: number): Cells | undefined {
    const area = this.#areas.find((one) => one.start <= address && address + width <= one.end);
    if (area === undefined) return undefined;
    const base = area.start + ((address - area.start) % stride);
    const rows = Math.floor((area.end - width - base) / stride) + 1;
    const name = `data.${base.toString(16)}.${stride}.${width}`;
    let cells = this.#constants.get(name);
    if (cells === undefined) {
      const column = { table: "data", name, base, stride, width, rows, writer: CONSTANT_WRITER };
      cells = concreteCells(column, this.#valuesOf(column));
      this.#constants.set(name, cells);
    }
    return cells;
  }
}

function checkColumn(column: Column, bytes: number): void {
  const { name, base, stride, width, rows } = column;
  const end = base + (rows - 1) * stride + width;
  const wrong = (why: string) => new Error(`column ${name}: ${why}`);
  if (![1, 2, 4, 8].includes(width)) throw wrong(`width ${width} is not 1, 2, 4 or 8 bytes`);
  if (stride < width) throw wrong(`stride ${stride} is less than the width ${width}`);
  if (rows < 1) throw wrong("no rows");
  if (base < 0 || end > bytes) throw wrong(`ends at ${end}, the memory at ${bytes}`);
  if (indexWidth(column) > 31) throw wrong(`too many rows`);
}

/** Two columns whose hulls meet must be fields of one kind of record. */
function checkDisjoint(columns: readonly Column[]): void {
  const sorted = [...columns].sort((a, b) => a.base - b.base);
  const open: Column[] = [];
  for (const column of sorted) {
    for (let at = open.length - 1; at >= 0; at--) {
      const other = open[at]!;
      if (other.base + (other.rows - 1) * other.stride + other.width <= column.base) {
        open.splice(at, 1);
      } else if (overlap(other, column)) {
        throw new Error(`columns ${other.name} and ${column.name} share bytes`);
      }
    }
    open.push(column);
  }
}

/** `second` starts within the hull of `first`. */
function overlap(first: Column, second: Column): boolean {
  if (first.stride !== second.stride) {
    // Records of unequal size: compare row by row of the one with fewer rows.
    const [few, many] = first.rows <= second.rows ? [first, second] : [second, first];
    for (let row = 0; row < few.rows; row++) {
      if (meets(many, few.base + row * few.stride, few.width)) return true;
    }
    return false;
  }
  const distance = (second.base - first.base) % first.stride;
  return distance < first.width || distance + second.width > first.stride;
}

function meets(column: Column, address: number, width: number): boolean {
  const before = address - column.base;
  const row = Math.min(column.rows - 1, Math.max(0, Math.floor(before / column.stride)));
  for (const at of [row, Math.min(column.rows - 1, row + 1)]) {
    const start = column.base + at * column.stride;
    if (start < address + width && address < start + column.width) return true;
  }
  return false;
}

/** The gaps between columns that hold initial data. */
function constantAreas(
  columns: readonly Column[],
  data: readonly DataSegment[],
  bytes: number,
): ConstantArea[] {
  const hulls = columns
    .map((column) => ({
      start: column.base,
      end: column.base + (column.rows - 1) * column.stride + column.width,
    }))
    .sort((a, b) => a.start - b.start);
  const areas: ConstantArea[] = [];
  let start = 0;
  for (const hull of [...hulls, { start: bytes, end: bytes }]) {
    const area = { start, end: hull.start };
    const holdsData = data.some(
      (one) => one.address < area.end && area.start < one.address + one.bytes.length,
    );
    if (area.end > area.start && holdsData) areas.push(area);
    start = Math.max(start, hull.end);
  }
  return areas;
}
