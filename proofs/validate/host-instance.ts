import { engine, type HostInstance } from "../wasm/engine.ts";
import type { FunctionType, ValueType } from "../wasm/module.ts";

/** What V8 says: an unsigned result, nothing, or a trap. */
export type HostOutcome =
  | { readonly kind: "returned"; readonly result: bigint | undefined }
  | { readonly kind: "trapped" };

/** An instance in the host's engine, with the values of the executor's interface. */
export class HostRun {
  readonly #instance: HostInstance;
  /** The memory as words of 64 bits. */
  readonly words: BigUint64Array;

  constructor(bytes: Uint8Array) {
    this.#instance = new engine.Instance(new engine.Module(bytes), {});
    const memory = this.#instance.exports.memory as { readonly buffer: ArrayBuffer };
    this.words = new BigUint64Array(memory.buffer);
  }

  call(name: string, type: FunctionType, args: readonly bigint[]): HostOutcome {
    const callee = this.#instance.exports[name] as (...args: unknown[]) => unknown;
    const given = type.parameters.map((one, at) => toHost(one, args[at]!));
    let result: unknown;
    try {
      result = callee(...given);
    } catch (error) {
      if (error instanceof engine.RuntimeError) return { kind: "trapped" };
      throw error;
    }
    const [expected] = type.results;
    return { kind: "returned", result: expected && fromHost(expected, result) };
  }

  global(at: number, type: ValueType): bigint {
    const { value } = this.#instance.exports[`global${at}`] as { readonly value: unknown };
    return fromHost(type, value);
  }
}

function toHost(type: ValueType, value: bigint): number | bigint {
  return type === "i32" ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
}

function fromHost(type: ValueType, value: unknown): bigint {
  const bits = type === "i32" ? 32 : 64;
  return BigInt.asUintN(bits, BigInt(value as number | bigint));
}
