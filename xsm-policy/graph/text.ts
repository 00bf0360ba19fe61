/** The words beside lines and nodes. */

import type { DiagramLine, LineMeans, NodeKind } from "./diagram.ts";

const BOTH_WAYS = "\u2194";
const FORWARD = "\u2192";
const BACKWARD = "\u2190";

export const KIND_TEXT: Readonly<Record<NodeKind, string>> = {
  domain: "domain",
  system: "system label",
  object: "part of the machine",
};

/**
 * One line of text for each class: its name, which way it goes, `*` if booleans decide.
 * @param isTurned the line is drawn from right to left
 */
export function lineText({ means }: DiagramLine, isTurned = false): string {
  return means
    .map((each) => `${each.class} ${arrow(each, isTurned)}${each.conditional ? "*" : ""}`)
    .join("\n");
}

function arrow({ forward, backward }: LineMeans, isTurned: boolean): string {
  if (forward && backward) return BOTH_WAYS;
  return forward === isTurned ? BACKWARD : FORWARD;
}

/** What a line says when it is pointed at, or read aloud. */
export function lineTitle({ first, second, means }: DiagramLine): string {
  const parts = means.map(
    (each) =>
      `${each.class} ${each.permissions.join(" ")} (${wayText(each)}${each.conditional ? ", by booleans" : ""})`,
  );
  return `${first} and ${second}: ${parts.join("; ")}`;
}

function wayText({ forward, backward }: LineMeans): string {
  if (forward && backward) return "both ways";
  return forward ? "from the first to the second" : "from the second to the first";
}
