// [services.appliance]: the appliance that `npm start` runs, and its government while it runs.

import { makeDebianGuests } from "../../../scripts/debian.ts";
import { makeToolsRoot } from "../../../scripts/debian-tools.ts";
import type { Check } from "../check.ts";
import { LiveSystem } from "./live-system.ts";

/** What each guest says when it got what it should. */
const WANTED = {
  web: /^web: web: serves \/data, sha256 [0-9a-f]{64}/m,
  client: /^client: client: 16 MiB from the web guest compare equal by sha256/m,
  hermit: /^hermit: hermit: the web guest cannot be reached/m,
} as const;
const SHELL = "examples/appliance/later/shell.cfg";
const CREATIONS = 5;
/** Wall time within which a guest is to be created. */
const MOST_SECONDS = 3;
const PATIENCE = 300;
/** What the shell guest has to have: its disk's 512-byte sectors, its address, its hands. */
const TYPED =
  "echo $(cat /sys/block/xvda/size) $(hostname -I 2>/dev/null; ip -4 -o addr show eth0)\n";
const DEVICES = /65536 .*10\.0\.0\.4/;
/** Commands that show something, and what they must show. */
const VIEWS: readonly (readonly [string[], RegExp])[] = [
  [["domid", "shell"], /^\d+\n$/],
  [["uptime", "shell"], /shell/],
  [["sched"], /shell/],
  [["top", "--batch", "--iterations", "1"], /shell/],
  [["vcpu-list", "shell"], /shell/],
  [["info"], /version|memory/i],
  [["dmesg"], /sha256/],
  [["xenstore-ls"], /shell/],
];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const gone = async (system: LiveSystem): Promise<boolean> =>
  (await system.domains()).every(({ name }) => name !== "shell");

/** Creates the shell guest again and again; the seconds that each took, and what failed. */
async function creations(system: LiveSystem): Promise<{ seconds: number[]; failed: string[] }> {
  const seconds: number[] = [];
  const failed: string[] = [];
  const govern = async (...words: string[]): Promise<void> => {
    const { code, stdout, stderr } = await system.command(...words);
    if (code !== 0) failed.push(`${words[0]}: ${stdout}${stderr}`);
  };
  for (let count = 0; count < CREATIONS; count++) {
    const start = Date.now();
    await govern("create", SHELL);
    seconds.push((Date.now() - start) / 1000);
    if (count === CREATIONS - 1) break;
    await govern("destroy", "shell");
    if (!(await system.until(() => gone(system), PATIENCE))) failed.push("destroy: it stays");
  }
  return { seconds, failed };
}

async function views(system: LiveSystem): Promise<string[]> {
  const wrong: string[] = [];
  for (const [words, wanted] of VIEWS) {
    const { code, stdout } = await system.command(...words);
    if (code !== 0 || !wanted.test(stdout)) wrong.push(words[0]!);
  }
  return wrong;
}

async function pauses(system: LiveSystem): Promise<boolean> {
  const stateOf = async (): Promise<string | undefined> =>
    (await system.domains()).find(({ name }) => name === "shell")?.state;
  await system.command("pause", "shell");
  const paused = (await stateOf()) === "paused";
  await system.command("unpause", "shell");
  return paused && (await stateOf()) === "running";
}

/** `reboot` makes the guest again, and its disk still has what was written to it. */
async function reboots(system: LiveSystem): Promise<boolean> {
  const written = "echo kept > /dev/xvda; sync; echo written-$((6 * 7))\n";
  if (!(await system.talk("shell", written, /written-42/, PATIENCE))) return false;
  const started = async (): Promise<string> => {
    const { stdout } = await system.command("domid", "shell");
    const path = `/local/domain/${stdout.trim()}/start-time`;
    return (await system.command("xenstore-ls", "-f", path.replace("/start-time", ""))).stdout;
  };
  const timeOf = (text: string): string => /start-time = "([^"]*)"/.exec(text)?.[1] ?? "";
  const before = timeOf(await started());
  if ((await system.command("reboot", "shell")).code !== 0) return false;
  const again = await system.until(async () => {
    const after = timeOf(await started());
    return after !== "" && after !== before;
  }, PATIENCE);
  return again && system.talk("shell", "head -c 4 /dev/xvda\n", /kept/, PATIENCE);
}

export const appliance: Check = {
  name: "services.appliance",
  claim: "three Debian guests on our services, governed by xl's commands while they run",
  short: false,
  async run() {
    makeDebianGuests();
    makeToolsRoot();
    const system = new LiveSystem("examples/appliance", 3600);
    const up = await system.until(async () => (await system.domains()).length > 0, PATIENCE);
    const said: Record<string, boolean> = {};
    for (const [name, text] of Object.entries(WANTED)) {
      said[name] = await system.until(() => text.test(system.said), PATIENCE);
    }
    const { seconds, failed } = await creations(system);
    const devices = await system.talk("shell", TYPED, DEVICES, PATIENCE);
    const wrongViews = await views(system);
    const paused = await pauses(system);
    const rebooted = await reboots(system);
    const shut =
      (await system.command("shutdown", "shell", "--wait", "--timeout", "300")).code === 0;
    const off = (await system.command("poweroff")).code === 0;
    const code = await system.end(60);
    const denials = system.said.match(/avc: denied/g)?.length ?? 0;
    const createSeconds = median(seconds);
    const did = { up, ...said, creates: failed.length === 0, devices, paused, rebooted, shut, off };
    const figures = { ...did, failed, wrongViews, createSeconds, seconds, denials, code };
    const passed =
      Object.values(did).every(Boolean) &&
      wrongViews.length === 0 &&
      denials === 0 &&
      code === 0 &&
      createSeconds < MOST_SECONDS;
    return { passed, figures, summary: JSON.stringify(figures) };
  },
};
