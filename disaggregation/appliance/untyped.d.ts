// Types of the libraries that bring none.

declare module "lzo-wasm/lzo-wasm.js" {
  export default function create(options: { wasmBinary: Uint8Array }): Promise<{
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
    _decompress(address: number, bytes: number, bytesOut: number): number;
  }>;
}

declare module "lz4js" {
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceAt: number,
    sourceBytes: number,
    targetAt: number,
  ): number;
}

declare module "seek-bzip" {
  const bunzip: { decode(data: Uint8Array): Uint8Array };
  export default bunzip;
}
