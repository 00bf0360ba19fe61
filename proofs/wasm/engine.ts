/** The part of the host's WebAssembly engine that is used; Node's types do not describe it. */
export interface HostModule {
  readonly brand?: never;
}

export interface HostInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export type HostImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface HostEngine {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => HostModule;
  readonly Instance: new (module: HostModule, imports: HostImports) => HostInstance;
  readonly RuntimeError: new () => Error;
}

export const engine: HostEngine = (globalThis as unknown as { WebAssembly: HostEngine })
  .WebAssembly;
