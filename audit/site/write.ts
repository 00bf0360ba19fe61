// Writes the report site into a bundle: one page, one script, one style, and data as scripts, so
// that a browser opens it from the disk without a server.

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "vite";
import type { Evidence } from "../bundle/evidence.ts";
import { root } from "../trace/source.ts";
import { siteData } from "./data.ts";
import { Highlight } from "./highlight.ts";

const APP = join(root, "audit/site/app");

/** Name of the script with a source's lines. */
const scriptOf = (path: string): string => `${path.replace(/[^A-Za-z0-9]+/g, "-")}.js`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Xenolith: evidence</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="site/app.css">
<link rel="stylesheet" href="site/tokens.css">
</head>
<body>
<div id="app"></div>
<noscript>This report needs a browser with scripts; evidence/ holds the same as JSON.</noscript>
<script src="site/data.js"></script>
<script src="site/app.js"></script>
</body>
</html>
`;

async function buildApp(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: APP,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: {
        entry: join(APP, "main.tsx"),
        formats: ["iife"],
        name: "XenolithReport",
        fileName: () => "app.js",
        cssFileName: "app",
      },
    },
  });
}

/** Writes sources as scripts, and the colours of their tokens. */
async function writeSources(folder: string, { sources }: Evidence): Promise<void> {
  const highlight = await Highlight.make();
  for (const [path, text] of sources) {
    const lines = JSON.stringify(highlight.lines(path, text));
    const script = `XENOLITH_SOURCE(${JSON.stringify(path)}, ${lines});\n`;
    writeFileSync(join(folder, "sources", scriptOf(path)), script);
  }
  const rules = highlight.styles.map(
    ([light, dark], at) => `.t${at}{color:${light}}[data-theme=dark] .t${at}{color:${dark}}`,
  );
  writeFileSync(join(folder, "tokens.css"), `${rules.join("\n")}\n`);
  highlight.dispose();
}

/** Writes the site of some evidence; `before` is the folder of an earlier bundle. */
export async function writeSite(folder: string, evidence: Evidence, before?: string) {
  const site = join(folder, "site");
  mkdirSync(join(site, "sources"), { recursive: true });
  const drift = before === undefined ? undefined : { old: resolve(before), now: folder };
  const data = JSON.stringify(siteData(evidence, drift));
  writeFileSync(join(site, "data.js"), `window.XENOLITH = ${data};\n`);
  await writeSources(site, evidence);
  await buildApp(site);
  writeFileSync(join(folder, "index.html"), page);
}
