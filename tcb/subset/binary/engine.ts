/** The part of the host's WebAssembly engine that is used here: Node's types do not describe it. */
interface Engine {
  validate(bytes: Uint8Array): boolean;
}

export const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
