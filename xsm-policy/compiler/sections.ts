/** The fixed order of a base policy's statements. */

import type { Statement } from "./ast.ts";
import type { ParserState } from "./parser-state.ts";

/** Sections in their order; each has a name for messages. */
const SECTIONS = [
  "class declarations",
  "initial SIDs",
  "commons",
  "access vectors",
  "default_* rules",
  "sensitivities",
  "dominance",
  "categories",
  "levels",
  "MLS constraints",
  "types, roles and rules",
  "users",
  "constraints",
  "initial SID contexts",
  "device contexts",
] as const;

const RULES_SECTION = 10;

const SECTION_OF: Readonly<Partial<Record<Statement["kind"], number>>> = {
  class: 0,
  "initial-sid": 1,
  common: 2,
  "access-vector": 3,
  default: 4,
  sensitivity: 5,
  dominance: 6,
  category: 7,
  level: 8,
  user: 11,
  "sid-context": 13,
  "device-context": 14,
};

/** Sections without which there is no policy, and what to say when one is missing. */
const REQUIRED: readonly (readonly [number, string])[] = [
  [0, "a policy needs class declarations"],
  [1, "a policy needs initial SIDs"],
  [3, "a policy needs access vectors (class NAME { permissions })"],
  [RULES_SECTION, "a policy needs types, roles or rules"],
  [11, "a policy needs at least one user"],
  [13, "a policy needs the contexts of its initial SIDs"],
];

/** Checks, statement by statement, that the order is kept. */
export class SectionOrder {
  readonly #state: ParserState;
  #current = 0;
  #last: Statement | undefined;

  constructor(state: ParserState) {
    this.#state = state;
  }

  /** Stray semicolons are part of the language only among types, roles and rules. */
  get allowsSemicolon(): boolean {
    // The first of them may follow whatever ended the section before.
    return this.#current === RULES_SECTION || this.#afterDefinitions();
  }

  #afterDefinitions(): boolean {
    const kind = this.#last?.kind;
    const mls = (kind === "constrain" || kind === "validatetrans") && this.#current === 9;
    return kind === "default" || mls || (kind === "access-vector" && this.#current === 3);
  }

  /** Takes note of a statement; reports one that comes too late. */
  see(statement: Statement): void {
    const section = sectionOf(statement);
    if (section < this.#current) {
      const { source, sink } = this.#state;
      sink.error({
        code: "order",
        message: `${SECTIONS[section]} must come before ${SECTIONS[this.#current]}`,
        span: source.span(statement.start, statement.end),
        hint: `the order is: ${SECTIONS.join(", ")}`,
        ...(this.#last === undefined
          ? {}
          : {
              related: [
                {
                  message: `${SECTIONS[this.#current]} began before this`,
                  span: source.span(this.#last.start, this.#last.end),
                },
              ],
            }),
      });
      return;
    }
    this.#current = section;
    this.#last = statement;
  }
}

function sectionOf(statement: Statement): number {
  if (statement.kind === "constrain" || statement.kind === "validatetrans") {
    return statement.mls ? 9 : 12;
  }
  return SECTION_OF[statement.kind] ?? RULES_SECTION;
}

/** Reports required sections that never came; only called when nothing else is wrong. */
export function checkMissingSections(statements: readonly Statement[], state: ParserState): void {
  const seen = new Set<number>();
  for (const statement of statements) seen.add(sectionOf(statement));
  const { length } = state.source.text;
  const missing = REQUIRED.find(([section]) => !seen.has(section));
  if (missing !== undefined) {
    state.sink.error({
      code: "incomplete",
      message: `${missing[1]}, and this one has none`,
      span: state.source.span(length, length),
      hint: "a policy.conf is a complete base policy, not a module",
    });
  }
  if (seen.has(5)) checkMls(seen, state);
}

/** A policy with sensitivities needs the whole MLS section. */
function checkMls(seen: ReadonlySet<number>, state: ParserState): void {
  for (const section of [6, 8, 9]) {
    if (seen.has(section)) continue;
    const { length } = state.source.text;
    state.sink.error({
      code: "incomplete",
      message: `an MLS policy needs ${SECTIONS[section]}, and this one has none`,
      span: state.source.span(length, length),
    });
  }
}
