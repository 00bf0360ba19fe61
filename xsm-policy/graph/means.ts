/** The kinds of flow that a drawing tells apart, and how their lines look. */

export type Means = "memory" | "channel" | "control" | "machine";

/** Strongest first: a line looks like the strongest of its means. */
export const MEANS: readonly Means[] = ["memory", "control", "channel", "machine"];

export interface LineStyle {
  /** What the legend says. */
  readonly text: string;
  /** Colours that people who see few colours can tell apart too. */
  readonly colour: string;
  readonly width: number;
  /** Dashes and gaps; empty for a solid line. */
  readonly dashes: string;
}

export const LINE_STYLES: Readonly<Record<Means, LineStyle>> = {
  memory: { text: "shared or mapped memory", colour: "#0072b2", width: 2.5, dashes: "" },
  control: { text: "building and governing", colour: "#a03c00", width: 1.5, dashes: "9 4" },
  channel: { text: "messages and signals", colour: "#00664c", width: 1.5, dashes: "2 4" },
  machine: { text: "the machine and its devices", colour: "#555555", width: 1, dashes: "12 3 2 3" },
};

const MEANS_OF_CLASS: Readonly<Record<string, Means>> = {
  grant: "memory",
  mmu: "memory",
  shadow: "memory",
  event: "channel",
  argo: "channel",
  domain: "control",
  domain2: "control",
  hvm: "control",
  xenolith: "control",
};

/** The means that a class stands for; classes that are not known concern the machine. */
export function meansOf(className: string): Means {
  return MEANS_OF_CLASS[className] ?? "machine";
}
