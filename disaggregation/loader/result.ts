// Writing the result area: the only stores that a host reads, besides rows and generated pages.

import {
  GENERATED,
  KIND_GENERATED,
  RESULT,
  RESULT_ERROR,
  RESULT_PLACE,
  RESULT_ROW_COUNT,
  RESULT_WINDOW_BYTES,
  RESULT_WINDOW_OFFSET,
  ROW_BYTES,
  ROW_GPA,
  ROW_KIND,
  ROW_LENGTH,
  ROW_LIMIT,
  ROW_OFFSET,
  ROWS,
  STATUS_ERROR,
  STATUS_WINDOW,
  WINDOW_BYTES,
} from "./layout";

/** Stops with an error about byte `place` of the kernel file. */
export function fail(code: u32, place: u64): u32 {
  store<u32>(RESULT, code, RESULT_ERROR);
  store<u64>(RESULT, place, RESULT_PLACE);
  return STATUS_ERROR;
}

/** Asks the host for `bytes` (at most a window) of the kernel file. */
export function want(offset: u64, bytes: u64): u32 {
  const length: u64 = bytes < WINDOW_BYTES ? bytes : WINDOW_BYTES;
  store<u64>(RESULT, offset, RESULT_WINDOW_OFFSET);
  store<u32>(RESULT, length as u32, RESULT_WINDOW_BYTES);
  return STATUS_WINDOW;
}

export function windowOffset(): u64 {
  return load<u64>(RESULT, RESULT_WINDOW_OFFSET);
}

export function windowBytes(): u64 {
  return load<u32>(RESULT, RESULT_WINDOW_BYTES) as u64;
}

/** Appends a row. There are at most SEGMENT_LIMIT + 7 of them, so ROW_LIMIT is never reached. */
export function addRow(gpa: u64, kind: u32, offset: u64, bytes: u64): void {
  const count: u32 = load<u32>(RESULT, RESULT_ROW_COUNT);
  if (count >= ROW_LIMIT) unreachable();
  const row: u32 = ROWS + count * ROW_BYTES;
  store<u64>(row, gpa, ROW_GPA);
  store<u32>(row, kind, ROW_KIND);
  store<u64>(row, offset, ROW_OFFSET);
  store<u64>(row, bytes, ROW_LENGTH);
  store<u32>(RESULT, count + 1, RESULT_ROW_COUNT);
}

/** Appends a row whose source is a generated page at linear address `linear`. */
export function addGenerated(gpa: u64, linear: u32, bytes: u64): void {
  addRow(gpa, KIND_GENERATED, (linear - GENERATED) as u64, bytes);
}
