/** Environment of the processes of a coverage run. */
export const VARIABLES = {
  /** The core as it ships, and its instrumented copy: paths. */
  original: "XENOLITH_CORE_ORIGINAL",
  instrumented: "XENOLITH_CORE_WASM",
  /** The module that counts (counters.ts): path. */
  counter: "XENOLITH_CORE_COUNTER",
  /** Folder that gets a file from each process. */
  counts: "XENOLITH_CORE_COUNTS",
} as const;
