// All items, with facets that narrow them; and the proofs by operation.

import { data, type Item, link } from "./model.tsx";
import { tally } from "./overview.tsx";
import { ItemLink, State, Table } from "./parts.tsx";

const FACETS = ["state", "kind", "family", "code", "proof", "test", "changed"] as const;
type Facet = (typeof FACETS)[number];

const changed = new Set([
  ...(data.drift?.added ?? []),
  ...(data.drift?.edited ?? []),
  ...(data.drift?.states.map(([id]) => id) ?? []),
]);

function valueOf(item: Item, facet: Facet): string {
  if (facet === "changed") return changed.has(item.id) ? "yes" : "no";
  if (facet === "state" || facet === "kind" || facet === "family") return item[facet];
  return item.states.find(({ need }) => need === facet)?.state ?? "not needed";
}

function FacetBox(props: { facet: Facet; items: readonly Item[]; query: URLSearchParams }) {
  const { facet, items, query } = props;
  const rest = Object.fromEntries([...query].filter(([name]) => name !== facet));
  const chosen = query.get(facet) ?? "";
  return (
    <label>
      {facet}
      <select
        value={chosen}
        onChange={({ currentTarget }) => {
          const { value } = currentTarget;
          location.hash = link.list(value === "" ? rest : { ...rest, [facet]: value });
        }}
      >
        <option value="">any</option>
        {tally(items.map((item) => valueOf(item, facet))).map(([value, count]) => (
          <option key={value} value={value}>{`${value} (${count})`}</option>
        ))}
      </select>
    </label>
  );
}

export function ListPage({ query }: { query: URLSearchParams }) {
  const matches = (item: Item, but?: Facet): boolean =>
    FACETS.every((facet) => {
      const wanted = query.get(facet);
      return facet === but || wanted === null || wanted === valueOf(item, facet);
    });
  const shown = data.items.filter((item) => matches(item));
  return (
    <article>
      <h1>
        Items ({shown.length} of {data.items.length})
      </h1>
      <div class="facets">
        {FACETS.map((facet) => (
          <FacetBox
            key={facet}
            facet={facet}
            items={data.items.filter((item) => matches(item, facet))}
            query={query}
          />
        ))}
        <a href="#/items">clear</a>
      </div>
      <Table label="Items" head={["id", "state", "says", "where"]}>
        {shown.map((item, at) => (
          <tr key={`${item.id}-${at}`}>
            <th scope="row">
              <ItemLink item={item} />
            </th>
            <td>
              <State state={item.state} />
            </td>
            <td>{item.says}</td>
            <td>
              {item.place.file}:{item.place.line}
            </td>
          </tr>
        ))}
      </Table>
    </article>
  );
}

/** The operations, and what is proved of each. */
export function ProofPage() {
  return (
    <article>
      <h1>Proofs by operation</h1>
      {data.unspecified.length > 0 && (
        <p>
          Operations of the core that no text specifies yet: {data.unspecified.join(", ")}.
        </p>
      )}
      <Table label="Proofs" head={["operation", "proved", "open", "bound"]}>
        {Object.entries(data.cases).map(([name, one]) => (
          <tr key={name}>
            <th scope="row">
              <a href={link.graph(name)}>{name}</a>
            </th>
            <td>
              {one.proved} of {one.obligations}
            </td>
            <td>
              {Object.entries(one.open).map(([property, verdict]) => (
                <div key={property}>
                  {property}: {verdict}
                </div>
              ))}
            </td>
            <td>{one.bound ?? ""}</td>
          </tr>
        ))}
      </Table>
    </article>
  );
}
