/** Decisions and transitions as `checkpolicy -d` answers them, through its menu on standard
 *  input. */

import { DecisionEngine } from "../../../xsm-policy/compiler/decision.ts";
import { contextIsValid, contextText } from "../../../xsm-policy/compiler/mls.ts";
import type { Context, Policy } from "../../../xsm-policy/compiler/policy.ts";
import type { AccessRelation } from "../../../xsm-policy/compiler/relation.ts";
import { randomFrom } from "../generate.ts";

/** Contexts asked about for each policy; every pair is asked in every class. */
const CONTEXT_COUNT = 6;

/** SIDs whose contexts are asked for at the end, to tell what transitions made. */
const LISTED_SIDS = 80;

interface Question {
  readonly source: number;
  readonly target: number;
  readonly class: number;
}

/** The questions about one policy: what to send, and how to check what comes back. */
export class DecisionMenu {
  readonly #policy: Policy;
  readonly #relation: AccessRelation;
  readonly #contexts: Context[];
  readonly #questions: Question[] = [];
  /** The SID that each context has in checkpolicy's table. */
  readonly #sids: number[] = [];

  constructor(relation: AccessRelation, seed: number) {
    this.#policy = relation.policy;
    this.#relation = relation;
    this.#contexts = chooseContexts(relation.policy, randomFrom(seed));
    this.#numberContexts();
    for (const source of this.#contexts.keys()) {
      for (const target of this.#contexts.keys()) {
        for (const index of this.#policy.classes.keys()) {
          this.#questions.push({ source, target, class: index });
        }
      }
    }
  }

  /** Initial SIDs come first; a context that is new gets the next number. */
  #numberContexts(): void {
    const known = new Map<string, number>();
    let next = 1;
    for (const [index, { context }] of this.#policy.initialSids.entries()) {
      if (context === undefined) continue;
      const text = contextText(this.#policy, context);
      if (!known.has(text)) known.set(text, index + 1);
      next = index + 2;
    }
    for (const context of this.#contexts) {
      const text = contextText(this.#policy, context);
      if (!known.has(text)) known.set(text, next++);
      this.#sids.push(known.get(text) ?? 0);
    }
  }

  /** What goes to standard input. */
  get script(): string {
    const texts = this.#contexts.map((context) => `2\n${contextText(this.#policy, context)}`);
    const questions = this.#questions.flatMap(({ source, target, class: index }) => {
      const asked = `${this.#sids[source]}\n${this.#sids[target]}\n${index + 1}`;
      return [`0\n${asked}`, `3\n${asked}`];
    });
    const sids = Array.from({ length: LISTED_SIDS }, (_, index) => `1\n${index + 1}`);
    return `${[...texts, ...questions, ...sids, "q"].join("\n")}\n`;
  }

  /** The first answer that is not ours; undefined when all are. */
  difference(output: string): string | undefined {
    const answers = output.split("Choose:").slice(1);
    for (const [index, sid] of this.#sids.entries()) {
      if (!new RegExp(`^sid ${sid}$`, "m").test(answers[index])) {
        return `context ${index} has another SID: ${answers[index].trim()}`;
      }
    }
    const from = this.#contexts.length;
    const lists = from + this.#questions.length * 2;
    const contextOf = (sid: number) => /^scontext (.*)$/m.exec(answers[lists + sid - 1])?.[1];
    const engine = new DecisionEngine(this.#relation);
    for (const [index, question] of this.#questions.entries()) {
      const allowed = /^allowed \{(.*)\}$/m.exec(answers[from + index * 2])?.[1];
      const made = /^sid (\d+)$/m.exec(answers[from + index * 2 + 1])?.[1];
      const wrong = this.#compare(engine, question, allowed, made && contextOf(Number(made)));
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  #compare(
    engine: DecisionEngine,
    question: Question,
    allowed: string | undefined,
    made: string | undefined,
  ): string | undefined {
    const source = this.#contexts[question.source];
    const target = this.#contexts[question.target];
    const { name, permissions } = this.#policy.classes[question.class];
    const [from, to] = [source, target].map((context) => contextText(this.#policy, context));
    const pair = `${from} ${to} ${name}`;
    const mask = engine.allowed(source, target, question.class);
    const ours = permissions.filter((_, bit) => ((mask >>> bit) & 1) === 1).join(" ");
    // Of a class without permissions the menu only says that there are none.
    const known = permissions.length > 0;
    if (known && allowed?.trim() !== ours) return `${pair}: there ${allowed}, here ${ours}`;
    const result = engine.transition(source, target, question.class);
    const text = result === undefined ? undefined : plain(contextText(this.#policy, result));
    if (made !== undefined && plain(made) === text) return undefined;
    return made === text ? undefined : `${pair}: makes ${made} there, ${text} here`;
  }
}

/** Categories `c0,c1` and `c0.c1` mean the same; so that only one form is compared. */
function plain(context: string): string {
  return context.replace(/c(\d+)\.c(\d+)/g, (_, first: string, last: string) =>
    Array.from(
      { length: Number(last) - Number(first) + 1 },
      (__, index) => `c${Number(first) + index}`,
    ).join(","),
  );
}

/** Contexts of initial SIDs, and random valid ones. */
function chooseContexts(policy: Policy, random: () => number): Context[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const chosen = new Map<string, Context>();
  const add = (context: Context) => chosen.set(contextText(policy, context), context);
  for (const { context } of policy.initialSids) if (context !== undefined) add(context);
  for (let tries = 0; tries < 200 && chosen.size < CONTEXT_COUNT; tries++) {
    const user = below(policy.users.length);
    const { range } = policy.users[user];
    const context = {
      user,
      role: below(policy.roles.length),
      type: below(policy.types.length),
      range: random() < 0.5 ? range : { low: range.low, high: range.low },
    };
    if (contextIsValid(policy, context)) add(context);
  }
  return [...chosen.values()];
}
