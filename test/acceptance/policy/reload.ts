// [policy.reload]: a policy is replaced at run time whole or not at all, by who may and no other.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { shippedPolicy } from "../../../bin/policy.ts";
import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";
import { guest } from "../guests.ts";

const DUMMY = join(dirname(shippedPolicy), "dummy");
const CONSOLE = "allow domU_t xen_t:xen writeconsole;\n";
/** Nobody has an event channel. */
const SILENT = "type_transition { dom0_t domU_t } target_type:event dom0_t_channel;\n";

/** What the guest says of each step, in order. */
const EXPECTED = [
  ...["channel_before 0", "outside -14", "short -22", "malformed -22", "renamed -22"],
  ...["channel_still 0", "load 0", "channel_after -1", "load_again 0"],
];

function writePolicy(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder);
  writeFileSync(join(folder, "extends"), `${DUMMY}\n`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function writeAppliance(folder: string): Promise<void> {
  const now = writePolicy(join(folder, "now"), { "local.te": CONSOLE });
  const silent = { "local.te": CONSOLE, "communication.te": SILENT };
  const next = writePolicy(join(folder, "next"), silent);
  const labels = ["dom0_t", "domU_t"].flatMap((type) => ["--label", `system_u:system_r:${type}`]);
  const [old, fresh] = [join(folder, "old.table"), join(folder, "new.table")];
  await xenolith(["policy", "compile", now, "-o", old, ...labels]);
  await xenolith(["policy", "compile", next, "-o", fresh, "--after", old]);
  const kernels = { neighbour: await guest("heartbeat"), loader: await guest("reload") };
  const head = (name: "neighbour" | "loader", type: string) =>
    `name="${name}"; type="pvh"; memory=16; kernel="${kernels[name]}"\n` +
    `seclabel="system_u:system_r:${type}"\n`;
  writeFileSync(join(folder, "appliance.cfg"), 'policy="now"; boot=["neighbour", "loader"]\n');
  const period = 'cmdline="period=10 count=20"\n';
  writeFileSync(join(folder, "neighbour.cfg"), head("neighbour", "domU_t") + period);
  const ramdisk = `ramdisk="${fresh}"; cmdline="peer=1"\n`;
  writeFileSync(join(folder, "loader.cfg"), head("loader", "dom0_t") + ramdisk);
}

export const reload: Check = {
  name: "policy.reload",
  claim: "a policy is replaced at run time by who may, whole, and not where it is malformed",
  short: true,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-reload-"));
    try {
      await writeAppliance(folder);
      const { stdout } = await xenolith(["run", folder, "--timeout", "60", "--json"], 90);
      const report = JSON.parse(stdout) as { consoles: Record<string, readonly string[]> };
      const said = (report.consoles.loader ?? []).map((line) => line.replace(/^reload /, ""));
      const ticks = (report.consoles.neighbour ?? []).filter((line) => /tick|late \d/.test(line));
      const passed = said.join() === EXPECTED.join() && ticks.length >= 20;
      const summary = passed ? "replaced once, refused as it must be" : said.join("; ");
      return { passed, figures: { said, ticks: ticks.length }, summary };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
