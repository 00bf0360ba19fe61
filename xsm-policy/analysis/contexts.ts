/**
 * The contexts that a type can stand in. Where no constraint asks for users or roles, a type is
 * one context; else there is one for each user and role that the type may be combined with, the
 * *colours*. Levels are left open: a comparison of levels is taken to hold (README.md).
 */

import { EMPTY_RANGE } from "../compiler/mls.ts";
import type { ClassConstraint, ConstraintStep, Context, Policy } from "../compiler/policy.ts";

/** The role of objects, which goes with every type and every user. */
export const OBJECT_ROLE = 0;

export class Contexts {
  readonly policy: Policy;
  /** Whether users and roles are told apart. */
  readonly areColoured: boolean;
  /** User and role of each colour. */
  readonly colours: readonly { readonly user: number; readonly role: number }[];

  /** @param masks for each class, the permissions that matter */
  constructor(policy: Policy, masks: readonly number[]) {
    this.policy = policy;
    this.areColoured = policy.classes.some((each, index) =>
      each.constraints.some(
        (constraint) => (constraint.permissions & masks[index]) !== 0 && asksForRoles(constraint),
      ),
    );
    this.colours = this.areColoured ? allColours(policy) : [{ user: 0, role: OBJECT_ROLE }];
  }

  /** The colours that a type may have. */
  coloursOf(type: number): number[] {
    const all: number[] = [];
    for (const [colour, { role }] of this.colours.entries()) {
      if (role === OBJECT_ROLE || this.policy.roles[role].types.has(type)) all.push(colour);
    }
    return all;
  }

  context(type: number, colour: number): Context {
    return { ...this.colours[colour], type, range: EMPTY_RANGE };
  }

  /** The context of an object of a type that a domain of some colour makes. */
  object(type: number, colour: number): Context {
    return { user: this.colours[colour].user, role: OBJECT_ROLE, type, range: EMPTY_RANGE };
  }

  /** `type`, or `user:role:type` where that makes a difference. */
  text(type: number, colour: number): string {
    const { types, users, roles } = this.policy;
    if (!this.areColoured) return types[type].name;
    const { user, role } = this.colours[colour];
    return `${users[user].name}:${roles[role].name}:${types[type].name}`;
  }
}

function asksForRoles({ steps }: ClassConstraint): boolean {
  return steps.some(
    (step) => "subject" in step && (step.subject === "user" || step.subject === "role"),
  );
}

/** Users with their roles; last, users with the role of objects. */
function allColours(policy: Policy): { user: number; role: number }[] {
  const own = policy.users.flatMap(({ roles }, user) =>
    roles
      .toArray()
      .filter((role) => role !== OBJECT_ROLE)
      .map((role) => ({ user, role })),
  );
  return [...own, ...policy.users.map((_, user) => ({ user, role: OBJECT_ROLE }))];
}

/** Whether a constraint can hold between two contexts for some levels. */
export function mayHold(
  steps: readonly ConstraintStep[],
  source: Context,
  target: Context,
): boolean {
  const stack: (boolean | undefined)[] = [];
  for (const step of steps) {
    if (step.kind === "not") {
      const operand = stack.pop();
      stack.push(operand === undefined ? undefined : !operand);
    } else if (step.kind === "and" || step.kind === "or") {
      const right = stack.pop();
      const left = stack.pop();
      const decisive = step.kind === "or";
      if (left === decisive || right === decisive) stack.push(decisive);
      else stack.push(left === undefined || right === undefined ? undefined : !decisive);
    } else stack.push(compareStep(step, source, target));
  }
  return stack[0] !== false;
}

function compareStep(
  step: Extract<ConstraintStep, { subject: unknown }>,
  source: Context,
  target: Context,
): boolean | undefined {
  if (step.kind === "member") {
    const context = step.side === 1 ? source : target;
    return step.members.has(context[step.subject]) === (step.operator === "eq");
  }
  const { subject, operator } = step;
  if (subject !== "user" && subject !== "role" && subject !== "type") return undefined;
  const isSame = source[subject] === target[subject];
  return operator === "neq" || operator === "incomp" ? !isSame : isSame;
}
