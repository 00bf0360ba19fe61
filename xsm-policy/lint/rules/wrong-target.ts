/** L013: a grant on a target that the hypervisor never asks about. */

import { QuestionIndex } from "../asked.ts";
import {
  type LintContext,
  listText,
  permissionNames,
  permissionPlace,
  typeOfSid,
} from "../context.ts";
import { forEachAllow } from "../grants.ts";
import type { Question } from "../hypervisor/question.ts";
import type { LintRule } from "../rule.ts";

/** Initial SIDs whose types label nothing that a call could name. */
const NEVER_NAMED = ["xen", "security"];

export const wrongTarget: LintRule = {
  id: "L013",
  name: "wrong-target",
  severity: "warning",
  summary: "a permission is granted on a target about which the hypervisor never asks for it",
  check(context, report) {
    const { policy, hypervisor } = context;
    const questions = new QuestionIndex(hypervisor);
    forEachAllow(policy, (allow) => {
      for (const grant of allow.grants) {
        const { name } = policy.classes[grant.class];
        const targets = allow.rule.self ? allow.sources() : allow.targets();
        const wrong = permissionNames(policy, grant.class, grant.permissions).filter((each) => {
          const asked = questions.of(name, each);
          return asked.length > 0 && !targets.some((type) => isAskedAbout(context, asked, type));
        });
        if (wrong.length === 0 || targets.length === 0) continue;
        const about = askedAbout(context, questions.of(name, wrong[0]));
        const given = listText(targets.map((type) => policy.types[type].name));
        report({
          message: `${hypervisor.name} asks for ${name} ${listText(wrong, 6)} about ${about}, never about ${given}`,
          at: permissionPlace(context, allow.node, wrong),
          within: allow.node,
          hint: "the rule grants nothing by it: name the target that is asked about",
        });
      }
    });
  },
};

/** Whether a type can be the label of what one of the questions is about. */
function isAskedAbout(
  { policy }: LintContext,
  questions: readonly Question[],
  type: number,
): boolean {
  if (questions.some(({ sid }) => sid !== undefined && typeOfSid(policy, sid) === type))
    return true;
  if (NEVER_NAMED.some((sid) => typeOfSid(policy, sid) === type)) return false;
  return questions.some(({ sid }) => sid === undefined);
}

function askedAbout({ policy }: LintContext, questions: readonly Question[]): string {
  const names = questions.map(({ sid }) => {
    const type = sid === undefined ? -1 : typeOfSid(policy, sid);
    return type === -1 ? "what the call names" : policy.types[type].name;
  });
  return listText([...new Set(names)]);
}
