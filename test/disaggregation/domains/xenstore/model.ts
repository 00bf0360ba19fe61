// What the store means, as plainly as can be said: nodes by path, transactions as copies of what
// they looked at. No pools, no quotas, no rings.

interface Node {
  value: string;
  /** Owner first: { domain, letter }. */
  permissions: { domain: number; letter: string }[];
  children: string[];
  generation: number;
}

interface Seen {
  /** 0: it was not there. */
  generation: number;
  node: Node | undefined;
  changed: boolean;
  told: boolean;
  below: boolean;
}

interface Transaction {
  readonly client: number;
  readonly seen: Map<string, Seen>;
}

interface Watch {
  readonly client: number;
  readonly path: string;
  readonly token: string;
  readonly shown: (path: string) => string;
}

class Refusal extends Error {}

const refuse = (name: string): never => {
  throw new Refusal(`!${name}`);
};
const clone = (node: Node): Node => ({
  ...node,
  children: [...node.children],
  permissions: node.permissions.map((entry) => ({ ...entry })),
});
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const OK = "OK\0";

export class StoreModel {
  readonly nodes = new Map<string, Node>();
  readonly watches: Watch[] = [];
  /** Events of each client since they were taken: one for each watch and path. */
  readonly events = new Map<number, Map<string, string>>();
  readonly #privileged: ReadonlySet<number>;
  readonly #transactions = new Map<number, Transaction>();
  #generation = 0;

  constructor(privileged: readonly number[]) {
    this.#privileged = new Set(privileged);
    this.nodes.set("/", this.#fresh([{ domain: 0, letter: "n" }]));
  }

  #fresh(permissions: Node["permissions"]): Node {
    return { value: "", permissions, children: [], generation: ++this.#generation };
  }

  /** The letters that a client has on a node: "rwo" for all. */
  #access(client: number, node: Node): string {
    const [owner, ...others] = node.permissions;
    if (this.#privileged.has(client) || owner!.domain === client) return "rwo";
    const named = others.find(({ domain }) => domain === client) ?? owner!;
    return { n: "", r: "r", w: "w", b: "rw" }[named.letter]!;
  }

  // ---- looking ----------------------------------------------------------------------------------

  #look(transaction: Transaction | undefined, path: string): Node | undefined {
    if (transaction === undefined) return this.nodes.get(path);
    const known = transaction.seen.get(path);
    if (known !== undefined) return known.node;
    const original = this.nodes.get(path);
    const generation = original?.generation ?? 0;
    const node = original && clone(original);
    transaction.seen.set(path, { generation, node, changed: false, told: false, below: false });
    return node;
  }

  #nearestAbove(transaction: Transaction | undefined, path: string): string {
    let above = path;
    do above = parentOf(above);
    while (this.#look(transaction, above) === undefined);
    return above;
  }

  #reach(client: number, transaction: Transaction | undefined, path: string, right: string): Node {
    const found = this.#look(transaction, path);
    if (found !== undefined) {
      return this.#access(client, found).includes(right) ? found : refuse("EACCES");
    }
    const above = this.#look(transaction, this.#nearestAbove(transaction, path))!;
    return refuse(this.#access(client, above).includes(right) ? "ENOENT" : "EACCES");
  }

  #touch(transaction: Transaction | undefined, path: string, node: Node): void {
    if (transaction === undefined) node.generation = ++this.#generation;
    else transaction.seen.get(path)!.changed = true;
  }

  // ---- changing ---------------------------------------------------------------------------------

  #create(client: number, transaction: Transaction | undefined, path: string): Node {
    let above = this.#nearestAbove(transaction, path);
    let node = this.#look(transaction, above)!;
    if (!this.#access(client, node).includes("w")) refuse("EACCES");
    while (above !== path) {
      const from = above === "/" ? 1 : above.length + 1;
      const end = path.indexOf("/", from);
      const next = end < 0 ? path : path.slice(0, end);
      const permissions = node.permissions.map((entry) => ({ ...entry }));
      if (!this.#privileged.has(client)) permissions[0]!.domain = client;
      const made = this.#fresh(permissions);
      if (transaction === undefined) this.nodes.set(next, made);
      else {
        this.#look(transaction, next);
        Object.assign(transaction.seen.get(next)!, { node: made, changed: true });
      }
      node.children.push(nameOf(next));
      this.#touch(transaction, above, node);
      node = made;
      above = next;
    }
    return node;
  }

  #changed(transaction: Transaction | undefined, path: string, node: Node): void {
    this.#touch(transaction, path, node);
    if (transaction === undefined) this.#tell(path, node, false);
    else transaction.seen.get(path)!.told = true;
  }

  #removeOne(transaction: Transaction | undefined, path: string, below: boolean): void {
    if (transaction !== undefined) {
      const seen = transaction.seen.get(path)!;
      Object.assign(seen, { node: undefined, changed: true, told: true, below });
      return;
    }
    this.#tell(path, this.nodes.get(path)!, below);
    this.nodes.delete(path);
  }

  #remove(transaction: Transaction | undefined, path: string): void {
    const isBelow = (one: string): boolean => one.startsWith(`${path}/`);
    for (const one of this.nodes.keys()) {
      if (isBelow(one) && transaction !== undefined) this.#look(transaction, one);
    }
    const known = transaction === undefined ? this.nodes : transaction.seen;
    for (const one of [...known.keys()].filter(isBelow)) {
      if (this.#look(transaction, one) !== undefined) this.#removeOne(transaction, one, true);
    }
    const above = parentOf(path);
    const parent = this.#look(transaction, above)!;
    this.#removeOne(transaction, path, false);
    parent.children = parent.children.filter((name) => name !== nameOf(path));
    this.#touch(transaction, above, parent);
  }

  // ---- watches ----------------------------------------------------------------------------------

  #tell(path: string, node: Node, exactly: boolean): void {
    const parent = this.nodes.get(parentOf(path));
    for (const watch of this.watches) {
      const covers =
        path === watch.path ||
        (!exactly && (watch.path === "/" || path.startsWith(`${watch.path}/`)));
      const sees = [node, parent].some((one) => {
        return one !== undefined && this.#access(watch.client, one).includes("r");
      });
      if (covers && sees) this.#queue(watch, path);
    }
  }

  #queue(watch: Watch, path: string): void {
    const events = this.events.get(watch.client) ?? new Map<string, string>();
    events.set(`${this.watches.indexOf(watch)} ${path}`, `${watch.shown(path)} ${watch.token}`);
    this.events.set(watch.client, events);
  }

  // ---- requests ---------------------------------------------------------------------------------

  #in(client: number, number: number): Transaction | undefined {
    if (number === 0) return undefined;
    const found = this.#transactions.get(number);
    return found?.client === client ? found : refuse("ENOENT");
  }

  /** What a request answers: the body, or "!" and the error's name. */
  #answer(request: () => string): string {
    try {
      return request();
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
  }

  read(client: number, path: string, number: number): string {
    return this.#answer(() => this.#reach(client, this.#in(client, number), path, "r").value);
  }

  list(client: number, path: string, number: number): string {
    return this.#answer(() => {
      return this.#reach(client, this.#in(client, number), path, "r").children.join(" ");
    });
  }

  permissions(client: number, path: string, number: number): string {
    return this.#answer(() => {
      const { permissions } = this.#reach(client, this.#in(client, number), path, "r");
      return permissions.map(({ domain, letter }) => `${letter}${domain}`).join(" ");
    });
  }

  write(client: number, path: string, number: number, value: string | undefined): string {
    return this.#answer(() => {
      const transaction = this.#in(client, number);
      const found = this.#look(transaction, path);
      if (found !== undefined && !this.#access(client, found).includes("w")) refuse("EACCES");
      if (found !== undefined && value === undefined) return OK;
      const node = found ?? this.#create(client, transaction, path);
      node.value = value ?? "";
      this.#changed(transaction, path, node);
      return OK;
    });
  }

  rm(client: number, path: string, number: number): string {
    return this.#answer(() => {
      const transaction = this.#in(client, number);
      if (path === "/") refuse("EINVAL");
      try {
        this.#reach(client, transaction, path, "w");
      } catch (error) {
        if (!(error instanceof Refusal) || error.message !== "!ENOENT") throw error;
        return this.#look(transaction, parentOf(path)) === undefined ? refuse("ENOENT") : OK;
      }
      this.#remove(transaction, path);
      return OK;
    });
  }

  permit(client: number, path: string, number: number, permissions: string): string {
    return this.#answer(() => {
      const transaction = this.#in(client, number);
      const node = this.#reach(client, transaction, path, "o");
      const entries = permissions.split(" ").map((word) => {
        return { letter: word[0]!, domain: Number(word.slice(1)) };
      });
      const kept = entries[0]!.domain === node.permissions[0]!.domain;
      if (!kept && !this.#privileged.has(client)) refuse("EPERM");
      if (transaction === undefined) this.#tell(path, node, false);
      node.permissions = entries;
      this.#changed(transaction, path, node);
      return OK;
    });
  }

  watch(client: number, path: string, token: string, shown: Watch["shown"]): string {
    const same = (one: Watch): boolean => {
      return one.client === client && one.path === path && one.token === token;
    };
    if (this.watches.some(same)) return "!EEXIST";
    const watch = { client, path, token, shown };
    this.watches.push(watch);
    this.#queue(watch, path);
    return OK;
  }

  begin(client: number, number: number): void {
    this.#transactions.set(number, { client, seen: new Map() });
  }

  end(client: number, number: number, commit: boolean): string {
    return this.#answer(() => {
      const { seen } = this.#in(client, number) ?? refuse("ENOENT");
      this.#transactions.delete(number);
      if (!commit) return OK;
      for (const [path, { generation }] of seen) {
        if ((this.nodes.get(path)?.generation ?? 0) !== generation) refuse("EAGAIN");
      }
      this.#carryOut(seen);
      return OK;
    });
  }

  #carryOut(seen: ReadonlyMap<string, Seen>): void {
    for (const [path, { node, told, below }] of seen) {
      const original = this.nodes.get(path);
      if (told && node === undefined && original !== undefined) this.#tell(path, original, below);
    }
    const changed = [...seen].filter(([, one]) => one.changed);
    for (const [path, { node }] of changed) {
      if (node === undefined) this.nodes.delete(path);
      else this.nodes.set(path, { ...node, generation: ++this.#generation });
    }
    for (const [path, { node, told }] of changed) {
      if (told && node !== undefined) this.#tell(path, node, false);
    }
  }
}
