// The rules, as data: the checkers, their messages and README.md come from this table.

export type Half = "source" | "binary";

export interface Rule {
  readonly number: number;
  /** Also the name of the examples' folder, after the number. */
  readonly name: string;
  readonly half: Half;
  readonly title: string;
  readonly reason: string;
  readonly remedy: string;
}

const source = (
  number: number,
  name: string,
  title: string,
  reason: string,
  remedy: string,
): Rule => ({ number, name, half: "source", title, reason, remedy });

const binary = (
  number: number,
  name: string,
  title: string,
  reason: string,
  remedy: string,
): Rule => ({ number, name, half: "binary", title, reason, remedy });

export const rules: readonly Rule[] = [
  source(
    0,
    "compiles",
    "It compiles.",
    "what the compiler refuses has no meaning that the other rules could judge.",
    "repair what the compiler's message says.",
  ),
  source(
    1,
    "no-new",
    "No `new`.",
    "an allocation needs a heap, and a heap can be exhausted by a guest.",
    "keep the value in a column of layout.ts, or in locals.",
  ),
  source(
    2,
    "functions-and-constants",
    "A file holds imports, constants and functions; no class, interface, enum, namespace, type " +
      "alias, generic or default parameter.",
    "objects have an address and a lifetime that no table names; generics and defaults compile " +
      "to functions that nobody wrote.",
    "write plain functions over rows, and constants one by one.",
  ),
  source(
    3,
    "no-closures",
    "No function inside a function, no function as a value.",
    "a function value is an indirect call: the call graph is no longer what the text says.",
    "write a named function at the top of the file and call it by its name.",
  ),
  source(
    4,
    "scalar-types",
    "The types are bool, the integers and void; no array, map, object, null or template.",
    "a managed value lives on a heap and is read through a pointer; the proofs see columns only.",
    "declare a table in layout.ts and use its accessors.",
  ),
  source(
    5,
    "text-literals",
    "A string is a literal given straight to a console-text function.",
    "a literal lies at a constant address; any other string is a pointer of unknown length.",
    "call the console-text function once for each literal.",
  ),
  source(
    6,
    "no-floats",
    "No floating point.",
    "the floating-point registers hold a guest's values while the core runs.",
    "use integers, in fixed point where a fraction is needed.",
  ),
  source(
    7,
    "columns-only",
    "No raw memory access outside columns.ts; memory.fill and memory.copy on a column's base " +
      "only, with a bounded length.",
    "an access that is not a column and a row can hit any table, and no lemma speaks of it.",
    "use the column's accessor, or the base constant that columns.ts exports.",
  ),
  source(
    8,
    "no-changetype",
    "No changetype and no reinterpret.",
    "it turns a number into a pointer and back, behind the compiler's back.",
    "pass rows and values as integers from the start.",
  ),
  source(
    9,
    "no-unchecked",
    "No unchecked.",
    "it removes a bounds check that the proof would otherwise have to discharge.",
    "use a column accessor; it needs no check to remove.",
  ),
  source(
    10,
    "no-module-state",
    "At the top of a file only `const` with a constant value; no `var` anywhere.",
    "state outside layout.ts is state that specification, proofs and fuzzer do not see.",
    "declare a table of one row in layout.ts.",
  ),
  source(
    11,
    "known-names",
    "Of the language's own library only min, max, clz, ctz, popcnt, and MIN_VALUE and MAX_VALUE; " +
      "no exceptions.",
    "library code would be trusted code that nobody here has read.",
    "write it in the core, or do without.",
  ),
  source(
    12,
    "bounded-loops",
    "A loop counts towards a constant: `for` with a simple counter, or `while` with a bounded " +
      "counter in its condition that each turn advances; at most 4096 turns.",
    "work per step is bounded by a number that can be printed; the rest is resumed.",
    "bound it with a limit: `index < min<u32>(count, LIMIT)`.",
  ),
  source(
    13,
    "no-implicit-conversion",
    "No implicit conversion that can change a value: to fewer bits, or to the other sign.",
    "a silent truncation turns a checked number into an unchecked one.",
    "write the conversion with `as`, after the check that makes it harmless.",
  ),
  source(
    14,
    "imports-in-core",
    "Imports name a file of the core itself.",
    "all that runs with full privilege stands in one folder.",
    "move what is needed into tcb/core, or do without it.",
  ),
  source(
    15,
    "machine-only",
    "`@external` and `declare` stand in machine.ts only; no other decorator than @inline.",
    "the list of imports is the whole interface to the machine, and it is one page.",
    "add the primitive to machine.ts, with its contract, or use one that is there.",
  ),
  binary(
    16,
    "no-start",
    "No start function.",
    "code that runs at instantiation runs before anything is checked.",
    "look for a top-level initialiser that the compiler could not fold.",
  ),
  binary(
    17,
    "no-table",
    "No table, no element segment, no call_indirect.",
    "an indirect call is a branch that can be misled, in speculation too.",
    "call functions by their names.",
  ),
  binary(
    18,
    "fixed-memory",
    "One memory of the core's own, of exactly layout.ts's size, never grown.",
    "its size is what every bounds check and the native layout rely on.",
    "compile with --initialMemory and --maximumMemory of linearBytes / 65536 pages.",
  ),
  binary(
    19,
    "integer-instructions",
    "Only integer instructions from the list in binary/opcodes.ts; only i32 and i64.",
    "what is not on the list the prover and the translator have not been taught.",
    "find the expression that compiles to it; floats and vectors have no place here.",
  ),
  binary(
    20,
    "machine-imports",
    "The imports are functions of module `machine`, exactly those of machine.ts.",
    "an import is a door to the machine layer.",
    "declare it in machine.ts, or remove from there what the core never calls.",
  ),
  binary(
    21,
    "three-doors",
    "The exports are memory, boot, selectVcpu and handleExit.",
    "an export is a door for the machine layer; the proofs start from these.",
    "export from core.ts only what the machine layer calls.",
  ),
  binary(
    22,
    "no-mutable-globals",
    "No mutable global.",
    "it is state that layout.ts does not name.",
    "keep it in a column.",
  ),
  binary(
    23,
    "no-recursion",
    "The call graph has no cycle.",
    "the depth of the stack is then a constant that can be computed.",
    "turn the recursion into a bounded loop.",
  ),
  binary(
    24,
    "data-below-columns",
    "Data segments are active, at constant offsets, between 4096 and the first column.",
    "a segment over a column would be a table that starts with somebody else's bytes.",
    "shorten or merge console texts; memoryBase stays 4096.",
  ),
  binary(
    25,
    "code-budget",
    "At most 65536 bytes of code.",
    "the core is to be read in a day and proved in a night.",
    "take something out, or move it to a domain.",
  ),
  binary(
    26,
    "stack-budget",
    "The deepest chain of calls holds at most 512 locals.",
    "at 8 bytes each, with return addresses, that is a quarter of the machine layer's stack.",
    "shorten the chain of calls, or use fewer locals in it.",
  ),
];

/** The rule with a number; a number without one is a mistake of the caller. */
export function ruleOf(number: number): Rule {
  const rule = rules.find((candidate) => candidate.number === number);
  if (rule === undefined) throw new RangeError(`there is no rule ${number}`);
  return rule;
}

/** Folder of a rule's examples. */
export const exampleFolder = (rule: Rule): string =>
  `${String(rule.number).padStart(2, "0")}-${rule.name}`;
