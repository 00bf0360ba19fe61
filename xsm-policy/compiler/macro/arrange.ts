/**
 * Puts statements of modules where the language wants them, as the build of the reference policy
 * does: declarations before their uses, users and contexts at the end.
 */

import type { PositionMap } from "../source.ts";
import type { Expansion } from "./expand.ts";
import { originOf, TextBuilder } from "./text.ts";

/** The parts of an expanded policy, as offsets: modules are [modules, users), contexts follow. */
export interface Parts {
  readonly modules: number;
  readonly users: number;
  readonly deviceContexts: number;
}

/** Declarations that come first, in this order. */
const FIRST = ["attribute", "attribute_role", "bool", "role", "type", "typealias"] as const;

type Kind = (typeof FIRST)[number] | "user" | "sid" | "device";

/** A stretch of text that goes elsewhere. */
interface Moved {
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
}

/** What is moved can be no longer than the text that it comes from. */
const UNBOUNDED = {
  textCharacters: Number.POSITIVE_INFINITY,
  textOrigins: Number.POSITIVE_INFINITY,
};

const CONTEXT = /^[ \t]*(sid|pirqcon|iomemcon|ioportcon|pcidevicecon|devicetreecon)[ \t]+\S.*$/gm;

/** A comment, a brace, or a declaration up to its semicolon. */
const DECLARATION = new RegExp(
  [
    "#.*",
    "[{}]",
    "(?<![\\w.$-])(attribute|attribute_role|bool|type|typealias|user)\\s[^;#]*;",
    "(?<![\\w.$-])(role)\\s+[\\w.-]+\\s*;",
  ].join("|"),
  "g",
);

/**
 * Moves initial SIDs' contexts of modules before the device contexts and device contexts to the
 * end; if asked, also declarations to the start of the modules, and users to the users.
 */
export function arrange(
  expansion: Expansion,
  parts: Parts,
  declarationsFirst: boolean,
): { text: string; positions: PositionMap } {
  const { traced } = expansion;
  const modules = traced.text.slice(parts.modules, parts.users);
  const moved = [
    ...findContexts(modules, parts.modules),
    ...(declarationsFirst ? findDeclarations(modules, parts.modules) : []),
  ].sort((left, right) => left.start - right.start);
  if (moved.length === 0) return { text: traced.text, positions: expansion.positions };
  const out = new TextBuilder(UNBOUNDED);
  const putMoved = (kind: Moved["kind"]): void => {
    for (const { start, end } of moved.filter((each) => each.kind === kind)) {
      out.append(traced, start, end);
      out.appendMade("\n", originOf(traced, end - 1));
    }
  };
  out.append(traced, 0, parts.modules);
  for (const kind of FIRST) putMoved(kind);
  let at = parts.modules;
  for (const { start, end } of moved) {
    out.append(traced, at, start);
    at = end;
  }
  out.append(traced, at, parts.users);
  putMoved("user");
  out.append(traced, parts.users, parts.deviceContexts);
  putMoved("sid");
  out.append(traced, parts.deviceContexts, traced.text.length);
  putMoved("device");
  const arranged = out.finish();
  return { text: arranged.text, positions: expansion.positions.of(arranged) };
}

function findContexts(text: string, from: number): Moved[] {
  return [...text.matchAll(CONTEXT)].map((match) => ({
    start: from + match.index,
    end: from + match.index + match[0].length,
    kind: match[1] === "sid" ? "sid" : "device",
  }));
}

/** Declarations that stand in no block: those in a `require` block are none. */
function findDeclarations(text: string, from: number): Moved[] {
  const found: Moved[] = [];
  let depth = 0;
  for (const { 0: matched, 1: kind, 2: role, index } of text.matchAll(DECLARATION)) {
    if (matched === "{") depth++;
    else if (matched === "}") depth--;
    else if (depth === 0 && !matched.startsWith("#")) {
      const end = from + index + matched.length;
      found.push({ start: from + index, end, kind: (kind ?? role) as Kind });
    }
  }
  return found;
}
