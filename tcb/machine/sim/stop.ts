// How a simulated machine ends. A trap of the core is a WebAssembly.RuntimeError.

/** The core called machine.halt. */
export class MachineHalt extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`the core stopped the machine with code ${code}`);
    this.code = code;
  }
}

/** The core asked for what the machine layer refuses: on the metal the machine stops. */
export class MachineRefusal extends Error {}

/** The core let a guest run while the TLB may hold more than the guest's tables grant. */
export class StaleTranslation extends Error {}
