// The report: finds the page that the address names, and what every page has around it.

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./style.css";
import { GraphPage } from "./graph.tsx";
import { ItemPage } from "./item.tsx";
import { ListPage, ProofPage } from "./list.tsx";
import { MachinesPage } from "./machines.tsx";
import { data, itemOf } from "./model.tsx";
import { Overview } from "./overview.tsx";
import {
  AdvisoriesPage,
  AssumptionsPage,
  BoundsPage,
  CounterexamplesPage,
  DriftPage,
  FilePage,
  FilesPage,
  TcbPage,
} from "./pages.tsx";
import { PolicyPage } from "./policy.tsx";
import { search } from "./search.tsx";

const pages: readonly [path: string, title: string][] = [
  ["", "Overview"],
  ["items", "Items"],
  ["proofs", "Proofs"],
  ["files", "Sources"],
  ["machines", "States"],
  ["policy", "Policy"],
  ["advisories", "Advisories"],
  ["tcb", "Trusted code"],
  ["bounds", "Bounds"],
  ["assumptions", "Assumptions"],
  ["drift", "Changes"],
  ["counterexamples", "Counterexamples"],
];

interface Address {
  readonly page: string;
  readonly name: string;
  readonly query: URLSearchParams;
}

function addressOf(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", name = ""] = path.split("/");
  return { page, name: decodeURIComponent(name), query: new URLSearchParams(query) };
}

function Page({ page, name, query }: Address) {
  const item = itemOf.get(name);
  switch (page) {
    case "":
      return <Overview />;
    case "item":
      return item === undefined ? <h1>There is no item {name}</h1> : <ItemPage item={item} />;
    case "items":
      return <ListPage query={query} />;
    case "proofs":
      return <ProofPage />;
    case "files":
      return <FilesPage />;
    case "file":
      return <FilePage path={name} query={query} />;
    case "graph":
      return <GraphPage query={query} />;
    case "machines":
      return <MachinesPage />;
    case "policy":
      return <PolicyPage query={query} />;
    case "advisories":
      return <AdvisoriesPage query={query} />;
    case "tcb":
      return <TcbPage />;
    case "bounds":
      return <BoundsPage />;
    case "assumptions":
      return <AssumptionsPage />;
    case "drift":
      return <DriftPage />;
    case "counterexamples":
      return <CounterexamplesPage />;
    default:
      return <h1>There is no page {page}</h1>;
  }
}

function Search() {
  const [words, setWords] = useState("");
  const hits = search(words);
  const close = () => setWords("");
  return (
    <search>
      <label class="hidden" for="search">
        Search clauses, functions, operations, advisories (press /)
      </label>
      <input
        id="search"
        type="search"
        placeholder="Search  ( / )"
        autocomplete="off"
        value={words}
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
        onKeyDown={({ key }) => {
          if (key === "Escape") close();
          if (key !== "Enter" || hits[0] === undefined) return;
          location.hash = hits[0].href;
          close();
        }}
      />
      <p class="hidden" aria-live="polite">
        {words === "" ? "" : `${hits.length} results`}
      </p>
      {words !== "" && (
        <ul class="hits">
          {hits.map(({ id, title, text, kind, href }) => (
            <li key={id}>
              <a href={href} onClick={close}>
                <strong>{title}</strong> <span class="kind">{kind}</span>
                <span class="text">{text}</span>
              </a>
            </li>
          ))}
          {hits.length === 0 && <li class="none">Nothing has these words</li>}
        </ul>
      )}
    </search>
  );
}

const themeNow = (): string =>
  localStorage.getItem("theme") ??
  (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

function Theme() {
  const [theme, setTheme] = useState(themeNow());
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      onClick={() => {
        localStorage.setItem("theme", other);
        setTheme(other);
      }}
    >
      {other} colours
    </button>
  );
}

/** Keys: / searches, j and k go to the next and the previous item. */
function onKey(event: KeyboardEvent): void {
  const isTyping = (event.target as HTMLElement).closest("input, select, textarea") !== null;
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector<HTMLInputElement>("#search")?.select();
  }
  const rel = { j: "next", k: "prev" }[event.key];
  if (rel !== undefined) document.querySelector<HTMLAnchorElement>(`a[rel=${rel}]`)?.click();
}

function Report() {
  const [address, setAddress] = useState(addressOf(location.hash));
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const onChange = () => {
      setAddress(addressOf(location.hash));
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    };
    addEventListener("hashchange", onChange);
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("hashchange", onChange);
      removeEventListener("keydown", onKey);
    };
  }, []);
  const title = pages.find(([path]) => path === address.page)?.[1] ?? address.name;
  useEffect(() => {
    document.title = `Xenolith: ${title}`;
  }, [title]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the content
      </a>
      <header>
        <a class="name" href="#/">
          Xenolith
        </a>
        <Search />
        <Theme />
      </header>
      <nav aria-label="Pages">
        {pages.map(([path, name]) => (
          <a key={path} href={`#/${path}`} aria-current={path === address.page ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <main id="main" tabIndex={-1} ref={main}>
        <Page {...address} />
      </main>
      <footer>
        Core {(data.core ?? "").slice(0, 16)}. Keys: / searches, j and k go from item to item. What
        is signed is in <code>attestation.dsse.json</code>; <code>node check.mjs</code> checks it.
      </footer>
    </>
  );
}

document.documentElement.dataset.theme = themeNow();
render(<Report />, document.getElementById("app")!);
