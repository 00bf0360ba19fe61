// audit.site: the report opens from the disk, is quick, small and accessible, and a keyboard alone
// gets everywhere.

import { readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { listFiles } from "../../../audit/bundle/files.ts";
import { launch, openReport, type Report } from "../../audit/browser.ts";
import { makeBundle, workFolder } from "../../audit/bundles.ts";
import type { Check, Outcome } from "../check.ts";

const SIZE_MAX = 25 << 20;
const SEARCH_MS_MAX = 50;
const FIRST_VIEW_MS_MAX = 1000;
const WORDS = [
  "send",
  "grant map",
  "EVTCHN-SEND",
  "frame",
  "policy",
  "who may",
  "xsa 317",
  "limit",
];
const PAGES = [
  "#/",
  "#/item/EVTCHN-SEND-1",
  "#/items?family=event_channel",
  "#/proofs",
  "#/files",
  "#/file/spec%2Fevent_channel.ts",
  "#/machines",
  "#/policy",
  "#/graph?focus=EVTCHN-SEND-1",
  "#/advisories",
  "#/tcb",
  "#/bounds",
  "#/assumptions",
  "#/drift",
  "#/counterexamples",
] as const;

/** One of each kind: what the others have, these have. */
const DARK_PAGES = PAGES.filter((one) =>
  /^#.(item|machines|drift|assumptions|tcb|graph)/.test(one),
);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Serious faults of the page that is open. */
async function faults({ page }: Report, where: string): Promise<string[]> {
  await page.evaluate(axe);
  // Without preload: axe would fetch the style sheets once more, which no page may from the disk.
  const { violations } = (await page.evaluate("axe.run({ preload: false })")) as AxeResult;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${where}: ${id}: ${nodes[0]?.html.slice(0, 120)}`);
}

async function accessibility(report: Report): Promise<string[]> {
  const found: string[] = [];
  for (const [theme, pages] of [
    ["light", PAGES],
    ["dark", DARK_PAGES],
  ] as const) {
    await report.page.emulateMedia({ colorScheme: theme });
    for (const where of pages) {
      await report.go(where);
      await report.page.reload();
      await report.page.waitForSelector("h1");
      found.push(...(await faults(report, `${theme} ${where}`)));
    }
  }
  return found;
}

/** What the page does: words into the box, and the time until results stand. */
const searching = `async (words) => {
  const box = document.getElementById("search");
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const times = [];
  for (const text of words) {
    const before = performance.now();
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    do await turn(); while (document.querySelector(".hits") === null);
    times.push(performance.now() - before);
  }
  return times;
}`;

/** The slowest search, in milliseconds, from the key to the results. */
async function slowestSearch({ page, go }: Report): Promise<number> {
  await go("#/");
  const times = (await page.evaluate(`(${searching})(${JSON.stringify(WORDS)})`)) as number[];
  return Math.round(Math.max(...times) * 10) / 10;
}

/** Milliseconds until the overview stands, as the browser itself measures it. */
async function firstView({ page, go }: Report): Promise<number> {
  await go("#/");
  await page.reload();
  await page.waitForSelector("h1");
  const entry = 'performance.getEntriesByName("first-contentful-paint")[0].startTime';
  return Math.round((await page.evaluate(entry)) as number);
}

/** Goes through the overview by keys alone: search, result, next item, every page of the menu. */
async function byKeyboard({ page, go }: Report): Promise<string[]> {
  await go("#/");
  await page.keyboard.press("/");
  await page.keyboard.type("EVTCHN-SEND-1");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('EVTCHN-SEND-1')");
  await page.keyboard.press("j");
  await page.waitForSelector("h1:has-text('EVTCHN-SEND-2')");
  await go("#/");
  // A fresh page: the first Tab starts at its top, wherever the last item had the focus.
  await page.reload();
  await page.waitForSelector("nav a");
  const wanted = await page
    .locator("nav a")
    .evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
  const reached = new Set<string>();
  for (let step = 0; step < wanted.length + 12; step++) {
    await page.keyboard.press("Tab");
    reached.add(String(await page.evaluate("document.activeElement.getAttribute('href')")));
  }
  return wanted.filter((href) => !reached.has(href));
}

async function look(browser: Browser, bundle: string): Promise<Outcome> {
  const report = await openReport(browser, bundle);
  const view = await firstView(report);
  const search = await slowestSearch(report);
  const unreached = await byKeyboard(report);
  const serious = await accessibility(report);
  const sizes = listFiles(bundle).map((path) => statSync(join(bundle, path)).size);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const { complaints } = report;
  const isQuick = view <= FIRST_VIEW_MS_MAX && search <= SEARCH_MS_MAX;
  const isClean = serious.length + complaints.length + unreached.length === 0;
  const figures = { view, search, bytes, serious, complaints, unreached };
  const summary =
    `first view ${view} ms, slowest search ${search} ms, ${(bytes / (1 << 20)).toFixed(1)} MiB, ` +
    `${serious.length} serious faults, ${complaints.length} complaints`;
  return { passed: isQuick && isClean && bytes <= SIZE_MAX, figures, summary };
}

async function run(): Promise<Outcome> {
  const { folder } = workFolder();
  const browser = await launch();
  try {
    return await look(browser, await makeBundle(folder, "bundle"));
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

export const site: Check = {
  name: "audit.site",
  claim: "the report opens from the disk, quickly, without a fault, for everybody",
  short: false,
  run,
};
