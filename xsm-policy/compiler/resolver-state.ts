/** What the parts of name resolution share: symbol tables, blocks, the policy being filled. */

import type { Name, Node, SyntaxTree } from "./ast.ts";
import { type Block, collectBlocks, GLOBAL_BLOCK } from "./blocks.ts";
import type { Related } from "./diagnostic.ts";
import { emptyPolicy } from "./empty-policy.ts";
import type { Policy } from "./policy.ts";
import type { DiagnosticSink } from "./sink.ts";
import { type PolicySymbol, type SymbolKind, SymbolTable } from "./symbols.ts";

/** A type in an attribute, or a role in a role attribute, as stated by `block`. */
export interface Membership {
  readonly member: PolicySymbol;
  readonly attribute: PolicySymbol;
  readonly block: number;
}

/** How each kind of symbol is called in messages. */
const KIND_NAMES: Readonly<Record<SymbolKind, string>> = {
  type: "type",
  role: "role",
  user: "user",
  boolean: "boolean",
  sensitivity: "sensitivity",
  category: "category",
  class: "class",
  common: "common",
};

export class ResolverState {
  readonly tree: SyntaxTree;
  readonly sink: DiagnosticSink;
  readonly policy: Policy;
  readonly tables: Readonly<Record<SymbolKind, SymbolTable>>;
  readonly blocks: readonly Block[];
  readonly blockOf: ReturnType<typeof collectBlocks>["blockOf"];
  readonly typeMemberships: Membership[] = [];
  readonly roleMemberships: Membership[] = [];
  /** Roles of each role attribute. */
  readonly roleAttributes = new Map<PolicySymbol, Set<PolicySymbol>>();
  /** Declared values of booleans and tunables. */
  readonly booleanValues = new Map<PolicySymbol, boolean>();
  /** Tunables and their values: they are decided when the policy is compiled. */
  readonly tunables = new Map<PolicySymbol, boolean>();
  /** Key (type or attribute) of each name number, or -1. Filled by `indexSymbols`. */
  keyOf = new Int32Array(0);
  /** Name numbers that may be used in every block. */
  global = new Uint8Array(0);
  /** Block whose statements are being resolved. */
  block = GLOBAL_BLOCK;
  /** Names are checked, but nothing goes into the policy: a branch that a tunable rules out. */
  discarding = false;
  /** The name number of `self`. */
  readonly self: number;

  constructor(tree: SyntaxTree, sink: DiagnosticSink) {
    const { names } = tree;
    this.tree = tree;
    this.sink = sink;
    const { blocks, blockOf } = collectBlocks(tree.statements);
    this.blocks = blocks;
    this.blockOf = blockOf;
    this.self = names.intern("self");
    this.tables = {
      type: new SymbolTable(names),
      role: new SymbolTable(names),
      user: new SymbolTable(names),
      boolean: new SymbolTable(names),
      sensitivity: new SymbolTable(names),
      category: new SymbolTable(names),
      class: new SymbolTable(names),
      common: new SymbolTable(names),
    };
    const mls = tree.statements.some((statement) => statement.kind === "sensitivity");
    this.policy = { ...emptyPolicy(mls), tree };
  }

  /** Reports an error at a node. */
  error(
    code: string,
    message: string,
    node: Node,
    more: { hint?: string | undefined; related?: readonly Related[] } = {},
  ): void {
    const { hint, related } = more;
    this.sink.error({
      code,
      message,
      span: this.tree.span(node),
      ...(hint === undefined ? {} : { hint }),
      ...(related === undefined ? {} : { related }),
    });
  }

  /** A related note that points at a node, as a one-element list. */
  note(message: string, node: Node | undefined): { related?: readonly Related[] } {
    return node === undefined ? {} : { related: [{ message, span: this.tree.span(node) }] };
  }

  /** The symbol of a name if it is known and in scope; otherwise reports and gives undefined. */
  find(kind: SymbolKind, name: Name): PolicySymbol | undefined {
    const symbol = this.tables[kind].get(name.id);
    if (symbol === undefined) {
      this.unknown(kind, name);
      return undefined;
    }
    if (!this.inScope(symbol)) {
      this.error(
        "out-of-scope",
        `${KIND_NAMES[kind]} '${symbol.name}' is an optional block's own and not required here`,
        name,
        { hint: "name it in this block's require", ...this.note("declared here", symbol.node) },
      );
      return undefined;
    }
    return symbol.aliasOf ?? symbol;
  }

  /** Reports an unknown name, with the nearest known one. */
  unknown(kind: SymbolKind, name: Name): void {
    const text = this.tree.text(name);
    const glued = kind === "sensitivity" && text.includes("-");
    const hint = glued
      ? "a '-' glued to names is part of the name: put spaces around it"
      : this.tables[kind].suggest(name.id);
    this.error(`unknown-${kind}`, `unknown ${KIND_NAMES[kind]} '${text}'`, name, { hint });
  }

  /** Whether a symbol may be used in the current block. */
  inScope(symbol: PolicySymbol): boolean {
    for (let index = this.block; index !== -1; index = this.blocks[index].parent) {
      if (symbol.blocks.includes(index)) return true;
    }
    return false;
  }

  /** Whether what is being resolved goes into the policy. */
  get holds(): boolean {
    return !this.discarding && this.blocks[this.block].enabled;
  }
}
