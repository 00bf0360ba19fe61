// Debian's own xenstore-utils in a guest of an appliance folder, against our xenstore, with its
// console carried by our console service on the first serial port. Skipped where the image or the
// tools are missing (npm run build, npx tsx scripts/debian-tools.ts).

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { buildOptions } from "../../../../bin/artefacts.ts";
import { buildAppliance, readAppliance } from "../../../../disaggregation/appliance/image.ts";
import { artefacts } from "../../../../scripts/artefacts.ts";
import { cpio, DIRECTORY, REGULAR } from "../../../../scripts/cpio.ts";
import { debianFiles } from "../../../../scripts/debian.ts";
import { toolsFile } from "../../../../scripts/debian-tools.ts";
import { servicePath } from "../../../../scripts/service-table.ts";
import { bootImage } from "../../../metal/harness.ts";

const services = ["xenstore", "console"] as const;
const needed = [
  ...[artefacts.image, debianFiles.kernel, toolsFile],
  ...services.map((name) => servicePath(name, "elf")),
];

/** What the guest does; each line says what came of it. */
const script = `#!/bin/sh
xenstore-write data/a/b one data/c two && echo "read $(xenstore-read data/a/b data/c | tr '\\n' ' ')"
echo "list $(xenstore-list data | tr '\\n' ' ')"
xenstore-exists data/none || echo "none is not there"
xenstore-read /local/domain/1/name || echo "not mine"
xenstore-chmod data/a n3 r1 && echo "permissions $(xenstore-ls -p data | tr -d '\\t\\n.' | tr -s ' ')"
(xenstore-watch -n 2 data/a > /tmp/seen; echo "watched $(tr '\\n' ' ' < /tmp/seen)") &
sleep 0.3
xenstore-write data/a/d three
wait
xenstore-rm data/a && echo "left $(xenstore-list data)"
echo "longest $(xenstore-write data/x "$(head -c 2000 /dev/zero | tr '\\0' x)"; xenstore-read data/x | wc -c)"
`;

describe.skipIf(!needed.every((path) => existsSync(path)))("an appliance with xenstore", () => {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-store-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): void {
    writeFileSync(join(folder, `${name}.cfg`), `name = "${name}"\n${text}`);
  }

  it("serves Debian's xenstore-utils", async () => {
    const role = cpio([
      { path: "roles", mode: DIRECTORY | 0o755 },
      { path: "roles/store", mode: REGULAR | 0o755, data: new TextEncoder().encode(script) },
    ]);
    writeFileSync(join(folder, "ramdisk"), Buffer.concat([readFileSync(toolsFile), role]));
    for (const name of services) {
      const ports = name === "console" ? 'ioports = ["3f8-3ff"]' : "";
      file(name, `type = "service"\nservice = "${name}"\n${ports}`);
    }
    const line = 'cmdline = "console=hvc0 quiet role=store"';
    file(
      "tools",
      `type = "pvh"\nkernel = "${debianFiles.kernel}"\nramdisk = "ramdisk"\n${line}\n
memory = 512`,
    );
    const built = await buildAppliance(readAppliance(folder), buildOptions());
    const pack = join(folder, "pack");
    writeFileSync(pack, built.pack);
    const memoryMib = built.machineMemoryMib;
    const machine = { elf: artefacts.image, pack, memoryMib, timeoutSeconds: 110 };
    const result = await bootImage(machine);
    const lines = (result.consoles.get("tools") ?? []).join("\n");
    for (const wanted of [
      "read one two",
      "list a c",
      "none is not there",
      "not mine",
      'permissions a = "" (n3,r1) b = "one" (n3)c = "two" (n3)',
      "watched data/a data/a/d",
      "left c",
      "longest 2001",
    ]) {
      expect(lines).toContain(wanted);
    }
    expect(result.raw).not.toContain("avc: denied");
    expect([result.reason, result.exitCode]).toEqual(["halt", 0]);
  }, 120_000);
});
