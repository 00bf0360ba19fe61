// The bill of materials in CycloneDX: what the core is made of, the compiler and linker of the
// native image, and the tools that npm brings, as package-lock.json pins them.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../trace/source.ts";
import type { TcbFile } from "./tcb.ts";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** "sha512-BASE64" as CycloneDX writes it. */
function hashOf(integrity: string): { alg: string; content: string } {
  const [kind = "", encoded = ""] = integrity.split("-");
  const content = Buffer.from(encoded, "base64").toString("hex");
  return { alg: kind.replace("sha", "SHA-"), content };
}

function packages() {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const lock = JSON.parse(text) as { packages: Record<string, Locked> };
  return Object.entries(lock.packages)
    .filter(([path]) => path !== "")
    .map(([path, { version = "", integrity, license, dev }]) => {
      const name = path.replace(/^.*node_modules\//, "");
      return {
        type: "library",
        "bom-ref": `${path}@${version}`,
        name,
        version,
        scope: dev === true ? "excluded" : "optional",
        purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
        ...(license === undefined ? {} : { licenses: [{ license: { name: license } }] }),
        ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
      };
    });
}

/** What makes native code of the core: programs of the system, by the first line that each says. */
function toolchain() {
  return ["gcc", "ld"].map((name) => {
    const [version = ""] = execFileSync(name, ["--version"], { encoding: "utf8" }).split("\n");
    return { type: "application", name, version };
  });
}

/** The bill of a build. */
export function bill(core: string, files: readonly TcbFile[]) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const own = files.map(({ path, sha256 }) => ({
    type: "file",
    "bom-ref": path,
    name: path,
    scope: "required",
    hashes: [{ alg: "SHA-256", content: sha256 }],
  }));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      tools: { components: toolchain() },
      component: {
        type: "platform",
        "bom-ref": "core.wasm",
        name: "xenolith",
        version,
        hashes: [{ alg: "SHA-256", content: core }],
      },
    },
    components: [...own, ...packages()],
  };
}
