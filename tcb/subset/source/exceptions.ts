// The exceptions to the source rules, each with its reason. A new one is a decision about the
// trusted core and is reviewed as such.

/** Folder of the core, as files are named in findings. */
export const CORE_FOLDER = "tcb/core/";
/** The one file of raw accesses, written from layout.ts. */
export const COLUMNS_FILE = "tcb/core/columns.ts";
/** The one file of imports. */
export const MACHINE_FILE = "tcb/core/machine.ts";

/** Files in the core's folder that are TypeScript only: data for the build, never compiled into
 *  core.wasm. */
export const TYPESCRIPT_ONLY: readonly string[] = [
  "tcb/core/layout.ts",
  "tcb/core/hooks.ts",
  "tcb/core/portable.d.ts",
];

interface Place {
  readonly file: string;
  readonly function: string;
}

/** Functions that may take a string: what they are given is a literal, and it ends on the
 *  console. */
export const CONSOLE_TEXT_FUNCTIONS: readonly Place[] = [
  { file: "tcb/core/text.ts", function: "putText" },
  { file: "tcb/core/text.ts", function: "say" },
  { file: "tcb/core/domain.ts", function: "announce" },
  { file: "tcb/core/domain.ts", function: "crashDomain" },
];

/** The one function that reads the characters of a literal: `length`, `changetype` and `load<u16>`
 *  over the literal's own bytes, of which it takes 128 at most. */
export const READS_LITERALS: Place = { file: "tcb/core/text.ts", function: "putText" };

export interface LoopException extends Place {
  /** Most turns that the loops of this function make. */
  readonly turnsMax: number;
  /** Must each loop still be bounded in its text? */
  readonly bounded: boolean;
  readonly reason: string;
}

/** Loops that may be longer, or whose bound does not stand in their text. */
export const LONG_LOOPS: readonly LoopException[] = [
  {
    file: "tcb/core/boot.ts",
    function: "adoptRange",
    turnsMax: 8192,
    bounded: true,
    reason: "boot, before any guest runs: each superframe of the frame table once",
  },
  {
    file: "tcb/core/boot.ts",
    function: "finish",
    turnsMax: 8192,
    bounded: true,
    reason: "boot: each superframe that the boot pack lies in once",
  },
];

/** Turns of a loop without an exception: one table page eight times over. */
export const TURNS_MAX = 4096;

/** Is a function of a file one of `places`? */
export const isPlace = (
  place: Place,
  file: string | undefined,
  name: string | undefined,
): boolean => place.file === file && place.function === name;
