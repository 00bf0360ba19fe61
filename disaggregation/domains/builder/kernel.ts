// Runs the loader (disaggregation/loader), the very code that lays guests out when an image is
// built. Its areas lie at fixed places below this service's own data.

import { begin, resume } from "../../loader/index";
import * as layout from "../../loader/layout";
import { readOwn } from "../../runtime/own_memory";
import { fileAddress, fileBytes } from "./contents";

/** Parts of the kernel file that the loader may ask for. */
const WINDOWS: u32 = 4200;

/** Lays a guest out. False: the kernel is none that can be started, or cannot be read. */
export function layOut(
  kernel: u32,
  ramdiskBytes: u64,
  memoryBytes: u64,
  vcpus: u32,
  commandLine: u32,
  commandLineBytes: u32,
): bool {
  if (commandLineBytes > layout.COMMAND_LINE_LIMIT) return false;
  store<u64>(layout.PARAMETERS, fileBytes(kernel), layout.PARAMETER_KERNEL_BYTES);
  store<u64>(layout.PARAMETERS, ramdiskBytes, layout.PARAMETER_RAMDISK_BYTES);
  store<u64>(layout.PARAMETERS, memoryBytes, layout.PARAMETER_MEMORY_BYTES);
  store<u32>(layout.PARAMETERS, vcpus, layout.PARAMETER_VCPUS);
  store<u32>(layout.PARAMETERS, commandLineBytes, layout.PARAMETER_COMMAND_LINE_BYTES);
  memory.copy(layout.PARAMETERS + layout.PARAMETER_COMMAND_LINE, commandLine, commandLineBytes);
  let status = begin();
  for (let count: u32 = 0; count < WINDOWS && status == layout.STATUS_WINDOW; count++) {
    const offset = load<u64>(layout.RESULT, layout.RESULT_WINDOW_OFFSET);
    const bytes = load<u32>(layout.RESULT, layout.RESULT_WINDOW_BYTES);
    const inside = bytes <= layout.WINDOW_BYTES && offset <= fileBytes(kernel);
    if (!inside || (bytes as u64) > fileBytes(kernel) - offset) return false;
    if (!readOwn(fileAddress(kernel) + offset, layout.WINDOW, bytes)) return false;
    status = resume();
  }
  return status == layout.STATUS_DONE;
}

export function rowCount(): u32 {
  return min<u32>(load<u32>(layout.RESULT, layout.RESULT_ROW_COUNT), layout.ROW_LIMIT);
}

/** Linear address of a row. */
export function rowAt(index: u32): u32 {
  return layout.ROWS + index * layout.ROW_BYTES;
}

export function entryPoint(): u64 {
  return load<u64>(layout.RESULT, layout.RESULT_ENTRY);
}

export function startInfo(): u64 {
  return load<u64>(layout.RESULT, layout.RESULT_START_INFO);
}
