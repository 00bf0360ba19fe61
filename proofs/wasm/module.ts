/** What the decoder makes of a binary. Offsets are byte positions in the file. */
export type ValueType = "i32" | "i64";

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

export interface MemoryArgument {
  readonly align: number;
  readonly offset: number;
}

/** One instruction; a structured one holds its body. `end` and `else` are not instructions. */
export interface Instruction {
  /** The text format's name, such as "i32.add". */
  readonly name: string;
  readonly offset: number;
  /** Behind the last byte: of the immediates, or of the `end` of a structured instruction. */
  readonly end: number;
  /** Constant's value (i32/i64.const), as an unsigned number of its width. */
  readonly value?: bigint;
  /** Local, global or function index, or branch depth. */
  readonly index?: number;
  readonly memory?: MemoryArgument;
  /** br_table: depths in order, the last one is the default. */
  readonly depths?: readonly number[];
  /** block, loop, if: type of the value left, if any. */
  readonly result?: ValueType | undefined;
  readonly body?: readonly Instruction[];
  readonly otherwise?: readonly Instruction[];
}

export interface WasmFunction {
  /** In the index space that starts with the imports. */
  readonly index: number;
  readonly name: string;
  readonly type: FunctionType;
  /** Types of parameters, then of declared locals. */
  readonly locals: readonly ValueType[];
  readonly body: readonly Instruction[];
  readonly start: number;
  readonly end: number;
}

export interface WasmGlobal {
  readonly name: string;
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly initial: bigint;
}

export interface WasmExport {
  readonly name: string;
  readonly kind: "function" | "memory" | "global";
  readonly index: number;
}

export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface WasmModule {
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly WasmFunction[];
  readonly globals: readonly WasmGlobal[];
  readonly exports: readonly WasmExport[];
  readonly data: readonly DataSegment[];
  /** Size of the one memory, which does not grow; 0 if there is none. */
  readonly memoryBytes: number;
}

/** The binary holds something this decoder does not know; nothing is guessed. */
export class DecodeError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`at byte 0x${offset.toString(16)}: ${message}`);
    this.offset = offset;
  }
}
