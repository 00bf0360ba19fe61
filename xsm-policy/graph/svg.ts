/** Writes a diagram with its places as SVG. */

import type { NodeKind } from "./diagram.ts";
import {
  CHARACTER_WIDTH,
  type Layout,
  LINE_HEIGHT,
  type PlacedLine,
  type PlacedNode,
} from "./layout.ts";
import { LINE_STYLES, MEANS, type Means } from "./means.ts";
import { KIND_TEXT, lineText, lineTitle } from "./text.ts";

/** Height of the legend below the drawing, and width of one of its columns. */
const LEGEND = { height: 96, column: 250 };

/** Least width, so that the legend fits. */
const MIN_WIDTH = LEGEND.column * 4;

const STYLE = `text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#111}
.kind{font-size:10px;fill:#444}
.node{fill:#fff;stroke:#111;stroke-width:1.5}
.system{stroke-dasharray:5 3}
.object{fill:#f2f2f2}
.line{fill:none}
.label{fill:#fff;fill-opacity:.9}`;

/** The drawing of a policy's flows. `title` names the policy. */
export function renderSvg(layout: Layout, title: string): string {
  const width = Math.ceil(Math.max(layout.width, MIN_WIDTH));
  const height = Math.ceil(layout.height) + LEGEND.height;
  const domains = layout.nodes.filter(({ node }) => node.kind === "domain").length;
  const summary = `${domains} domains and ${layout.lines.length} connections between them and the machine`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" role="img" aria-labelledby="title summary">`,
    `<title id="title">${escapeXml(`Flows of ${title}`)}</title>`,
    `<desc id="summary">${escapeXml(summary)}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs>${MEANS.map(markers).join("")}</defs>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...layout.lines.map(renderLine),
    ...layout.lines.map(renderLabel),
    ...layout.nodes.map(renderNode),
    renderLegend(height - LEGEND.height),
    "</svg>\n",
  ].join("\n");
}

/** Arrow heads of one means, for the end of a line and for its beginning. */
function markers(means: Means): string {
  const { colour } = LINE_STYLES[means];
  const head = (id: string, tip: number, path: string): string =>
    `<marker id="${id}" viewBox="0 0 10 10" refX="${tip}" refY="5" markerWidth="11" ` +
    `markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">` +
    `<path d="${path}" fill="${colour}"/></marker>`;
  return head(means, 9, "M0 0L10 5L0 10z") + head(`${means}-back`, 1, "M10 0L0 5L10 10z");
}

function renderLine({ line, points }: PlacedLine): string {
  const means = strongest(line);
  const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`);
  const ends = [
    line.means.some(({ backward }) => backward) ? ` marker-start="url(#${means}-back)"` : "",
    line.means.some(({ forward }) => forward) ? ` marker-end="url(#${means})"` : "",
  ];
  return (
    `<path class="line" d="${path.join("")}" ${stroke(means)}${ends.join("")}>` +
    `<title>${escapeXml(lineTitle(line))}</title></path>`
  );
}

/** Whatever moves to or from a part of the machine moves by the machine. */
function strongest({ means, reachesObject }: PlacedLine["line"]): Means {
  if (reachesObject) return "machine";
  return MEANS.find((each) => means.some((one) => one.means === each)) ?? "machine";
}

function stroke(means: Means): string {
  const { colour, width, dashes } = LINE_STYLES[means];
  const dashed = dashes === "" ? "" : ` stroke-dasharray="${dashes}"`;
  return `stroke="${colour}" stroke-width="${width}"${dashed}`;
}

function renderLabel({ line, label, points }: PlacedLine): string {
  const isTurned = points.length > 1 && points[0].x > points[points.length - 1].x;
  const rows = lineText(line, isTurned).split("\n");
  const width = Math.max(...rows.map((row) => row.length)) * CHARACTER_WIDTH + 4;
  const box =
    `<rect class="label" x="${round(label.x)}" y="${round(label.y)}" width="${round(width)}" ` +
    `height="${rows.length * LINE_HEIGHT}"/>`;
  const texts = rows.map(
    (row, index) =>
      `<text x="${round(label.x + 2)}" y="${round(label.y + (index + 1) * LINE_HEIGHT - 4)}">` +
      `${escapeXml(row)}</text>`,
  );
  return box + texts.join("");
}

function renderNode({ node, x, y, width, height }: PlacedNode): string {
  const middle = round(x + width / 2);
  return (
    shape(node.kind, x, y, width, height) +
    `<text x="${middle}" y="${round(y + height / 2 - 1)}" text-anchor="middle">` +
    `${escapeXml(node.name)}</text>` +
    `<text class="kind" x="${middle}" y="${round(y + height / 2 + 13)}" text-anchor="middle">` +
    `${escapeXml(KIND_TEXT[node.kind])}</text>`
  );
}

/** Domains are rounded, labels of the system dashed, objects cut at their corners. */
function shape(kind: NodeKind, x: number, y: number, width: number, height: number): string {
  const [left, top, right, bottom] = [x, y, x + width, y + height].map(round);
  if (kind !== "object") {
    const corner = kind === "domain" ? 8 : 0;
    return (
      `<rect class="node ${kind}" x="${left}" y="${top}" width="${round(width)}" ` +
      `height="${round(height)}" rx="${corner}"/>`
    );
  }
  const cut = 8;
  const points = [
    [left + cut, top],
    [right - cut, top],
    [right, top + cut],
    [right, bottom - cut],
    [right - cut, bottom],
    [left + cut, bottom],
    [left, bottom - cut],
    [left, top + cut],
  ];
  return `<polygon class="node object" points="${points.map((each) => each.join(",")).join(" ")}"/>`;
}

/** What lines and shapes mean. */
function renderLegend(top: number): string {
  const lines = MEANS.map((means, index) => {
    const x = 16 + index * LEGEND.column;
    return (
      `<path class="line" d="M${x} ${top + 20}h40" ${stroke(means)} marker-end="url(#${means})"/>` +
      `<text x="${x + 50}" y="${top + 24}">${escapeXml(LINE_STYLES[means].text)}</text>`
    );
  });
  const kinds = (Object.keys(KIND_TEXT) as NodeKind[]).map((kind, index) => {
    const x = 16 + index * LEGEND.column;
    const drawn = shape(kind, x, top + 44, 40, 22);
    return `${drawn}<text x="${x + 50}" y="${top + 60}">${escapeXml(KIND_TEXT[kind])}</text>`;
  });
  const note =
    `<text class="kind" x="${16 + kinds.length * LEGEND.column}" y="${top + 60}">` +
    "* depends on booleans</text>";
  return `<g>${[...lines, ...kinds, note].join("")}</g>`;
}

function round(value: number): number {
  return Math.round(value);
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
