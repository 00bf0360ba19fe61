// Runs before `npm start`, `npm test` and their like: brings node_modules to what package-lock.json
// says. Plain JavaScript, because nothing is installed yet when it runs for the first time.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.xenolith-lock`;
const lock = readFileSync(`${root}package-lock.json`, "utf8");

const current = existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
if (!current) {
  process.stderr.write("install: node packages, as package-lock.json names them\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0) {
    process.stderr.write("install: npm ci failed; is the npm registry reachable?\n");
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
