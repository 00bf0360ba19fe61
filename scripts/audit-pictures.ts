// Takes the pictures of the README: pages of the audit's report, in Chromium, from the disk.
// `npx tsx scripts/audit-pictures.ts [BUNDLE] [FOLDER] [NAME=ADDRESS ...]`.

import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, openReport } from "../test/audit/browser.ts";
import { makeBundle, workFolder } from "../test/audit/bundles.ts";

/** Three of the ten questions of audit/walk.md. */
const PICTURES: readonly (readonly [name: string, address: string])[] = [
  ["who-may-map", "#/item/GRANT-MAP-2"],
  ["port-at-the-limit", "#/item/EVTCHN-SEND-1"],
  ["guest-to-toolstack", "#/policy"],
];
const SIZE = { width: 1280, height: 720 };

async function take(bundle: string, folder: string, wanted: typeof PICTURES): Promise<void> {
  const browser = await launch();
  try {
    const { page, go } = await openReport(browser, bundle);
    await page.setViewportSize(SIZE);
    for (const [name, address] of wanted) {
      await go(address);
      // Sources come as scripts of their own: wait until no pane is without its lines.
      await page.waitForFunction('!document.querySelector(".source ol:empty")');
      await page.evaluate("scrollTo(0, 0)");
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path, animations: "disabled", caret: "hide" });
      process.stdout.write(`${path}\n`);
    }
  } finally {
    await browser.close();
  }
}

const [bundle, folder, ...others] = process.argv.slice(2);
const to = resolve(folder ?? fileURLToPath(new URL("../docs/pictures", import.meta.url)));
mkdirSync(to, { recursive: true });
const pages = others.map((one): [string, string] => {
  const [name = "", ...address] = one.split("=");
  return [name, address.join("=")];
});
const work = bundle === undefined ? workFolder().folder : undefined;
try {
  const made = work === undefined ? resolve(bundle!) : await makeBundle(work, "bundle");
  await take(made, to, pages.length > 0 ? pages : PICTURES);
} finally {
  if (work !== undefined) rmSync(work, { recursive: true });
}
