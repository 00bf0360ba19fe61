// The hypervisor's closing lines, one a domain: `xenolith: domain N NAME key=value key=value ...`.

const LINE = /^domain (\d+) (\S+)((?: [a-z.]+=\S+)+)$/;
const EXIT = "exit.";
const stateNames = ["free", "building", "running", "paused", "shut down", "dying"];
/** SHUTDOWN_* of Xen's public sched.h. */
const reasonNames = ["poweroff", "reboot", "suspend", "crash", "watchdog", "soft reset"];
const SHUT_DOWN = "shut down";
const NANOSECONDS_PER_SECOND = 1e9;
const FRAMES_PER_MIB = 256;

/** What one domain did. */
export interface Closing {
  readonly domain: number;
  readonly name: string;
  /** `poweroff`, `crash` ... for one that has shut down, else its state. */
  readonly state: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly cpuSeconds: number;
  readonly hypercalls: number;
  readonly denials: number;
  readonly exits: Readonly<Record<string, number>>;
}

/** A number as its name in a list; a name stays what it is. */
function named(value: string | undefined, names: readonly string[]): string {
  if (value === undefined) return "?";
  return /^\d+$/.test(value) ? (names[Number(value)] ?? value) : value;
}

/** Reads a line of the hypervisor (without its prefix); undefined when it is another line. */
export function closingLine(line: string): Closing | undefined {
  const found = LINE.exec(line);
  if (found === null) return undefined;
  const [, domain = "", name = "", rest = ""] = found;
  const pairs = rest.trim().split(" ");
  const fields = new Map(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const number = (key: string): number => Number(fields.get(key) ?? 0);
  const state = named(fields.get("state"), stateNames);
  const exits = [...fields.keys()].filter((key) => key.startsWith(EXIT));
  return {
    domain: Number(domain),
    name,
    state: state === SHUT_DOWN ? named(fields.get("reason"), reasonNames) : state,
    vcpus: number("vcpus"),
    memoryMib: number("frames") / FRAMES_PER_MIB,
    cpuSeconds: number("ns") / NANOSECONDS_PER_SECOND,
    hypercalls: number("hypercalls"),
    denials: number("denials"),
    exits: Object.fromEntries(exits.map((key) => [key.slice(EXIT.length), number(key)])),
  };
}

/** Whether a guest ended by its own power-off, or is a service: what still runs when the machine
 *  stops is one for whose sake it does not stay on. */
export function endedWell(closing: Closing): boolean {
  return closing.state === "poweroff" || closing.state === "running";
}
