// Instant search over items, functions, operations, advisories and pages.

import MiniSearch from "minisearch";
import { data, itemsOfFunction, link } from "./model.tsx";

export interface Hit {
  readonly id: number;
  readonly title: string;
  readonly text: string;
  readonly kind: string;
  readonly href: string;
}

function documents(): Hit[] {
  const found: Omit<Hit, "id">[] = data.items.map(({ id, says, kind, section, place, ...item }) => ({
    title: id,
    text: `${says} ${section} ${place.file} ${item.interface.join(" ")} ${item.refusals.join(" ")}`,
    kind,
    href: link.item(id),
  }));
  for (const name of itemsOfFunction.keys()) {
    const [file = "", own = ""] = name.split("#");
    found.push({ title: own, text: file, kind: "function", href: link.graph(name) });
  }
  for (const name of Object.keys(data.cases)) {
    found.push({ title: name, text: "operation proof", kind: "operation", href: link.graph(name) });
  }
  for (const { xsa, class: group, reason } of data.advisories) {
    const href = `#/advisories?xsa=${xsa}`;
    found.push({ title: `XSA-${xsa}`, text: `${group} ${reason}`, kind: "advisory", href });
  }
  return found.map((one, id) => ({ ...one, id }));
}

const all = documents();
const index = new MiniSearch<Hit>({
  fields: ["title", "text"],
  storeFields: [],
  tokenize: (text) => text.toLowerCase().split(/[^a-z0-9]+/),
  searchOptions: { prefix: true, fuzzy: 0.15, boost: { title: 4 }, combineWith: "AND" },
});
index.addAll(all);

/** The best hits for some words. */
export function search(words: string, limit = 12): Hit[] {
  if (words.trim() === "") return [];
  const exact = words.trim().toUpperCase();
  const hits = index.search(words).map(({ id }) => all[id as number]!);
  const first = hits.filter(({ title }) => title.toUpperCase().startsWith(exact));
  return [...new Set([...first, ...hits])].slice(0, limit);
}
