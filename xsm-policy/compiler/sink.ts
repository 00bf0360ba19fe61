/** Collects diagnostics, and stops a hopeless run. */

import type { Diagnostic } from "./diagnostic.ts";
import { DIAGNOSTIC_LIMIT_COUNT } from "./limits.ts";

/** Thrown when there are too many errors to go on; caught where the compilation began. */
export class TooManyErrors extends Error {}

export class DiagnosticSink {
  readonly list: Diagnostic[] = [];
  #errors = 0;

  get errorCount(): number {
    return this.#errors;
  }

  /** Adds a warning. */
  warn(diagnostic: Omit<Diagnostic, "severity">): void {
    this.list.push({ severity: "warning", ...diagnostic });
  }

  /**
   * Adds an error.
   * @throws TooManyErrors beyond the limit, so that a malformed file ends in bounded time
   */
  error(diagnostic: Omit<Diagnostic, "severity">): void {
    if (this.#errors === DIAGNOSTIC_LIMIT_COUNT) {
      throw new TooManyErrors();
    }
    this.#errors++;
    this.list.push({ severity: "error", ...diagnostic });
  }
}
