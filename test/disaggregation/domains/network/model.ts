// What a switch is, for property tests: which ports hear a frame, by addresses and groups alone.

export interface ModelPort {
  /** Undefined: any address may be behind it. */
  readonly mac: string | undefined;
  readonly group: string;
}

export interface ModelFrame {
  readonly from: number;
  readonly source: string;
  readonly target: string;
}

const isGroup = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) !== 0;

export class SwitchModel {
  readonly ports: readonly ModelPort[];
  readonly #joined: ReadonlySet<string>;
  readonly #apart: ReadonlySet<string>;
  readonly #learned = new Map<string, number>();

  constructor(
    ports: readonly ModelPort[],
    joined: readonly (readonly [string, string])[],
    apart: readonly string[],
  ) {
    this.ports = ports;
    this.#joined = new Set(
      joined.flatMap(([one, other]) => [`${one} ${other}`, `${other} ${one}`]),
    );
    this.#apart = new Set(apart);
  }

  #mayTalk(from: string, to: string): boolean {
    return from === to ? !this.#apart.has(from) : this.#joined.has(`${from} ${to}`);
  }

  #ownerOf(mac: string): number {
    return this.ports.findIndex((port) => port.mac === mac);
  }

  #candidates(target: string): readonly number[] {
    const all = [...this.ports.keys()];
    if (isGroup(target)) return all;
    const owner = this.#ownerOf(target);
    if (owner >= 0) return [owner];
    const learned = this.#learned.get(target);
    if (learned !== undefined) return [learned];
    return all.filter((port) => this.ports[port]!.mac === undefined);
  }

  /** The ports that hear a frame, in order; undefined: its sender may not send it. */
  send({ from, source, target }: ModelFrame): readonly number[] | undefined {
    const sender = this.ports[from]!;
    if (sender.mac === undefined ? isGroup(source) : source !== sender.mac) return undefined;
    if (sender.mac === undefined && this.#ownerOf(source) < 0) this.#learned.set(source, from);
    return this.#candidates(target).filter((to) => {
      return to !== from && this.#mayTalk(sender.group, this.ports[to]!.group);
    });
  }
}
