/** All lint rules, by number. */

import type { LintRule } from "./rule.ts";
import { constrainedRule } from "./rules/constrained-rule.ts";
import { coveredRule } from "./rules/covered-rule.ts";
import { deadPermission, unservedPermission } from "./rules/dead-permission.ts";
import { duplicateRule } from "./rules/duplicate-rule.ts";
import { mispairedClass } from "./rules/mispaired-class.ts";
import { idleNeverallow, unportableNeverallow } from "./rules/neverallow.ts";
import { retargetingMacro } from "./rules/retargeting-macro.ts";
import { tableMismatch } from "./rules/table-mismatch.ts";
import { typeWithoutRole } from "./rules/type-without-role.ts";
import { ungrantedOperation } from "./rules/ungranted-operation.ts";
import { unreachableRule } from "./rules/unreachable-rule.ts";
import { unsafeDelegation } from "./rules/unsafe-delegation.ts";
import {
  emptyAttribute,
  unusedAttribute,
  unusedBoolean,
  unusedType,
} from "./rules/unused-names.ts";
import { wrongTarget } from "./rules/wrong-target.ts";
import { malformedWaiver } from "./waivers.ts";

export const LINT_RULES: readonly LintRule[] = [
  malformedWaiver,
  unsafeDelegation,
  deadPermission,
  mispairedClass,
  wrongTarget,
  ungrantedOperation,
  tableMismatch,
  unservedPermission,
  retargetingMacro,
  unusedType,
  unusedAttribute,
  emptyAttribute,
  unusedBoolean,
  typeWithoutRole,
  duplicateRule,
  coveredRule,
  unreachableRule,
  constrainedRule,
  idleNeverallow,
  unportableNeverallow,
];
