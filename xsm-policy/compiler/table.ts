/**
 * The dense table that the core reads: for each pair of labels and each class an access vector, so
 * that a decision is one load and one AND. A label is one full security context.
 *
 * Layout (little endian): a header of 64 bytes (magic u64, version u32, labels u32, classes u32,
 * zero u32, total bytes u32, zero u32, SHA-256 of what follows), then
 *   u32 initialSid[16]            label of each initial SID by number; 0xffffffff where none
 *   u8  self[128]                 label that stands as target when a domain acts on itself
 *   u8  channel[n][128]           label of an event channel that s makes towards t
 *   u32 allowed[n][128][16]       access vectors; bits as the core's hook table numbers them
 *   u8  name[n][64]               the contexts, NUL padded
 */

import { createHash } from "node:crypto";
import { classNames, permissionsOf } from "../../tcb/core/hooks.ts";
import { ContextError, contextFromText } from "./context-text.ts";
import { DecisionEngine } from "./decision.ts";
import { contextText } from "./mls.ts";
import type { Context, Policy } from "./policy.ts";
import type { AccessRelation } from "./relation.ts";
import { didYouMean } from "./suggest.ts";

export const TABLE_MAGIC = 0x314d53584f4e4558n;
export const TABLE_VERSION = 1;
export const TABLE_HEADER_BYTES = 64;
export const LABEL_LIMIT_COUNT = 128;
export const LABEL_NAME_BYTES = 64;
export const TABLE_CLASS_COUNT = 16;
export const INITIAL_SID_COUNT = 16;

/** Stands for "no label" in the list of initial SIDs. */
export const NO_LABEL = 0xffff_ffff;

const DIGEST_OFFSET = 32;
const ROLE_OF_OBJECTS = 0;

/** Xen's number of the initial SID `unlabeled`. */
const UNLABELED_NUMBER = 6;

/** Initial SIDs that the core cannot do without. */
const NEEDED_SIDS = ["xenboot", "xen", "unlabeled"];

/** What the table says, as arrays. */
export interface DenseTable {
  /** Context of each label. */
  readonly names: readonly string[];
  /** Label of each initial SID by number, NO_LABEL where there is none; 16 entries. */
  readonly initialSids: readonly number[];
  /** 128 entries. */
  readonly self: Uint8Array;
  /** [source * 128 + target] */
  readonly channel: Uint8Array;
  /** [(source * 128 + target) * 16 + class] */
  readonly allowed: Uint32Array;
}

/** Why a policy cannot become a table, or why bytes are no table. */
export class TableError extends Error {}

/**
 * Builds the table of a policy.
 * @param domainLabels contexts that domains are started with (their `seclabel`s)
 * @param kept contexts that must have the first numbers, in this order: those of the table that
 *   this one is loaded after, because domains and channels go on under their labels' numbers
 * @throws TableError for a context that is not valid, a class or permission that the core does not
 *   know, or more than 128 labels
 */
export function buildTable(
  relation: AccessRelation,
  domainLabels: readonly string[],
  kept: readonly string[] = [],
): DenseTable {
  return new TableBuilder(relation).build(domainLabels, kept);
}

class TableBuilder {
  readonly #policy: Policy;
  readonly #engine: DecisionEngine;
  readonly #labels: Context[] = [];
  readonly #labelOf = new Map<string, number>();
  readonly #bits: Int8Array[];

  constructor(relation: AccessRelation) {
    this.#policy = relation.policy;
    this.#engine = new DecisionEngine(relation);
    this.#bits = relation.policy.classes.map(({ name, permissions }) =>
      bitsOfClass(name, permissions),
    );
  }

  build(domainLabels: readonly string[], kept: readonly string[]): DenseTable {
    for (const text of kept) this.#label(this.#context(text));
    const initialSids = this.#initialSids();
    const started = domainLabels.map((text) => this.#label(this.#context(text)));
    const seeds = [...new Set([...initialSids.filter((label) => label !== NO_LABEL), ...started])];
    const self = this.#selfLabels(seeds);
    this.#checkCount();
    const domains = [...new Set([...seeds, ...self.values()])];
    const unlabeled = initialSids[this.#sidNumber("unlabeled")];
    const made = this.#channels(seeds, domains);
    const count = this.#checkCount();
    const channel = new Uint8Array(count * LABEL_LIMIT_COUNT).fill(unlabeled);
    for (const [pair, label] of made) channel[pair] = label;
    return {
      names: this.#labels.map((context) => this.#name(context)),
      initialSids,
      self: Uint8Array.from({ length: LABEL_LIMIT_COUNT }, (_, label) =>
        label < count ? (self.get(label) ?? label) : 0,
      ),
      channel,
      allowed: this.#accessVectors(),
    };
  }

  /** How many labels there are. */
  #checkCount(): number {
    const count = this.#labels.length;
    if (count <= LABEL_LIMIT_COUNT) return count;
    throw new TableError(
      `the policy needs ${count} labels, and the core holds ${LABEL_LIMIT_COUNT}: ` +
        "use fewer contexts for domains, or let several domains share a channel type",
    );
  }

  #sidNumber(name: string): number {
    return this.#policy.initialSids.findIndex((sid) => sid.name === name) + 1;
  }

  #initialSids(): number[] {
    const { initialSids } = this.#policy;
    for (const name of NEEDED_SIDS) {
      const sid = initialSids.find((candidate) => candidate.name === name);
      if (sid?.context === undefined) throw new TableError(`initial SID '${name}' has no context`);
    }
    if (initialSids.length >= INITIAL_SID_COUNT) {
      throw new TableError(`the core holds ${INITIAL_SID_COUNT - 1} initial SIDs`);
    }
    const labels = new Array<number>(INITIAL_SID_COUNT).fill(NO_LABEL);
    for (const [index, { context }] of initialSids.entries()) {
      if (context !== undefined) labels[index + 1] = this.#label(context);
    }
    return labels;
  }

  #context(text: string): Context {
    try {
      return contextFromText(this.#policy, text);
    } catch (failure) {
      if (!(failure instanceof ContextError)) throw failure;
      throw new TableError(`label ${failure.message}`);
    }
  }

  #label(context: Context): number {
    const text = contextText(this.#policy, context);
    const known = this.#labelOf.get(text);
    if (known !== undefined) return known;
    const label = this.#labels.length;
    this.#labels.push(context);
    this.#labelOf.set(text, label);
    return label;
  }

  #name(context: Context): string {
    const text = contextText(this.#policy, context);
    if (text.length >= LABEL_NAME_BYTES) {
      throw new TableError(`the context ${text} is longer than ${LABEL_NAME_BYTES - 1} characters`);
    }
    return text;
  }

  /** The label of each domain as its own target; an object, which never acts, is itself. */
  #selfLabels(seeds: readonly number[]): Map<number, number> {
    const domain = this.#policy.classes.findIndex(({ name }) => name === "domain");
    const made = new Map<number, number>();
    for (const label of seeds) {
      const context = this.#labels[label];
      const acts = context.role !== ROLE_OF_OBJECTS && domain !== -1;
      made.set(label, acts ? this.#transition(context, context, domain) : label);
    }
    return made;
  }

  #transition(source: Context, target: Context, classIndex: number): number {
    const made = this.#engine.transition(source, target, classIndex);
    if (made !== undefined) return this.#label(made);
    const from = contextText(this.#policy, source);
    const to = contextText(this.#policy, target);
    const { name } = this.#policy.classes[classIndex];
    throw new TableError(
      `what ${from} makes towards ${to} in class ${name} would have an invalid context: ` +
        "give its role the type that the type_transition results in",
    );
  }

  /** Pairs (index, label) of channels from each domain to each domain, itself included. */
  #channels(seeds: readonly number[], domains: readonly number[]): [number, number][] {
    const event = this.#policy.classes.findIndex(({ name }) => name === "event");
    const made: [number, number][] = [];
    if (event === -1) return made;
    for (const source of seeds) {
      for (const target of domains) {
        const from = this.#labels[source];
        const to = this.#labels[target];
        if (from.role === ROLE_OF_OBJECTS || to.role === ROLE_OF_OBJECTS) continue;
        const label = this.#transition(from, to, event);
        made.push([source * LABEL_LIMIT_COUNT + target, label]);
      }
    }
    return made;
  }

  #accessVectors(): Uint32Array {
    const count = this.#labels.length;
    const allowed = new Uint32Array(count * LABEL_LIMIT_COUNT * TABLE_CLASS_COUNT);
    for (const [source, from] of this.#labels.entries()) {
      for (const [target, to] of this.#labels.entries()) {
        const row = (source * LABEL_LIMIT_COUNT + target) * TABLE_CLASS_COUNT;
        for (const [index, { name }] of this.#policy.classes.entries()) {
          const mask = this.#engine.allowed(from, to, index);
          if (mask !== 0) allowed[row + classNumber(name)] = rearrange(mask, this.#bits[index]);
        }
      }
    }
    return allowed;
  }
}

function classNumber(name: string): number {
  return (classNames as readonly string[]).indexOf(name);
}

/** For each permission bit of the policy, the core's bit. */
function bitsOfClass(name: string, permissions: readonly string[]): Int8Array {
  if (classNumber(name) === -1) {
    const hint = didYouMean(name, classNames);
    throw new TableError(`the core has no class '${name}'${hint === undefined ? "" : `; ${hint}`}`);
  }
  const known: readonly string[] = permissionsOf(name as (typeof classNames)[number]);
  return Int8Array.from(permissions, (permission) => {
    const bit = known.indexOf(permission);
    if (bit === -1) {
      const hint = didYouMean(permission, known);
      const advice = hint === undefined ? "" : `; ${hint}`;
      throw new TableError(`the core's class ${name} has no permission '${permission}'${advice}`);
    }
    return bit;
  });
}

function rearrange(mask: number, bits: Int8Array): number {
  let result = 0;
  for (const [from, to] of bits.entries()) if (((mask >>> from) & 1) === 1) result |= 1 << to;
  return result >>> 0;
}

/** Bytes of a table of `labels` labels. */
export function tableBytes(labels: number): number {
  const vectors = labels * LABEL_LIMIT_COUNT * TABLE_CLASS_COUNT * 4;
  const fixed = TABLE_HEADER_BYTES + INITIAL_SID_COUNT * 4 + LABEL_LIMIT_COUNT;
  return fixed + labels * LABEL_LIMIT_COUNT + vectors + labels * LABEL_NAME_BYTES;
}

/** The labels of a table that domains can run under: those for which self or channels are made. */
export function domainsOf({ names, initialSids, self, channel }: DenseTable): string[] {
  const unlabeled = initialSids[UNLABELED_NUMBER];
  return names.filter((_, label) => {
    const row = channel.subarray(label * LABEL_LIMIT_COUNT, (label + 1) * LABEL_LIMIT_COUNT);
    return self[label] !== label || row.some((made) => made !== unlabeled);
  });
}

/** Writes a table in the form that the core loads. */
export function encodeTable(table: DenseTable): Uint8Array {
  const labels = table.names.length;
  const bytes = new Uint8Array(tableBytes(labels));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, TABLE_MAGIC, true);
  const header = [TABLE_VERSION, labels, TABLE_CLASS_COUNT, 0, bytes.length, 0];
  for (const [index, value] of header.entries()) view.setUint32(8 + index * 4, value, true);
  let at = TABLE_HEADER_BYTES;
  for (const label of table.initialSids) {
    view.setUint32(at, label, true);
    at += 4;
  }
  bytes.set(table.self, at);
  at += table.self.length;
  bytes.set(table.channel, at);
  at += table.channel.length;
  for (const vector of table.allowed) {
    view.setUint32(at, vector, true);
    at += 4;
  }
  for (const name of table.names) {
    bytes.set(Buffer.from(name, "latin1"), at);
    at += LABEL_NAME_BYTES;
  }
  bytes.set(digest(bytes), DIGEST_OFFSET);
  return bytes;
}

function digest(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes.subarray(TABLE_HEADER_BYTES)).digest();
}

/**
 * Reads a table back.
 * @throws TableError when the bytes are no well-formed table
 */
export function decodeTable(bytes: Uint8Array): DenseTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < TABLE_HEADER_BYTES || view.getBigUint64(0, true) !== TABLE_MAGIC) {
    throw new TableError("these bytes are no policy table");
  }
  const labels = view.getUint32(12, true);
  const isOurs = view.getUint32(8, true) === TABLE_VERSION;
  if (!isOurs || view.getUint32(16, true) !== TABLE_CLASS_COUNT) {
    throw new TableError("a policy table of another version");
  }
  const total = view.getUint32(24, true);
  const inRange = labels >= 1 && labels <= LABEL_LIMIT_COUNT;
  if (!inRange || total !== bytes.length || total !== tableBytes(labels)) {
    throw new TableError(`a policy table of ${bytes.length} bytes cannot have ${labels} labels`);
  }
  if (!digest(bytes).every((byte, index) => byte === bytes[DIGEST_OFFSET + index])) {
    throw new TableError("the policy table's digest does not match what it holds");
  }
  return decodeBody(bytes, view, labels);
}

function decodeBody(bytes: Uint8Array, view: DataView, labels: number): DenseTable {
  let at = TABLE_HEADER_BYTES;
  const words = (count: number) => {
    const from = at;
    at += count * 4;
    return Uint32Array.from({ length: count }, (_, index) =>
      view.getUint32(from + index * 4, true),
    );
  };
  const slice = (count: number) => {
    at += count;
    return bytes.slice(at - count, at);
  };
  const initialSids = [...words(INITIAL_SID_COUNT)];
  const self = slice(LABEL_LIMIT_COUNT);
  const channel = slice(labels * LABEL_LIMIT_COUNT);
  const allowed = words(labels * LABEL_LIMIT_COUNT * TABLE_CLASS_COUNT);
  const names = Array.from({ length: labels }, () => {
    const name = Buffer.from(slice(LABEL_NAME_BYTES)).toString("latin1");
    return name.slice(0, name.indexOf("\0"));
  });
  for (const label of [...self, ...channel]) {
    if (label >= labels) throw new TableError(`the policy table names label ${label} of ${labels}`);
  }
  return { names, initialSids, self, channel, allowed };
}
