// The machine's one serial line, taken apart: each line of it starts with the name of the guest
// that said it, or with the hypervisor's; what has no such name is firmware or boot loader.

const HYPERVISOR = "xenolith";
const LINE = /^([A-Za-z0-9][A-Za-z0-9._+-]*): ?(.*)$/;

export interface SerialLine {
  /** The guest; "" for the hypervisor; undefined for anything else. */
  readonly speaker: string | undefined;
  readonly text: string;
}

/** Tells lines apart by their speaker. Only the guests that are known count as guests. */
export class SerialSplitter {
  readonly #guests: ReadonlySet<string>;
  readonly #onLine: (line: SerialLine) => void;
  #rest = "";

  constructor(guests: Iterable<string>, onLine: (line: SerialLine) => void) {
    this.#guests = new Set(guests);
    this.#onLine = onLine;
  }

  /** Takes what the serial port said. */
  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(this.#parse(line.replaceAll("\r", "")));
  }

  /** The port will say nothing more. */
  end(): void {
    if (this.#rest !== "") this.push("\n");
  }

  #parse(line: string): SerialLine {
    const [, name = "", text = ""] = LINE.exec(line) ?? [];
    if (name === HYPERVISOR) return { speaker: "", text };
    return this.#guests.has(name) ? { speaker: name, text } : { speaker: undefined, text: line };
  }
}
