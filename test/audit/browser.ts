// The report in a real browser, opened from the disk.

import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { browsers, setUp } from "../../scripts/setup.ts";

const PROGRAM = "/usr/bin/chromium";

/** A page of large tables takes its time on a machine that does other things. */
const TIMEOUT_MS = 120_000;

export interface Report {
  readonly page: Page;
  /** Errors on the console, and requests that leave the disk. */
  readonly complaints: string[];
  go(hash: string): Promise<void>;
}

/** Opens the report of a bundle. */
export async function openReport(browser: Browser, bundle: string): Promise<Report> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(TIMEOUT_MS);
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(`error: ${message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  const go = async (hash: string): Promise<void> => {
    await page.goto(`file://${join(bundle, "index.html")}${hash}`);
    await page.waitForSelector("h1");
  };
  return { page, complaints, go };
}

/** Starts Chromium; installs it where it is missing, as set-up does with every Debian package. */
export async function launch(): Promise<Browser> {
  await setUp(false, browsers);
  return chromium.launch({ executablePath: PROGRAM, args: ["--no-sandbox"] });
}
