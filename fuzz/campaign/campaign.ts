// One process's part of a campaign: runs inputs, keeps those that reach something new, and records
// findings, each once.

import type { Engine, Run } from "../engine/engine.ts";
import { Chance } from "../program/generate.ts";
import { type Failure, type Figures, keyOf, type Target } from "../targets/target.ts";
import { minimise } from "./minimise.ts";
import { type Finding, idOf, type Store } from "./store.ts";

export interface Progress extends Figures {
  readonly corpus: number;
  readonly findings: number;
  readonly seconds: number;
  /** Seconds since an input reached a new edge. */
  readonly sinceNew: number;
}

export interface CampaignOptions {
  readonly seconds: number;
  /** Whether these are seconds of this process's CPU time. */
  readonly ofCpu: boolean;
  readonly seed: number;
  /** Hash of the core, for findings. */
  readonly core: string;
  /** Stop at the first finding. */
  readonly untilFound: boolean;
  /** Mutate inputs that reached something new; without it inputs are by chance alone. */
  readonly guided: boolean;
}

const PROGRESS_MILLISECONDS = 500;
/** Of 8 inputs, so many are new and the others changed from kept ones. */
const NEW_OF_8 = 3;

export class Campaign implements Run {
  readonly target: Target;
  readonly store: Store;
  readonly options: CampaignOptions;
  /** Called about twice a second. */
  onProgress: (progress: Progress) => void = () => {};
  onFinding: (finding: Finding) => void = () => {};
  /** Called with each input that is kept, once it is in the store, and with each of the store that
   *  was run; with what it reached first, if that means something to other processes. */
  onInput: (bytes: Uint8Array, features: readonly number[] | undefined) => void = () => {};
  readonly #kept: Uint8Array[] = [];
  readonly #failures = new Map<string, Failure>();
  readonly #known = new Set<string>();
  /** What the target did before this campaign. */
  readonly #before: Figures;
  readonly #start: number;
  #newAt: number;
  #told = 0;
  #ended = false;
  #executions = 0;

  constructor(target: Target, store: Store, options: CampaignOptions) {
    this.target = target;
    this.store = store;
    this.options = options;
    this.#before = target.figures();
    this.#start = this.#now();
    this.#newAt = this.#start;
  }

  /** Milliseconds of the clock that the campaign's time is told by. */
  #now(): number {
    if (!this.options.ofCpu) return Date.now();
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }

  /** Ends the campaign after the current input. */
  end(): void {
    this.#ended = true;
  }

  /** Runs what the store has, but for the inputs of these names, which stand in the order of their
   *  age; then the engine, until the time is over. */
  async run(engine: Engine, known: readonly string[] = []): Promise<Progress> {
    for (const { id } of this.store.findings()) this.#known.add(id);
    const here = new Set(this.store.inputNames());
    // In the order in which they were found: the late ones are changed more often.
    for (const name of known) if (here.delete(name)) this.#kept.push(this.store.input(name));
    for (const name of here) {
      if (this.stopped()) break;
      const bytes = this.store.input(name);
      this.#rerun(bytes);
      this.#kept.push(bytes);
    }
    const { seconds, seed } = this.options;
    this.target.setThorough(false);
    await engine.run(this, { seconds, seed });
    return this.progress();
  }

  #rerun(bytes: Uint8Array): void {
    const key = this.input(bytes);
    this.onInput(bytes, this.target.freshFeatures?.());
    if (key !== undefined) this.found(bytes, key);
  }

  progress(): Progress {
    const now = this.#now();
    const figures = this.target.figures();
    return {
      ...figures,
      executions: figures.executions - this.#before.executions,
      calls: figures.calls - this.#before.calls,
      corpus: this.#kept.length,
      findings: this.#known.size,
      seconds: (now - this.#start) / 1000,
      sinceNew: (now - this.#newAt) / 1000,
    };
  }

  stopped(): boolean {
    const { seconds, untilFound } = this.options;
    if (this.#ended || (untilFound && this.#known.size > 0)) return true;
    return seconds !== 0 && this.#now() - this.#start >= seconds * 1000;
  }

  input(bytes: Uint8Array): string | undefined {
    const { failure, fresh } = this.target.run(bytes);
    if (fresh) this.#keep(bytes);
    if ((++this.#executions & 63) === 0) this.#tell();
    if (failure === undefined || this.#known.has(idOf(failure))) return undefined;
    const key = keyOf(failure);
    this.#failures.set(key, failure);
    return key;
  }

  found(bytes: Uint8Array, key: string): void {
    const { target, store } = this;
    target.setThorough(true);
    const smallest = minimise(target, bytes, key);
    const failure = target.run(smallest).failure ?? this.#failures.get(key)!;
    target.setThorough(false);
    const id = idOf(failure);
    this.#known.add(id);
    const finding: Finding = {
      ...failure,
      id,
      target: target.name,
      bytes: Buffer.from(smallest).toString("hex"),
      text: target.text(smallest),
      core: this.options.core,
      verdict: "new",
    };
    store.addFinding(finding);
    this.onFinding(finding);
  }

  generate(seed: number): Uint8Array {
    const chance = new Chance(seed);
    const kept = this.#kept;
    const isNew = !this.options.guided || kept.length === 0 || chance.below(8) < NEW_OF_8;
    if (isNew) return this.target.generate(chance);
    // Inputs that were found late lead further.
    const late = Math.max(chance.below(kept.length), chance.below(kept.length));
    const other = kept[chance.below(kept.length)]!;
    return this.target.mutate(kept[late]!, chance, other);
  }

  readonly smaller = (bytes: Uint8Array): Iterable<Uint8Array> => this.target.smaller(bytes);

  marks(): number {
    return this.target.marks();
  }

  countInto(counts: Uint8Array): void {
    this.target.counts = counts;
  }

  #keep(bytes: Uint8Array): void {
    this.#newAt = this.#now();
    if (!this.store.addInput(bytes)) return;
    this.#kept.push(bytes);
    this.onInput(bytes, this.target.freshFeatures?.());
  }

  #tell(): void {
    const now = Date.now();
    if (now - this.#told < PROGRESS_MILLISECONDS) return;
    this.#told = now;
    this.onProgress(this.progress());
  }
}
