/** Expands the macros of policy files and keeps, for each character, where it came from. */

import type { Diagnostic } from "../diagnostic.ts";
import type { Position, Span } from "../source.ts";
import { callBuiltin, defineBuiltins, type Host } from "./builtins.ts";
import { type Call, Definitions, type Macro, substitute } from "./definitions.ts";
import {
  CLOSE,
  COMMA,
  COMMENT_START,
  END,
  isLetter,
  MacroInput,
  NEWLINE,
  OPEN,
  OPEN_QUOTE,
} from "./input.ts";
import { DEFAULT_LIMITS, type MacroLimits } from "./limits.ts";
import { FrameTable, MacroFile, positionOf } from "./origin.ts";
import { MacroPositions } from "./position-map.ts";
import {
  EMPTY_TEXT,
  type Origin,
  TextBuilder,
  TextLimitError,
  type TracedText,
  textOfFile,
} from "./text.ts";

/** A file to expand, under the name that messages show. */
export interface MacroSource {
  readonly name: string;
  readonly text: string;
}

export interface MacroOptions {
  /** Macros that are defined before the first file is read, as `m4 -D name=value` does. */
  readonly defines?: Readonly<Record<string, string>>;
  /** Bounds other than the usual ones. */
  readonly limits?: Partial<MacroLimits>;
}

export interface Expansion {
  readonly text: string;
  readonly positions: MacroPositions;
  /** The text with its origins. */
  readonly traced: TracedText;
  /** Where in `text` the output of each file begins. */
  readonly starts: readonly number[];
  readonly diagnostics: readonly Diagnostic[];
  /** Names of all macros at the end. */
  macroNames(): Iterable<string>;
}

/**
 * Expands files in order, as one `m4` run over all of them would. An error ends the expansion:
 * `text` then holds what was made before it.
 */
export function expandMacros(
  sources: readonly MacroSource[],
  options: MacroOptions = {},
): Expansion {
  return new Expander(sources, options).run();
}

/** Ends an expansion; the diagnostic has been recorded. */
class ExpansionFailure extends Error {}

class Expander implements Host {
  readonly definitions = new Definitions();
  readonly #files: MacroFile[];
  readonly #sourceCount: number;
  readonly #limits: MacroLimits;
  readonly #frames = new FrameTable();
  readonly #output: TextBuilder;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #isMacro = (word: string): boolean => this.definitions.has(word);
  #input = new MacroInput();
  #calls = 0;
  #argumentDepth = 0;

  constructor(sources: readonly MacroSource[], options: MacroOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#output = this.newText();
    this.#files = sources.map(({ name, text }) => new MacroFile(name, text));
    this.#sourceCount = sources.length;
    defineBuiltins(this.definitions);
    for (const [name, value] of Object.entries(options.defines ?? {})) {
      const file = this.#files.push(new MacroFile(`(definition of ${name})`, value)) - 1;
      const defined = { file, offset: 0, frame: 0 };
      const body = textOfFile(file, value);
      this.definitions.define(name, { kind: "user", body, defined, isInterface: false });
    }
  }

  run(): Expansion {
    const starts: number[] = [];
    try {
      for (let file = 0; file < this.#sourceCount; file++) {
        starts.push(this.#output.length);
        this.#input = new MacroInput();
        this.#input.push(textOfFile(file, this.#files[file].text));
        this.#expandAll();
      }
    } catch (error) {
      if (!(error instanceof ExpansionFailure)) throw error;
    }
    const traced = this.#output.finish();
    const positions = new MacroPositions(this.#files, this.#frames, traced);
    return {
      text: traced.text,
      positions,
      traced,
      starts,
      diagnostics: this.#diagnostics,
      macroNames: () => this.definitions.names(),
    };
  }

  newText(): TextBuilder {
    return new TextBuilder(this.#limits);
  }

  warn(code: string, message: string, origin: Origin): void {
    this.#diagnostics.push({ severity: "warning", code, message, span: this.#span(origin) });
  }

  fail(code: string, message: string, origin: Origin, hint?: string): never {
    const diagnostic: Diagnostic = { severity: "error", code, message, span: this.#span(origin) };
    this.#diagnostics.push(hint === undefined ? diagnostic : { ...diagnostic, hint });
    throw new ExpansionFailure(message);
  }

  skipLine(): void {
    this.#input.takeThrough(this.newText(), NEWLINE);
  }

  fileName(origin: Origin): string {
    return this.#files[origin.file].name;
  }

  lineNumber(origin: Origin): number {
    return this.#files[origin.file].place(origin.offset).line;
  }

  /** Expands to the end of the input. */
  #expandAll(): void {
    while (this.#input.peek() !== END) {
      const here = this.#here();
      try {
        this.#step(this.#output, false);
      } catch (error) {
        if (!(error instanceof TextLimitError)) throw error;
        this.fail("macro-limit", "the expansion makes a text that is too long", here);
      }
    }
  }

  /** Moves one stretch of plain text, quoted text, comment or macro call from input to `out`. */
  #step(out: TextBuilder, inArgument: boolean): void {
    const plain = this.#input.plainLength(this.#isMacro, inArgument);
    this.#input.take(out, plain);
    if (plain > 0) return;
    const code = this.#input.peek();
    if (code === OPEN_QUOTE) this.#quoted(out);
    else if (code === COMMENT_START) this.#input.takeThrough(out, NEWLINE);
    else if (isLetter(code)) this.#word(out);
    else this.#input.take(out, 1);
  }

  /** Copies quoted text without its outer quotes. */
  #quoted(out: TextBuilder): void {
    const opening = this.#here();
    this.#input.skip();
    if (this.#input.takeQuoted(out)) return;
    const hint = "each ` needs a ' after it";
    this.fail("macro-quote", "the file ends inside a quoted text", opening, hint);
  }

  /** Reads a word: a macro's name begins a call, any other is text. */
  #word(out: TextBuilder): void {
    const origin = this.#here();
    const word = this.newText();
    this.#input.takeWord(word);
    const traced = word.finish();
    const macro = this.definitions.get(traced.text);
    const hasArguments = this.#input.peek() === OPEN;
    if (
      macro === undefined ||
      (macro.kind === "builtin" && macro.needsArguments && !hasArguments)
    ) {
      out.appendAll(traced);
      return;
    }
    const list = hasArguments ? this.#arguments(traced, origin) : [traced];
    this.#input.push(this.#call(macro, { name: traced.text, origin, arguments: list }));
  }

  #call(macro: Macro, call: Call): TracedText {
    if (++this.#calls > this.#limits.calls) {
      this.fail("macro-limit", "the policy makes too many macro calls", call.origin);
    }
    if (macro.kind === "builtin") return callBuiltin(macro, call, this);
    if (macro.body.text === "") return EMPTY_TEXT;
    const { file, offset, frame: parent } = call.origin;
    const frame = this.#frames.call(call.name, file, offset, parent);
    if (this.#frames.depth(frame) > this.#limits.callDepth) {
      const message = `${call.name} leads to itself without end`;
      this.fail(
        "macro-recursion",
        message,
        call.origin,
        `the limit is ${this.#limits.callDepth} calls`,
      );
    }
    const result = this.newText();
    substitute(result, macro, call, this.#frames, frame);
    return result.finish();
  }

  /** Reads the arguments of a call, from its opening parenthesis to the closing one. */
  #arguments(name: TracedText, origin: Origin): TracedText[] {
    if (++this.#argumentDepth > this.#limits.argumentDepth) {
      const hint = `the limit is ${this.#limits.argumentDepth} calls`;
      this.fail("macro-nesting", "macro calls in arguments are nested too deep", origin, hint);
    }
    const list = [name];
    do {
      if (list.length > this.#limits.arguments) {
        this.fail("macro-limit", `${name.text} has too many arguments`, origin);
      }
      this.#input.skip();
      list.push(this.#argument(name.text, origin));
    } while (this.#input.peek() === COMMA);
    this.#input.skip();
    this.#argumentDepth--;
    return list;
  }

  /** Reads one argument, up to the comma or parenthesis that ends it. */
  #argument(name: string, origin: Origin): TracedText {
    const argument = this.newText();
    this.#input.skipSpace();
    for (let depth = 0; ; ) {
      const code = this.#input.peek();
      if (depth === 0 && (code === COMMA || code === CLOSE)) return argument.finish();
      if (code === END) {
        const message = `the file ends inside the arguments of ${name}`;
        this.fail("macro-arguments", message, origin, "a closing parenthesis is missing");
      }
      if (code === OPEN) depth++;
      if (code === CLOSE) depth--;
      this.#step(argument, true);
    }
  }

  #here(): Origin {
    return this.#input.origin() ?? { file: 0, offset: 0, frame: 0 };
  }

  #span(origin: Origin): Span {
    const position: Position = positionOf(
      this.#files,
      this.#frames,
      origin.file,
      origin.offset,
      origin.frame,
    );
    return { ...position, offset: this.#output.length, length: 1 };
  }
}
