// The report's data, as the page holds it, and what is looked up in it again and again.

import type { SiteData } from "../data.ts";

declare global {
  interface Window {
    XENOLITH: SiteData;
    XENOLITH_SOURCE: (path: string, lines: SourceLine[]) => void;
  }
}

export type SourceLine = readonly (readonly [style: number, text: string])[];
export type Item = SiteData["items"][number];
export const data = window.XENOLITH;

export const itemOf = new Map(data.items.map((item) => [item.id, item]));

/** Items that a function carries out, a case proves, a test reaches. */
function inverse(namesOf: (item: Item) => readonly string[]): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of data.items) {
    for (const name of namesOf(item)) {
      const own = found.get(name);
      if (own === undefined) found.set(name, [item]);
      else own.push(item);
    }
  }
  return found;
}

export const itemsOfFunction = inverse(({ code }) => code.map((one) => one.function));
export const itemsOfCase = inverse(({ proof }) => proof);
export const itemsOfTest = inverse(({ tests }) => tests);

/** Items by line of a file: where they are said, or carried out. */
export const itemsOfLine = (() => {
  const found = new Map<string, Map<number, Set<Item>>>();
  const note = (file: string, line: number, item: Item): void => {
    const lines = found.get(file) ?? new Map<number, Set<Item>>();
    found.set(file, lines);
    const own = lines.get(line) ?? new Set<Item>();
    lines.set(line, own.add(item));
  };
  for (const item of data.items) {
    note(item.place.file, item.place.line, item);
    for (const { file, lines } of item.code) for (const line of lines) note(file, line, item);
  }
  return found;
})();

/** A name and a sign for each state, so that none depends on its colour. */
export const stateSigns: Readonly<Record<string, string>> = {
  covered: "\u2713",
  waived: "~",
  timeout: "\u23f1",
  unproved: "\u2717",
  predated: "\u2190",
  outdated: "\u2192",
  uncovered: "\u25cb",
  orphaned: "\u2205",
  ambiguous: "\u2260",
};

const pending = new Map<string, Promise<SourceLine[]>>();
const arrived = new Map<string, (lines: SourceLine[]) => void>();
window.XENOLITH_SOURCE = (path, lines) => arrived.get(path)?.(lines);

/** The lines of a source; its script is put into the page when it is first asked for. */
export function sourceOf(path: string): Promise<SourceLine[]> {
  const known = pending.get(path);
  if (known !== undefined) return known;
  const loading = new Promise<SourceLine[]>((resolve, reject) => {
    arrived.set(path, resolve);
    const script = document.createElement("script");
    script.src = `site/sources/${path.replace(/[^A-Za-z0-9]+/g, "-")}.js`;
    script.onerror = () => reject(new Error(`${path} is not in this bundle`));
    document.head.append(script);
  });
  pending.set(path, loading);
  return loading;
}

export const link = {
  item: (id: string): string => `#/item/${encodeURIComponent(id)}`,
  file: (path: string, line?: number): string =>
    `#/file/${encodeURIComponent(path)}${line === undefined ? "" : `?line=${line}`}`,
  list: (query: Readonly<Record<string, string>>): string =>
    `#/items?${new URLSearchParams(query).toString()}`,
  graph: (focus: string): string => `#/graph?focus=${encodeURIComponent(focus)}`,
};
