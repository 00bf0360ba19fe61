/** Which permissions a hypervisor's operations ask for, as bits of a policy's classes. */

import type { Policy } from "../compiler/policy.ts";
import { permissionBit } from "./context.ts";
import type { Hypervisor, Question } from "./hypervisor/question.ts";

/** For each class of the policy, the permissions that some operation asks for. */
export function askedMasks(policy: Policy, { questions }: Hypervisor): Uint32Array {
  const masks = new Uint32Array(policy.classes.length);
  const index = new Map(policy.classes.map(({ name }, number) => [name, number]));
  for (const question of questions) {
    const classIndex = index.get(question.class);
    if (classIndex === undefined) continue;
    masks[classIndex] |= permissionBit(policy, classIndex, question.permission);
  }
  return masks;
}

/** The questions of a hypervisor by class and permission. */
export class QuestionIndex {
  readonly #byPermission = new Map<string, Question[]>();

  constructor({ questions }: Hypervisor) {
    for (const question of questions) {
      const key = `${question.class} ${question.permission}`;
      const known = this.#byPermission.get(key);
      if (known === undefined) this.#byPermission.set(key, [question]);
      else known.push(question);
    }
  }

  /** The operations that ask for a permission. */
  of(className: string, permission: string): readonly Question[] {
    return this.#byPermission.get(`${className} ${permission}`) ?? [];
  }
}
