/** Places for nodes and lines, by the Eclipse Layout Kernel. */

import ElkConstructor from "elkjs/lib/elk.bundled.js";
import type { ElkEdgeSection, ElkNode } from "elkjs/lib/elk-api.js";
import type { Diagram, DiagramLine, DiagramNode } from "./diagram.ts";
import { KIND_TEXT, lineText } from "./text.ts";

/** Width of a character and height of a line of the drawing's type face, in pixels. */
export const CHARACTER_WIDTH = 7.3;
export const LINE_HEIGHT = 16;

/** Room around a node's name. */
const PADDING = { width: 24, height: 10 };

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedNode extends Point {
  readonly node: DiagramNode;
  readonly width: number;
  readonly height: number;
}

export interface PlacedLine {
  readonly line: DiagramLine;
  readonly points: readonly Point[];
  /** Where the text's box begins, at its upper left. */
  readonly label: Point;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly lines: readonly PlacedLine[];
}

const OPTIONS: Readonly<Record<string, string>> = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.randomSeed": "1",
  "elk.spacing.nodeNode": "36",
  "elk.spacing.edgeNode": "18",
  "elk.spacing.edgeEdge": "12",
  "elk.layered.spacing.nodeNodeBetweenLayers": "60",
  "elk.edgeLabels.inline": "true",
  "elk.padding": "[top=16,left=16,bottom=16,right=16]",
};

/** Lays a diagram out; the same diagram gets the same places. */
export async function layOut(diagram: Diagram): Promise<Layout> {
  const elk = new ElkConstructor.default();
  const placed = await elk.layout({
    id: "root",
    layoutOptions: { ...OPTIONS },
    children: diagram.nodes.map((node, index) => ({ id: `n${index}`, ...sizeOf(node) })),
    edges: diagram.lines.map((line, index) => ({
      id: `l${index}`,
      sources: [`n${indexOf(diagram, line.first)}`],
      targets: [`n${indexOf(diagram, line.second)}`],
      labels: [{ text: lineText(line), ...labelSize(line) }],
    })),
  });
  return readLayout(diagram, placed);
}

function indexOf({ nodes }: Diagram, id: string): number {
  return nodes.findIndex((node) => node.id === id);
}

function sizeOf({ name, kind }: DiagramNode): { width: number; height: number } {
  const longest = Math.max(name.length, KIND_TEXT[kind].length);
  return {
    width: Math.ceil(longest * CHARACTER_WIDTH) + PADDING.width,
    height: LINE_HEIGHT * 2 + PADDING.height,
  };
}

function labelSize(line: DiagramLine): { width: number; height: number } {
  const lines = lineText(line).split("\n");
  const longest = Math.max(...lines.map((text) => text.length));
  return { width: Math.ceil(longest * CHARACTER_WIDTH) + 6, height: lines.length * LINE_HEIGHT };
}

function readLayout(diagram: Diagram, placed: ElkNode): Layout {
  const nodes = diagram.nodes.map((node, index) => {
    const { x = 0, y = 0, width = 0, height = 0 } = placed.children?.[index] ?? {};
    return { node, x, y, width, height };
  });
  const lines = diagram.lines.map((line, index) => {
    const edge = placed.edges?.[index];
    const label = edge?.labels?.[0];
    const sections: readonly ElkEdgeSection[] = edge?.sections ?? [];
    const points = sections.flatMap(({ startPoint, bendPoints, endPoint }) => [
      startPoint,
      ...(bendPoints ?? []),
      endPoint,
    ]);
    return { line, points, label: { x: label?.x ?? 0, y: label?.y ?? 0 } };
  });
  return { width: placed.width ?? 0, height: placed.height ?? 0, nodes, lines };
}
