/** The questions that Xenolith's core asks, from its typed hook table. */

import { classNames, hooks, permissionsOf } from "../../../tcb/core/hooks.ts";
import type { Hypervisor } from "./question.ts";

export const CORE: Hypervisor = {
  name: "Xenolith",
  questions: hooks.flatMap(({ name, class: className, permissions, target }) =>
    permissions.map((permission) => ({
      operation: name,
      class: className,
      permission,
      sid: target === "xen" ? "xen" : undefined,
    })),
  ),
  classes: new Map(classNames.map((name) => [name, permissionsOf(name)])),
};
