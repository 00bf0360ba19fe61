/** A policy at one moment of its editing, and what can be looked up in it. */

import type { AccessRule, Node, Statement, SyntaxTree } from "../compiler/ast.ts";
import { type CompileResult, compile } from "../compiler/compile.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { PolicySource } from "../compiler/macro/load.ts";
import type { CallSite } from "../compiler/source.ts";
import type { LintContext } from "../lint/context.ts";
import { lintContext } from "../lint/load.ts";
import { forEachName, type Manner, type NamedKind } from "../lint/occurrences.ts";
import { MacroIndex, type SourceFile } from "./macro-index.ts";
import { covers, LineIndex, type Place, type Position, placeOfSpan } from "./place.ts";

/** A name of the policy, where it is written. */
export interface Occurrence {
  readonly text: string;
  readonly kind: NamedKind;
  readonly manner: Manner;
  readonly place: Place;
  /** It is written as it stands; else a macro has pasted it together, and this is its beginning. */
  readonly isWhole: boolean;
  /** Its offset in the expanded text. */
  readonly offset: number;
  readonly statement: Statement;
  readonly tree: SyntaxTree;
  /** The macro calls that lead to it, innermost first. */
  readonly chain: readonly CallSite[];
}

/** An access rule, by the word that it begins with. */
export interface RuleAt {
  readonly rule: AccessRule;
  readonly place: Place;
  readonly chain: readonly CallSite[];
}

export class Snapshot {
  readonly source: PolicySource;
  /** The files as the editor has them. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly compiled: CompileResult;
  readonly diagnostics: readonly Diagnostic[];
  readonly #fallback: Snapshot | undefined;
  #macros: MacroIndex | undefined;
  #occurrences: ReadonlyMap<string, readonly Occurrence[]> | undefined;
  #lint: LintContext | undefined;
  #ruleList: readonly RuleAt[] | undefined;
  readonly #lines = new Map<string, LineIndex>();

  /**
   * @param fallback an earlier moment at which the policy compiled: what a half-written statement
   *   hides is looked up there
   */
  constructor(source: PolicySource, files: readonly SourceFile[], fallback?: Snapshot) {
    this.source = source;
    this.files = new Map(files.map((file) => [file.name, file]));
    const hasFailed = source.diagnostics.some(({ severity }) => severity === "error");
    this.compiled = hasFailed ? { tree: undefined, diagnostics: [], ok: false } : compile(source);
    this.diagnostics = [...source.diagnostics, ...this.compiled.diagnostics];
    // One that compiles needs none; else each would keep all that came before it.
    this.#fallback = this.compiled.policy === undefined ? fallback : undefined;
  }

  /** The policy as it is, or as it was when it last compiled. */
  get known(): CompileResult {
    return this.#fallback?.compiled ?? this.compiled;
  }

  /** Whether the text went through the macro processor. */
  get hasMacros(): boolean {
    return this.source.positions !== undefined;
  }

  get macros(): MacroIndex {
    this.#macros ??= new MacroIndex(this.hasMacros ? [...this.files.values()] : []);
    return this.#macros;
  }

  /** What lint rules look at; undefined while the policy does not compile. */
  get lintContext(): LintContext | undefined {
    this.#lint ??= lintContext(this.source, this.compiled, [...this.files.values()]);
    return this.#lint;
  }

  /** The line index of a file. */
  lines(file: string): LineIndex {
    let lines = this.#lines.get(file);
    if (lines === undefined) {
      lines = new LineIndex(this.files.get(file)?.text ?? "");
      this.#lines.set(file, lines);
    }
    return lines;
  }

  /** Where a part of the tree is written. A `policy.conf` is counted as it is, whatever its
   *  `#line`. */
  place(start: number, end: number): Place {
    const { name } = this.source;
    if (!this.hasMacros) return this.lines(name).place(name, start, end);
    const tree = this.compiled.tree;
    if (tree !== undefined) return placeOfSpan(tree.source.span(start, end));
    return { file: name, line: 0, character: 0, endLine: 0, endCharacter: 0 };
  }

  placeOf({ start, end }: Node): Place {
    return this.place(start, end);
  }

  /** All names in a file. */
  occurrencesIn(file: string): readonly Occurrence[] {
    return this.#index().get(file) ?? [];
  }

  /** All names of the policy; as they were, if the text cannot be read at all. */
  *occurrences(): Generator<Occurrence> {
    if (this.compiled.tree === undefined && this.#fallback !== undefined) {
      yield* this.#fallback.occurrences();
      return;
    }
    for (const list of this.#index().values()) yield* list;
  }

  /** The access rules whose first word stands at a position. */
  rulesAt(file: string, at: Position): RuleAt[] {
    return this.#rules().filter(({ place }) => place.file === file && covers(place, at));
  }

  #rules(): readonly RuleAt[] {
    if (this.#ruleList !== undefined) return this.#ruleList;
    const { tree } = this.compiled;
    const rules = tree === undefined ? [] : tree.statements.flatMap(accessRulesIn);
    this.#ruleList = rules.map((rule) => {
      const place = this.place(rule.start, rule.start + rule.rule.length);
      const chain = this.source.positions?.locate(rule.start).chain ?? [];
      return { rule, place, chain };
    });
    return this.#ruleList;
  }

  #index(): ReadonlyMap<string, readonly Occurrence[]> {
    this.#occurrences ??= this.#indexOccurrences();
    return this.#occurrences;
  }

  #indexOccurrences(): Map<string, Occurrence[]> {
    const index = new Map<string, Occurrence[]>();
    const { tree } = this.compiled;
    if (tree === undefined) return index;
    forEachName(tree, (name, kind, manner, statement) => {
      const text = tree.text(name);
      const place = this.placeOf(name);
      const chain = this.hasMacros ? tree.source.position(name.start).chain : undefined;
      const isWhole =
        place.endLine === place.line && place.endCharacter === place.character + text.length;
      const found = {
        text,
        kind,
        manner,
        place,
        isWhole: isWhole && this.#isWritten(place, text),
        offset: name.start,
        statement,
        tree,
        chain: chain ?? [],
      };
      const list = index.get(place.file);
      if (list === undefined) index.set(place.file, [found]);
      else list.push(found);
    });
    return index;
  }

  /** Whether a place of a file has just this text. */
  #isWritten({ file, line, character }: Place, text: string): boolean {
    const written = this.files.get(file)?.text;
    if (written === undefined) return true;
    const offset = this.lines(file).offset({ line, character });
    return written.startsWith(text, offset);
  }
}

/** The access rules of a statement and of the blocks in it. */
function accessRulesIn(statement: Statement): AccessRule[] {
  switch (statement.kind) {
    case "access-rule":
      return [statement];
    case "if":
      return [...statement.whenTrue, ...statement.whenFalse].flatMap(accessRulesIn);
    case "optional":
      return [...statement.body, ...(statement.otherwise ?? [])].flatMap(accessRulesIn);
    default:
      return [];
  }
}
