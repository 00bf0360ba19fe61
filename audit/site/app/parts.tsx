// Small parts that all pages use.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Item, itemsOfLine, link, type SourceLine, sourceOf, stateSigns } from "./model.tsx";

/** A state as a word with a sign and a colour. */
export function State({ state }: { state: string }) {
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{stateSigns[state] ?? ""}</span> {state}
    </span>
  );
}

export function ItemLink({ item }: { item: Item }) {
  return (
    <a class="id" href={link.item(item.id)} title={item.says}>
      {item.id}
    </a>
  );
}

/** A titled part of a page. */
export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** A table that scrolls by itself and can be reached by keyboard. */
export function Table(props: {
  label: string;
  head: readonly string[];
  children: ComponentChildren;
}) {
  return (
    <section class="scroll" aria-label={props.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.head.map((one) => (
              <th scope="col" key={one}>
                {one}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}

interface SourceProps {
  readonly path: string;
  readonly from?: number;
  readonly to?: number;
  /** Lines that stand out. */
  readonly marked?: ReadonlySet<number>;
  /** Whether lines name the items that they belong to. */
  readonly gutter?: boolean;
}

/** The lines of a source, coloured when the bundle was made. */
export function Source({ path, from = 1, to, marked = new Set(), gutter = false }: SourceProps) {
  const [lines, setLines] = useState<SourceLine[]>([]);
  useEffect(() => {
    sourceOf(path).then(setLines, () => setLines([[[0, `${path} is not in this bundle`]]]));
  }, [path]);
  const shown = lines.slice(from - 1, to);
  const owners = itemsOfLine.get(path);
  return (
    <section class="source" aria-label={`${path} from line ${from}`} tabIndex={0}>
      <ol start={from}>
        {shown.map((line, at) => {
          const number = from + at;
          const own = gutter ? [...(owners?.get(number) ?? [])] : [];
          return (
            <li key={number} id={`line-${number}`} class={marked.has(number) ? "marked" : ""}>
              <span class="number" aria-hidden="true">
                {number}
              </span>
              <code>
                {line.map(([style, text], token) => (
                  // biome keeps no order of tokens: they never move.
                  <span key={`${number}-${token}`} class={`t${style}`}>
                    {text}
                  </span>
                ))}
              </code>
              {own.length > 0 && (
                <span class="owners">
                  {own.slice(0, 3).map((item) => (
                    <ItemLink item={item} key={item.id} />
                  ))}
                  {own.length > 3 && <span>+{own.length - 3}</span>}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
