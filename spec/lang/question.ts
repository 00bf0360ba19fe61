/** What is asked of the policy: permissions (bit numbers) of one class. */
export interface Question {
  readonly name: string;
  readonly class: number;
  readonly bits: readonly number[];
}

export function ask(name: string, of: number, ...bits: number[]): Question {
  return { name, class: of, bits };
}

/** The permissions as an access vector. */
export function vectorOf(question: Question): number {
  return question.bits.reduce((vector, bit) => vector + 2 ** bit, 0);
}
