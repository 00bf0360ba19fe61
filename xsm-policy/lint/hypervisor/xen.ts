/** The questions that Xen asks, from the operations that the direction map lists. */

import { classNames, permissionsOf } from "../../../tcb/core/hooks.ts";
import { readDirectionMap } from "../../analysis/direction-map.ts";
import type { Hypervisor, Question } from "./question.ts";

/** The one class of the core's hook table that Xen does not have. */
const OWN_CLASS = "xenolith";

/**
 * Operations whose class Xen's code pairs with another class's permission: the number is what
 * counts, so that it asks for the permission which has that number in the class.
 */
const MISPAIRED: ReadonlyMap<string, Question["meant"]> = new Map([
  ["domctl setvnumainfo", { class: "domain2", permission: "set_vnumainfo" }],
]);

const ownNames = classNames.filter((name) => name !== OWN_CLASS);

/** Xen, with the classes that it shares with the core. */
export const XEN: Hypervisor = {
  name: "Xen",
  questions: ownNames.flatMap(questionsOf),
  classes: new Map(ownNames.map((name) => [name, permissionsOf(name)])),
};

function questionsOf(className: (typeof classNames)[number]): Question[] {
  const map = readDirectionMap();
  return permissionsOf(className).flatMap((permission) =>
    map.of(className, permission).operations.map(({ name, sid }) => {
      const meant = MISPAIRED.get(name);
      const question = { operation: name, class: className, permission, sid };
      return meant === undefined ? question : { ...question, meant };
    }),
  );
}
