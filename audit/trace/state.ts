// The state of each link, in OpenFastTrace's words: what is stored against what is in the tree.

import type { CodeFunction } from "./code.ts";
import type { Item } from "./items.ts";
import type { CaseLinks, ItemLinks, Links } from "./links.ts";
import { type AuditPolicy, type Need, needsOf, shownBy, waiverOf } from "./policy.ts";
import type { Place } from "./source.ts";

export type LinkState =
  /** Both ends are as they were when the link was found. */
  | "covered"
  /** There is no link of this kind. */
  | "uncovered"
  /** The item has changed since. */
  | "outdated"
  /** The other end has changed since. */
  | "predated"
  /** The other end, or the item, is gone. */
  | "orphaned"
  /** Two items have the id. */
  | "ambiguous"
  /** The proof failed. */
  | "unproved"
  /** The solver gave up. */
  | "timeout"
  /** A gap that somebody answers for. */
  | "waived";

export interface LinkStatus {
  readonly id: string;
  readonly need: Need;
  readonly state: LinkState;
  readonly place: Place;
  readonly message: string;
}

/** What is in the tree now. */
export interface Tree {
  readonly items: readonly Item[];
  readonly functions: readonly CodeFunction[];
  /** Hashes by name. */
  readonly cases: ReadonlyMap<string, string>;
  /** Tests by file; a test by its name. */
  readonly tests: ReadonlyMap<string, { hash(name: string): string }>;
  /** Declarations of the specification. */
  readonly spec: ReadonlyMap<string, string>;
  /** sha256 of build/core.wasm, and hashes of its functions; undefined if it is not built. */
  readonly core: string | undefined;
  readonly wasm: ReadonlyMap<string, string> | undefined;
}

interface Found {
  readonly state: LinkState;
  readonly message: string;
}

/** Worst first: the state of several links is the worst of them. */
const ORDER: readonly LinkState[] = [
  "ambiguous",
  "orphaned",
  "uncovered",
  "outdated",
  "predated",
  "unproved",
  "timeout",
  "waived",
  "covered",
];
const worst = (all: readonly Found[]): Found =>
  ORDER.map((state) => all.find((one) => one.state === state)).find((one) => one !== undefined)!;

const COVERED: Found = { state: "covered", message: "" };

/** Properties that say what an operation does; the others belong to invariants and promises. */
const OWN = /^(safe|text|result|events|column|can give|reads|can be)/;

/** Compares the stored links with the tree. */
export class Comparison {
  readonly #links: Links;
  readonly #tree: Tree;
  readonly #policy: AuditPolicy;
  readonly #functions: ReadonlyMap<string, CodeFunction>;
  /** Of the items, by id. */
  readonly #hashes: ReadonlyMap<string, string>;

  constructor(links: Links, tree: Tree, policy: AuditPolicy) {
    this.#links = links;
    this.#tree = tree;
    this.#policy = policy;
    this.#functions = new Map(tree.functions.map((one) => [one.id, one]));
    this.#hashes = new Map(tree.items.map(({ id, hash }) => [id, hash]));
  }

  /** One status for each need of each item; those of items that are gone at the end. */
  statuses(today: string): LinkStatus[] {
    const { items } = this.#tree;
    const known = new Set(items.map(({ id }) => id));
    const gone = Object.keys(this.#links.items).filter((id) => !known.has(id));
    return [
      ...items.flatMap((item) =>
        needsOf(this.#policy, item).map((need) => this.#status(item, need, today)),
      ),
      ...gone.flatMap((id) => this.#gone(id)),
    ];
  }

  #gone(id: string): LinkStatus[] {
    const [one] = this.#links.items[id]!.code;
    const place = this.#functions.get(one?.function ?? "")?.place;
    const message =
      "the specification no longer says it, but code, proofs or tests are linked to it";
    const at = place ?? { file: "audit/links.json", line: 1, column: 1 };
    return [{ id, need: "code", state: "orphaned", place: at, message }];
  }

  #status(item: Item, need: Need, today: string): LinkStatus {
    const { id, place } = item;
    const found = this.#compare(item, need);
    const status = { id, need, place, ...found };
    if (found.state === "covered" || found.state === "ambiguous") return status;
    const waived = waiverOf(this.#policy, id, need, today);
    if (waived === undefined) return status;
    const { owner, until, reason } = waived.waiver;
    const says = `${owner} until ${until}: ${reason}`;
    return waived.holds
      ? { ...status, state: "waived", message: says }
      : { ...status, message: `${found.message}; the waiver of ${says} has run out` };
  }

  #compare(item: Item, need: Need): Found {
    const same = this.#tree.items.filter(({ id }) => id === item.id);
    if (same.length > 1) {
      const places = same.map(({ place }) => `${place.file}:${place.line}`).join(" and ");
      return { state: "ambiguous", message: `the id stands at ${places}; give one another number` };
    }
    const stored = this.#links.items[item.id];
    if (stored === undefined) {
      const message = 'nothing is linked to it yet; "xenolith audit link" looks for its links';
      return { state: "uncovered", message };
    }
    const ends = this.#ends(item, stored, need);
    if (ends.length === 0) return { state: "uncovered", message: absent[need] };
    if (stored.hash !== item.hash) {
      const message = `what it says has changed since its ${need} was linked; "xenolith audit link"`;
      return { state: "outdated", message };
    }
    return worst(ends);
  }

  #ends(item: Item, stored: ItemLinks, need: Need): Found[] {
    if (need === "code") return stored.code.map((one) => this.#code(one.function));
    if (need === "test") return stored.tests.map((one) => this.#test(one));
    return stored.proof.map((one) => this.#proof(item, one));
  }

  #code(name: string): Found {
    const now = this.#functions.get(name);
    if (now === undefined) return { state: "orphaned", message: `${name} is gone` };
    if (now.hash === this.#links.functions[name]) return COVERED;
    const { file, line, column } = now.place;
    const message = `${name} (${file}:${line}:${column}) has changed since`;
    return { state: "predated", message };
  }

  #test(name: string): Found {
    const [file = "", number = "0"] = name.split("#");
    const now = this.#tree.tests.get(file);
    if (now === undefined) return { state: "orphaned", message: `${file} is gone` };
    const stored = this.#links.tests[file];
    const test = stored?.names[Number(number)] ?? "";
    if (now.hash(test) === stored?.hashes[number]) return COVERED;
    return { state: "predated", message: `${file} has changed since (${test || "all of it"})` };
  }

  #proof(item: Item, name: string): Found {
    const now = this.#tree.cases.get(name);
    if (now === undefined) return { state: "orphaned", message: `the proof "${name}" is gone` };
    const stored = this.#links.cases[name]!;
    if (now !== stored.hash) {
      return { state: "predated", message: `the proof "${name}" states another thing now` };
    }
    if (stored.obligations === 0) return { state: "unproved", message: `"${name}" was not run` };
    const moved = this.#moved(stored);
    if (moved !== undefined) {
      return { state: "predated", message: `${moved} has changed since "${name}" was proved` };
    }
    return this.#verdict(item, name);
  }

  /** What a proof stands on and is not as it was; undefined: nothing. */
  #moved({ wasm, spec, invariants }: CaseLinks): string | undefined {
    const { wasm: build, spec: declarations } = this.#tree;
    const { wasm: proved, spec: said, items } = this.#links;
    const code = build && wasm.find((name) => build.get(name) !== proved[name]);
    if (code !== undefined) return `core.wasm: ${code}`;
    const text = spec.find((name) => declarations.get(name) !== said[name]);
    if (text !== undefined) return text;
    const assumed = invariants === "all" ? this.#invariants() : invariants;
    return assumed.find((id) => this.#hashes.get(id) !== items[id]?.hash);
  }

  /** Ids of the invariants that were there when the links were found. */
  #invariants(): string[] {
    return Object.keys(this.#links.items).filter((id) => id.startsWith("INV-"));
  }

  #verdict({ kind, id }: Item, name: string): Found {
    const { open } = this.#links.cases[name]!;
    const shown = shownBy(this.#policy, id);
    const own = (property: string): boolean => {
      if (shown !== undefined) return shown.test(property);
      return kind === "invariant" ? property.split(" ")[1] === id : OWN.test(property);
    };
    const failed = Object.entries(open).filter(([property]) => own(property));
    if (failed.length === 0) return COVERED;
    const [property, verdict] = failed[0]!;
    const state = failed.every(([, one]) => one === "timeout") ? "timeout" : "unproved";
    return { state, message: `"${name}": ${property} (${verdict})` };
  }
}

const absent: Readonly<Record<Need, string>> = {
  code: "no code is known to carry it out",
  proof: "no proof is about it",
  test: "no test reaches it",
};
