// The part of the host's WebAssembly engine that is used; TypeScript has its types among the
// browser's.

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
/** A compiled module: opaque. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: "WebAssembly.Module";
}
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Engine {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum: number;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: WasmImports,
  ) => { readonly exports: Record<string, unknown> };
  readonly RuntimeError: new () => Error;
}

export const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
