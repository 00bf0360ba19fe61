/** Optional blocks: which of them hold, as the linker of SELinux decides it. */

import type { OptionalBlock, Statement } from "./ast.ts";
import type { PolicySymbol } from "./symbols.ts";

/** The statements that stand outside every optional block. */
export const GLOBAL_BLOCK = 0;

/** The global block, an optional block, or the else part of one. */
export interface Block {
  readonly index: number;
  readonly parent: number;
  readonly statements: readonly Statement[];
  /** The else part of this block, or -1. */
  otherwise: number;
  /** This is an else part: it declares and requires nothing. */
  readonly isElse: boolean;
  readonly required: PolicySymbol[];
  /** A class or permission that it requires does not exist. */
  impossible: boolean;
  enabled: boolean;
}

/** All blocks of a policy; index 0 is the global one. Nested blocks come after their parents. */
export function collectBlocks(statements: readonly Statement[]): {
  blocks: Block[];
  blockOf: Map<OptionalBlock, number>;
} {
  const blocks: Block[] = [];
  const blockOf = new Map<OptionalBlock, number>();
  const add = (body: readonly Statement[], parent: number, isElse: boolean): number => {
    const index = blocks.length;
    blocks.push({
      index,
      parent,
      statements: body,
      otherwise: -1,
      isElse,
      required: [],
      impossible: false,
      enabled: !isElse,
    });
    for (const statement of body) {
      if (statement.kind !== "optional") continue;
      const inner = add(statement.body, index, false);
      blockOf.set(statement, inner);
      if (statement.otherwise !== undefined) {
        blocks[inner].otherwise = add(statement.otherwise, index, true);
      }
    }
    return index;
  };
  add(statements, -1, false);
  return { blocks, blockOf };
}

/**
 * Decides which blocks hold: a block whose requirements are not declared in a block that holds is
 * dropped, until nothing changes; then the else part of a dropped block holds.
 */
export function enableBlocks(blocks: readonly Block[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of blocks) {
      if (!block.enabled || block.isElse || requirementsMet(block, blocks)) continue;
      block.enabled = false;
      changed = true;
    }
  }
  for (const block of blocks) {
    if (block.otherwise === -1) continue;
    const parentHolds = block.parent === -1 || blocks[block.parent].enabled;
    blocks[block.otherwise].enabled = parentHolds && !block.enabled;
  }
  // A block inside an else part that does not hold does not hold either.
  for (const block of blocks) {
    if (block.parent !== -1 && !blocks[block.parent].enabled) block.enabled = false;
  }
}

function requirementsMet(block: Block, blocks: readonly Block[]): boolean {
  if (block.impossible) return false;
  const parent = block.parent === -1 ? undefined : blocks[block.parent];
  if (parent !== undefined && !parent.isElse && !parent.enabled) return false;
  return block.required.every((symbol) => isDeclared(symbol, blocks));
}

/** Whether a symbol is declared in a block that holds. */
export function isDeclared(symbol: PolicySymbol, blocks: readonly Block[]): boolean {
  return symbol.declaredIn.some((index) => blocks[index].enabled);
}
