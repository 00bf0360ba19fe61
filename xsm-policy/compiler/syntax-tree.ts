/** A parsed policy as a whole: its statements, and the columns that name sets point into. */

import type { Statement } from "./ast.ts";
import type { Name, NameSet, Node } from "./ast-parts.ts";
import type { NameTable } from "./names.ts";
import type { SourceText, Span } from "./source.ts";

/** A member of a name set. */
export interface SetMember extends Name {
  readonly text: string;
  /** Written with a `-` in front. */
  readonly excluded: boolean;
}

/** A parsed policy: statements in source order, and the columns that name sets point into. */
export class SyntaxTree {
  readonly source: SourceText;
  readonly names: NameTable;
  readonly statements: readonly Statement[];
  /** Name number of each member; an excluded member (`-x`) is stored as its bit complement. */
  readonly nameIds: Int32Array;
  /** Offset of each member. */
  readonly nameStarts: Int32Array;

  constructor(
    source: SourceText,
    names: NameTable,
    statements: readonly Statement[],
    nameIds: Int32Array,
    nameStarts: Int32Array,
  ) {
    this.source = source;
    this.names = names;
    this.statements = statements;
    this.nameIds = nameIds;
    this.nameStarts = nameStarts;
  }

  /** The text of a name. */
  text(name: Name): string {
    return this.names.text(name.id);
  }

  /** The place of a node, with macro chain. */
  span(node: Node): Span {
    return this.source.span(node.start, node.end);
  }

  /** The members of a name set, in source order. For tools; the compiler reads the columns. */
  members(set: NameSet): SetMember[] {
    return Array.from({ length: set.count }, (_, index) => this.member(set.first + index));
  }

  /** Member number `index` of the columns. */
  member(index: number): SetMember {
    const stored = this.nameIds[index];
    const id = stored < 0 ? ~stored : stored;
    const text = this.names.text(id);
    const start = this.nameStarts[index];
    return { id, text, excluded: stored < 0, start, end: start + text.length };
  }
}
