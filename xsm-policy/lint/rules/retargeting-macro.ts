/** L020: a macro that defines a macro whose name is pasted together, and so renames what follows.
 *  */

import type { LintContext, LintText } from "../context.ts";
import { listText } from "../context.ts";
import { forEachName } from "../occurrences.ts";
import type { LintRule, Report } from "../rule.ts";
import { placeIn } from "../text-place.ts";

/** A definition whose name takes in an argument, and with it the text around. */
const PASTED_DEFINITION = /\b(?:define|pushdef)\(\s*`?([\w.-]*\$[\w$.*@#-]*)'?\s*,/g;

/** How many uses are shown. */
const SHOWN_USES = 3;

export const retargetingMacro: LintRule = {
  id: "L020",
  name: "retargeting-macro",
  severity: "warning",
  summary: "a macro makes a name mean another one from here on, in every macro that pastes it",
  check(context, report) {
    if (!context.hasMacros) return;
    const found = context.texts.flatMap((text) => findDefinitions(text));
    if (found.length === 0) return;
    const uses = retargetedNames(context, found);
    for (const definition of found) {
      report(describe(definition, uses.get(definition) ?? []));
    }
  },
};

interface Definition {
  readonly text: LintText;
  readonly offset: number;
  /** As written, such as `$1_self`. */
  readonly name: string;
  /** Matches the names that it may stand for. */
  readonly pattern: RegExp;
}

/** A name of the policy that came out of such a definition. */
interface Use {
  readonly asked: string;
  readonly got: string;
  readonly span: NonNullable<Report["related"]>[number]["span"];
}

function findDefinitions(text: LintText): Definition[] {
  return [...text.text.matchAll(PASTED_DEFINITION)].map((match) => {
    const [, name] = match;
    const literal = name.split(/\$(?:\d+|[*@#])/).map((part) => part.replace(/[.*$]/g, "\\$&"));
    const pattern = new RegExp(`^${literal.join("[\\w.-]+")}$`);
    return { text, offset: match.index + match[0].indexOf(name), name, pattern };
  });
}

/** Names of the tree whose macro calls go through one of the definitions. */
function retargetedNames(
  { tree }: LintContext,
  definitions: readonly Definition[],
): Map<Definition, Use[]> {
  const uses = new Map<Definition, Use[]>();
  forEachName(tree, (name) => {
    const span = tree.span(name);
    for (const { macro } of span.chain ?? []) {
      const definition = definitions.find(({ pattern }) => pattern.test(macro));
      if (definition === undefined) continue;
      const list = uses.get(definition) ?? [];
      list.push({ asked: macro, got: tree.text(name), span });
      uses.set(definition, list);
      return;
    }
  });
  return uses;
}

function describe(definition: Definition, uses: readonly Use[]): Report {
  const { text, offset, name } = definition;
  const pairs = [...new Set(uses.map(({ asked, got }) => `${asked} became ${got}`))];
  const effect = pairs.length === 0 ? "nothing in this policy yet" : listText(pairs);
  return {
    message: `${name} is defined anew for all that follows: ${effect}`,
    at: placeIn(text, offset, name.length),
    hint: "hand the other name to the macros that need it as an argument of its own",
    related: uses.slice(0, SHOWN_USES).map(({ asked, got, span }) => ({
      message: `${asked} is read as ${got} here`,
      span,
    })),
  };
}
