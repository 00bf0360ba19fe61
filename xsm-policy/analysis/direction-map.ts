/**
 * The direction map: which way information moves when a permission is used. Reads our own form
 * (directions.map) and the permission maps of SETools.
 */

import { readFileSync } from "node:fs";
import path from "node:path";

export type Flow = "read" | "write" | "both" | "none" | "channel" | "argo" | "relabel";

/** A call in which the hypervisor asks for a permission. */
export interface Operation {
  readonly name: string;
  /** The initial SID that it is asked about; undefined where the call names the target. */
  readonly sid: string | undefined;
}

/** What the map says of one permission. */
export interface Direction {
  readonly flow: Flow;
  /** The part of the target that is read or written; undefined for the target as a whole. */
  readonly part: string | undefined;
  /** Needed only when something ends or fails. */
  readonly rare: boolean;
  /** Empty for a permission that is never asked for, and where the map does not tell. */
  readonly operations: readonly Operation[];
  /** Whether the map tells in which operations the permission is asked for. */
  readonly isReviewed: boolean;
  readonly reason: string;
}

/** Why a file is no direction map. */
export class DirectionMapError extends Error {}

const BUILT_IN = path.join(import.meta.dirname, "directions.map");

const FLOWS: readonly string[] = ["read", "write", "both", "none", "channel", "argo", "relabel"];

const SETOOLS_FLOWS: Readonly<Record<string, Flow>> = {
  r: "read",
  w: "write",
  b: "both",
  n: "none",
  u: "none",
};

/** What is assumed of a permission that the map does not know. */
const UNKNOWN: Direction = {
  flow: "both",
  part: undefined,
  rare: false,
  operations: [],
  isReviewed: false,
  reason: "not in the direction map: taken as both ways",
};

export class DirectionMap {
  readonly #classes: ReadonlyMap<string, ReadonlyMap<string, Direction>>;
  /** Parts of objects that every domain reads unasked. */
  readonly open: ReadonlySet<string>;

  constructor(
    classes: ReadonlyMap<string, ReadonlyMap<string, Direction>>,
    open: ReadonlySet<string>,
  ) {
    this.#classes = classes;
    this.open = open;
  }

  /** Names of all classes. */
  get classes(): string[] {
    return [...this.#classes.keys()];
  }

  /** Names of a class's permissions. */
  permissions(className: string): string[] {
    return [...(this.#classes.get(className)?.keys() ?? [])];
  }

  has(className: string, permission: string): boolean {
    return this.#classes.get(className)?.has(permission) ?? false;
  }

  /** What a permission does; one that is not known is taken to move information both ways. */
  of(className: string, permission: string): Direction {
    return this.#classes.get(className)?.get(permission) ?? UNKNOWN;
  }
}

let builtIn: DirectionMap | undefined;

/**
 * Reads a direction map; the built-in one if no file is given.
 * @throws DirectionMapError with file and line for a malformed map
 */
export function readDirectionMap(file?: string): DirectionMap {
  if (file !== undefined) return parseDirectionMap(readFileSync(file, "utf8"), file);
  builtIn ??= parseDirectionMap(readFileSync(BUILT_IN, "utf8"), BUILT_IN);
  return builtIn;
}

/** Reads the text of a map in our form or in SETools's, which begins with a number. */
export function parseDirectionMap(text: string, name: string): DirectionMap {
  const first = text.split("\n").find((line) => /^\s*[^#\s]/.test(line));
  return /^\s*\d+\s*$/.test(first ?? "") ? parseSetools(text, name) : parseOurs(text, name);
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** Lines without comments, each with those that go on with it. */
function joinedLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.replace(/#.*/, "").trimEnd();
    if (content.trim() === "") continue;
    const last = lines.at(-1);
    if (/^\s/.test(content) && last !== undefined) {
      lines[lines.length - 1] = { ...last, text: `${last.text} ${content.trim()}` };
    } else lines.push({ number: index + 1, text: content });
  }
  return lines;
}

function parseOurs(text: string, name: string): DirectionMap {
  const classes = new Map<string, Map<string, Direction>>();
  const open = new Set<string>();
  let current: Map<string, Direction> | undefined;
  let sid: string | undefined;
  for (const line of joinedLines(text)) {
    const heading = /^class\s+(\S+)(?:\s+@(\S+))?$/.exec(line.text);
    const opened = /^open\s+(\S+)$/.exec(line.text);
    if (heading !== null) {
      current = new Map();
      classes.set(heading[1], current);
      sid = heading[2];
    } else if (opened !== null) open.add(opened[1]);
    else {
      const fields = line.text.split("|").map((field) => field.trim());
      if (current === undefined || fields.length !== 4) {
        throw new DirectionMapError(
          `${name}:${line.number}:1: expected PERMISSION | FLOW | OPERATIONS | REASON below a class`,
        );
      }
      current.set(fields[0], parseDirection(fields, sid, `${name}:${line.number}:1`));
    }
  }
  return new DirectionMap(classes, open);
}

function parseDirection(
  [, flowText, operations, reason]: readonly string[],
  sid: string | undefined,
  place: string,
): Direction {
  const [flow, ...words] = flowText.split(/\s+/);
  if (!FLOWS.includes(flow)) {
    throw new DirectionMapError(`${place}: '${flow}' is no flow: write one of ${FLOWS.join(" ")}`);
  }
  return {
    flow: flow as Flow,
    part: words.find((word) => word !== "rare"),
    rare: words.includes("rare"),
    operations: operations === "-" ? [] : parseOperations(operations, sid),
    isReviewed: true,
    reason,
  };
}

/** `group one, two @sid`: the first word of an item holds for those after it that have one word. */
function parseOperations(text: string, classSid: string | undefined): Operation[] {
  let group = "";
  return text.split(/\s*,\s*/).map((item) => {
    const [, call, sid] = /^(.*?)(?:\s+@(\S+))?$/.exec(item) ?? [];
    const space = call.indexOf(" ");
    if (space !== -1) group = call.slice(0, space + 1);
    return { name: space === -1 ? group + call : call, sid: sid ?? classSid };
  });
}

function parseSetools(text: string, name: string): DirectionMap {
  const classes = new Map<string, Map<string, Direction>>();
  let current: Map<string, Direction> | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.replace(/#.*/, "").trim().split(/\s+/);
    if (words[0] === "" || words.length === 1) continue;
    if (words[0] === "class") {
      current = new Map();
      classes.set(words[1], current);
      continue;
    }
    const flow = SETOOLS_FLOWS[words[1]];
    if (current === undefined || flow === undefined) {
      throw new DirectionMapError(
        `${name}:${index + 1}:1: expected \`class NAME COUNT\` or \`PERMISSION r|w|b|n WEIGHT\``,
      );
    }
    current.set(words[0], { ...UNKNOWN, flow, reason: `by ${name}` });
  }
  return new DirectionMap(classes, new Set());
}
