/** What a hypervisor asks of a policy: the questions behind its operations. */

/** One check that an operation makes. */
export interface Question {
  /** The operation by its hypercall and its own name, such as `domctl setvcpucontext`. */
  readonly operation: string;
  readonly class: string;
  readonly permission: string;
  /** The initial SID that is asked about; undefined where the call names the target. */
  readonly sid: string | undefined;
  /** What the hypervisor's code names, where that is not what it asks for. */
  readonly meant?: { readonly class: string; readonly permission: string };
}

/** A hypervisor as far as its policy is concerned. */
export interface Hypervisor {
  readonly name: string;
  readonly questions: readonly Question[];
  /** Permissions of each class, in the order of their bits. */
  readonly classes: ReadonlyMap<string, readonly string[]>;
}
