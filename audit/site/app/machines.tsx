// State machines, drawn from the changes that were seen while core and specification ran side by side.

import { data, itemOf } from "./model.tsx";
import { ItemLink, Section, Table } from "./parts.tsx";

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly clauses: readonly string[];
}

const titles: Readonly<Record<string, string>> = {
  port: "Event channel port",
  domain: "Domain",
  vcpu: "vCPU",
  handle: "Grant handle",
  grant: "Grant entry",
};

function arrowsOf(table: string): Arrow[] {
  return Object.entries(data.moves).flatMap(([name, clauses]) => {
    const [, own, from = "", to = ""] = /^(\w+): (.*) > (.*)$/.exec(name) ?? [];
    return own === table ? [{ from, to, clauses }] : [];
  });
}

const RADIUS = 150;
const HALF_WIDTH = 60;
const HALF_HEIGHT = 20;

/** How far from its middle the edge of a state's box lies in a direction. */
const reach = (x: number, y: number): number =>
  Math.min(HALF_WIDTH / Math.abs(x || 1e-9), HALF_HEIGHT / Math.abs(y || 1e-9));

function Picture({ table, arrows }: { table: string; arrows: readonly Arrow[] }) {
  const states = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))];
  const place = (name: string): [number, number] => {
    const angle = (2 * Math.PI * states.indexOf(name)) / states.length - Math.PI / 2;
    return [330 + 1.5 * RADIUS * Math.cos(angle), 200 + RADIUS * Math.sin(angle)];
  };
  return (
    <div class="drawing">
      <svg viewBox="0 0 660 400" role="img" aria-label={`States of: ${titles[table] ?? table}`}>
        <defs>
          <marker
            id={`arrow-${table}`}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M 0 0 L 10 5 L 0 10 z" class="tip" />
          </marker>
        </defs>
        {arrows.map(({ from, to }) => {
          const [x1, y1] = place(from);
          const [x2, y2] = place(to);
          const length = Math.hypot(x2 - x1, y2 - y1) || 1;
          const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
          // Both ways between two states begin a little apart, and bend away from each other.
          const far = reach(ux, uy);
          const [sx, sy] = [x1 + ux * far - uy * 9, y1 + uy * far + ux * 9];
          const [ex, ey] = [x2 - ux * far - uy * 9, y2 - uy * far + ux * 9];
          const [mx, my] = [(sx + ex) / 2 - uy * 22, (sy + ey) / 2 + ux * 22];
          return (
            <path
              key={`${from} ${to}`}
              class="edge arrow"
              marker-end={`url(#arrow-${table})`}
              d={`M ${sx} ${sy} Q ${mx} ${my} ${ex} ${ey}`}
            />
          );
        })}
        {states.map((name) => {
          const [x, y] = place(name);
          return (
            <g key={name}>
              <rect x={x - 56} y={y - 17} width="112" height="34" rx="17" class="focus" />
              <text x={x} y={y + 5} text-anchor="middle" class="focus-name">
                {name}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

export function MachinesPage() {
  return (
    <article>
      <h1>State machines</h1>
      <p>
        Each arrow is a change that a row made while programs ran on core and specification side by
        side, under the clauses that say so.
      </p>
      {Object.keys(titles).map((table) => {
        const arrows = arrowsOf(table);
        if (arrows.length === 0) return null;
        return (
          <Section key={table} title={titles[table]!}>
            <Picture table={table} arrows={arrows} />
            <Table label={`Changes: ${titles[table]}`} head={["from", "to", "clauses"]}>
              {arrows.map(({ from, to, clauses }) => (
                <tr key={`${from} ${to}`}>
                  <td>{from}</td>
                  <td>{to}</td>
                  <td class="chips">
                    {clauses.map((id) => {
                      const item = itemOf.get(id);
                      return item ? <ItemLink item={item} key={id} /> : <span key={id}>{id}</span>;
                    })}
                  </td>
                </tr>
              ))}
            </Table>
          </Section>
        );
      })}
    </article>
  );
}
