// Makes sure that build/loader.wasm is there and not older than its sources.

import { existsSync, readdirSync, statSync } from "node:fs";
import { buildLoader } from "../../../scripts/loader.ts";

const wasm = new URL("../../../build/loader.wasm", import.meta.url);
const sources = new URL("../../../disaggregation/loader/", import.meta.url);

/** For `beforeAll` of every test that lays a guest out. */
export async function ensureLoader(): Promise<void> {
  const built = existsSync(wasm) ? statSync(wasm).mtimeMs : 0;
  const files = readdirSync(sources).filter((name) => name.endsWith(".ts"));
  if (files.some((name) => statSync(new URL(name, sources)).mtimeMs > built)) await buildLoader();
}
