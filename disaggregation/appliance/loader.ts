// Runs build/loader.wasm: the host's side of disaggregation/loader.

import { readFileSync } from "node:fs";
import * as layout from "../loader/layout.ts";
import { hasPlace, kernelError } from "./kernel-errors.ts";
import { Problem, problemAtByte } from "./problem.ts";

/** What a row's bytes are, or that it asks for memory. */
export type RowKind = "memory" | "frame" | "console" | "kernel" | "ramdisk" | "generated";

/** One row: `bytes` at guest-physical `gpa`, from `offset` of the source that `kind` names. */
export interface Row {
  readonly gpa: number;
  readonly kind: RowKind;
  readonly offset: number;
  readonly bytes: number;
}

export interface GuestLayout {
  readonly rows: readonly Row[];
  /** Guest-physical address of the first instruction, in 32-bit protected mode. */
  readonly entry: number;
  /** Guest-physical address of hvm_start_info: EBX at the entry. */
  readonly startInfo: number;
  /** Start info page and ACPI page: the source of `generated` rows. */
  readonly generated: Uint8Array;
}

export interface LayoutRequest {
  /** The kernel as an ELF file, and its name for errors. */
  readonly kernel: Uint8Array;
  readonly kernelName: string;
  readonly ramdiskBytes: number;
  readonly commandLine: string;
  /** A multiple of 2 MiB. */
  readonly memoryBytes: number;
  readonly vcpus: number;
}

/** What went wrong in the loader: its code, and the byte of the kernel file. */
export interface LoaderRefusal {
  readonly error: number;
  readonly place: number;
}

/** The part of WebAssembly that is used here: TypeScript has its types among the browser's. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

interface LoaderExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  begin(): number;
  resume(): number;
}

const kinds: ReadonlyMap<number, RowKind> = new Map([
  [layout.KIND_MEMORY, "memory"],
  [layout.KIND_FRAME, "frame"],
  [layout.KIND_CONSOLE, "console"],
  [layout.KIND_KERNEL, "kernel"],
  [layout.KIND_RAMDISK, "ramdisk"],
  [layout.KIND_GENERATED, "generated"],
]);

let module: object | undefined;

/** build/loader.wasm, compiled once. Throws a Problem when it was not built. */
function loaderModule(): object {
  if (module !== undefined) return module;
  const file = new URL("../../build/loader.wasm", import.meta.url);
  try {
    module = new Module(readFileSync(file));
    return module;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem(`build/loader.wasm: ${reason}; run "npm run build" first`);
  }
}

/** Lays a guest out. Returns the layout, or the loader's refusal as it is. */
export function tryLayOutGuest(request: LayoutRequest): GuestLayout | LoaderRefusal {
  const instance = new Instance(loaderModule(), {});
  const loader = instance.exports as LoaderExports;
  const memory = new DataView(loader.memory.buffer);
  writeParameters(memory, request);
  let status = loader.begin();
  while (status === layout.STATUS_WINDOW) {
    fillWindow(memory, request.kernel);
    status = loader.resume();
  }
  if (status === layout.STATUS_DONE) return readLayout(memory);
  const place = memory.getBigUint64(layout.RESULT + layout.RESULT_PLACE, true);
  return {
    error: memory.getUint32(layout.RESULT + layout.RESULT_ERROR, true),
    place: Number(place),
  };
}

/** Lays a guest out. Throws a Problem that names the byte of the kernel file. */
export function layOutGuest(request: LayoutRequest): GuestLayout {
  const result = tryLayOutGuest(request);
  if (!("error" in result)) return result;
  const text = kernelError(result.error);
  if (!hasPlace(result.error)) throw new Problem(`${request.kernelName}: ${text}`);
  throw problemAtByte(request.kernelName, result.place, text);
}

function writeParameters(memory: DataView, request: LayoutRequest): void {
  const base = layout.PARAMETERS;
  const commandLine = new TextEncoder().encode(request.commandLine);
  const u64 = (field: number, value: number): void =>
    memory.setBigUint64(base + field, BigInt(value), true);
  u64(layout.PARAMETER_KERNEL_BYTES, request.kernel.length);
  u64(layout.PARAMETER_RAMDISK_BYTES, request.ramdiskBytes);
  u64(layout.PARAMETER_MEMORY_BYTES, request.memoryBytes);
  memory.setUint32(base + layout.PARAMETER_VCPUS, request.vcpus, true);
  memory.setUint32(base + layout.PARAMETER_COMMAND_LINE_BYTES, commandLine.length, true);
  const room = new Uint8Array(memory.buffer, base + layout.PARAMETER_COMMAND_LINE);
  room.set(commandLine.subarray(0, layout.COMMAND_LINE_LIMIT));
}

function fillWindow(memory: DataView, kernel: Uint8Array): void {
  const offset = memory.getBigUint64(layout.RESULT + layout.RESULT_WINDOW_OFFSET, true);
  const bytes = memory.getUint32(layout.RESULT + layout.RESULT_WINDOW_BYTES, true);
  const part = kernel.subarray(Number(offset), Number(offset) + bytes);
  new Uint8Array(memory.buffer, layout.WINDOW, layout.WINDOW_BYTES).set(part);
}

function readLayout(memory: DataView): GuestLayout {
  const u64 = (address: number): number => Number(memory.getBigUint64(address, true));
  const count = memory.getUint32(layout.RESULT + layout.RESULT_ROW_COUNT, true);
  const rows = Array.from({ length: count }, (_, index) => {
    const row = layout.ROWS + index * layout.ROW_BYTES;
    const kind = kinds.get(memory.getUint32(row + layout.ROW_KIND, true));
    if (kind === undefined) throw new Error(`row ${index} of the loader has no known kind`);
    const gpa = u64(row + layout.ROW_GPA);
    return { gpa, kind, offset: u64(row + layout.ROW_OFFSET), bytes: u64(row + layout.ROW_LENGTH) };
  });
  return {
    rows,
    entry: u64(layout.RESULT + layout.RESULT_ENTRY),
    startInfo: u64(layout.RESULT + layout.RESULT_START_INFO),
    generated: new Uint8Array(memory.buffer.slice(layout.GENERATED)).subarray(
      0,
      layout.GENERATED_BYTES,
    ),
  };
}
