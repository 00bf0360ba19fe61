// audit.walk: the ten questions of audit/walk.md are answered where it says.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { launch, openReport } from "../../audit/browser.ts";
import { makeBundle, workFolder } from "../../audit/bundles.ts";
import type { Check, Outcome } from "../check.ts";
import { root } from "../cli.ts";

interface Question {
  readonly asks: string;
  readonly way: string;
  readonly answer: string;
}

/** The rows of the page's table. */
function questions(): Question[] {
  const text = readFileSync(join(root, "audit/walk.md"), "utf8");
  return [...text.matchAll(/^\| ([^|]+\?) \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(
    ([, asks = "", way = "", answer = ""]) => ({ asks, way, answer }),
  );
}

async function run(): Promise<Outcome> {
  const { folder } = workFolder();
  const browser = await launch();
  try {
    const first = await makeBundle(folder, "first");
    const report = await openReport(browser, await makeBundle(folder, "second", first));
    const all = questions();
    const unanswered: string[] = [];
    for (const { asks, way, answer } of all) {
      await report.go(way);
      const text = await report.page.locator("main").innerText();
      if (!text.includes(answer)) unanswered.push(`${asks} ${way}: not "${answer}"`);
    }
    const passed = all.length === 10 && unanswered.length + report.complaints.length === 0;
    const summary = `${all.length - unanswered.length} of ${all.length} questions are answered`;
    const figures = { questions: all.length, unanswered, complaints: report.complaints };
    return { passed, figures, summary };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

export const walk: Check = {
  name: "audit.walk",
  claim: "ten questions of an auditor are answered by the report where audit/walk.md says",
  short: false,
  run,
};
