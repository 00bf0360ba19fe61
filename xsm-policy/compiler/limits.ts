/** Bounds on what the compiler takes in: each has its unit last, and an error of its own. */

/** Longest identifier, path or quoted name; checkpolicy's scanner stops at twice that. */
export const TOKEN_LENGTH_LIMIT_CHARACTERS = 4096;

/** Largest policy text; a million rules take about 60 million characters. */
export const SOURCE_LIMIT_CHARACTERS = 256 * 1024 * 1024;

/** Largest binary policy; Xen's own limit for a policy is the same. */
export const BINARY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Braces, parentheses, `not` and optional blocks within one another. */
export const NESTING_LIMIT_LEVELS = 128;

/** Operands of one constraint or condition. */
export const EXPRESSION_LIMIT_OPERANDS = 1024;

/** Errors shown before the compiler gives up on a policy. */
export const DIAGNOSTIC_LIMIT_COUNT = 50;

/** Permissions of a class: an access vector is 32 bits wide. */
export const CLASS_PERMISSION_LIMIT_COUNT = 32;

/** Operands that the hypervisor's evaluator can hold at once in a constraint. */
export const CONSTRAINT_STACK_LIMIT_OPERANDS = 5;

/** Operands that the hypervisor's evaluator can hold at once in a condition. */
export const CONDITION_STACK_LIMIT_OPERANDS = 10;

/** Types and attributes together: the policy database has 16 bits for them. */
export const KEY_LIMIT_COUNT = 65535;

/** Classes of a policy; Xen has 13. */
export const CLASS_LIMIT_COUNT = 4096;

/** Different conditions of a policy. */
export const CONDITION_LIMIT_COUNT = 65_536;

/** Bounds upon bounds: the hypervisor refuses a policy with a longer chain, or a loop. */
export const BOUNDS_LIMIT_LEVELS = 4;
