// [policy.enforced]: a policy that breaks a promise is not built, and one that is built is kept.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shippedPolicy } from "../../../bin/policy.ts";
import type { Check, Outcome } from "../check.ts";
import { xenolith } from "../cli.ts";
import { guest } from "../guests.ts";

const PREFIX = "system_u:system_r:";
const TICKS = 100;
const EPERM = -1;
const GRANT_DENIED = -8;

/** A way to break a promise of the shipped policy, and what the builder must show of it. */
interface Breach {
  readonly kind: string;
  readonly module: string;
  readonly assertions?: string;
  readonly shown: readonly RegExp[];
}

const breaches: readonly Breach[] = [
  {
    kind: "neverallow",
    module: "map_granted(block_driver_t, network_driver_t)\n",
    shown: [/goals\.te:\d+:\d+: broken: neverallow block_driver_t/, /in map_granted\(\) called at/],
  },
  {
    kind: "neverflow",
    module: [
      "new_domain(relay_t, service_type)",
      "run_itself(relay_t)",
      "map_granted(relay_t, guest_t)",
      "map_granted(relay_t, isolated_guest_t)\n",
    ].join("\n"),
    shown: [
      /goals\.assert:\d+:\d+: broken: neverflow guest_t -> isolated_guest_t/,
      /guest_t -> \S*relay_t -> \S*isolated_guest_t \(2 steps\)/,
      /local\.te:3:1/,
    ],
  },
  {
    kind: "neverboth",
    module: "new_guest(sensor_t)\nblock_client(sensor_t)\nnetwork_client(sensor_t)\n",
    assertions:
      "# No sensor has both a disk and a network.\n" +
      "neverboth sensor_t block_driver_t:grant copy and network_driver_t:grant copy;\n",
    shown: [/local\.assert:2:1: broken: neverboth sensor_t/, /block_client|network_client/],
  },
];

/** Writes an appliance's folder with a policy that extends the shipped one. */
async function writeAppliance(
  folder: string,
  policy: Readonly<Record<string, string>>,
  guests: readonly { name: string; image: string; label: string; command?: string }[],
): Promise<void> {
  const policyFolder = join(folder, "policy");
  mkdirSync(policyFolder, { recursive: true });
  writeFileSync(join(policyFolder, "extends"), `${shippedPolicy}\n`);
  for (const [name, text] of Object.entries(policy)) writeFileSync(join(policyFolder, name), text);
  const boot = guests.map(({ name }) => `"${name}"`).join(", ");
  writeFileSync(join(folder, "appliance.cfg"), `policy = "policy"\nboot = [ ${boot} ]\n`);
  for (const { name, image, label, command = "" } of guests) {
    const lines = [
      ...[`name = "${name}"`, 'type = "pvh"', `kernel = "${await guest(image)}"`, "memory = 16"],
      ...[`seclabel = "${PREFIX}${label}"`, `cmdline = "${command}"`],
    ];
    writeFileSync(join(folder, `${name}.cfg`), `${lines.join("\n")}\n`);
  }
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-enforced-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is wrong with how the builder takes a breach; empty if nothing is. */
function refused({ kind, module, assertions, shown }: Breach): Promise<string[]> {
  return inFolder(async (folder) => {
    const local: Record<string, string> = { "local.te": module };
    if (assertions !== undefined) local["local.assert"] = assertions;
    const guests = [{ name: "a", image: "heartbeat", label: "guest_t" }];
    await writeAppliance(folder, local, guests);
    const image = join(folder, "image.iso");
    const { code, stderr } = await xenolith(["build", folder, "-o", image]);
    return [
      ...(code === 1 ? [] : [`${kind}: exit ${code}`]),
      ...(existsSync(image) ? [`${kind}: an image was written`] : []),
      ...shown.filter((text) => !text.test(stderr)).map((text) => `${kind}: not shown: ${text}`),
    ];
  });
}

/** What the guest says of each request, and which labels its denial must name. */
const requests = [
  { name: "alloc_unbound", errno: EPERM, from: "bare_t_channel", to: "block_driver_t" },
  { name: "bind_interdomain", errno: EPERM, from: "bare_t_channel", to: "block_driver_t" },
  { name: "map_grant_ref", errno: GRANT_DENIED, from: "bare_t", to: "block_driver_t" },
  { name: "commandline", errno: EPERM, from: "bare_t", to: "xen_t" },
  { name: "pause", errno: EPERM, from: "bare_t", to: "block_driver_t" },
  { name: "destroy", errno: EPERM, from: "bare_t", to: "block_driver_t" },
];

interface MetalReport {
  readonly consoles: Readonly<Record<string, readonly string[]>>;
  readonly hypervisor: readonly string[];
  readonly guests: readonly { readonly name: string; readonly denials: number }[];
}

/** Three guests of one appliance: a block driver, a guest with a disk, and one without. */
function onMetal(): Promise<MetalReport> {
  return inFolder(async (folder) => {
    const bare = "# bare_t: a guest without a disk.\nnew_guest(bare_t)\n";
    await writeAppliance(folder, { "bare.te": bare }, [
      {
        name: "driver",
        image: "heartbeat",
        label: "block_driver_t",
        command: `period=10 count=${TICKS}`,
      },
      { name: "client", image: "denied", label: "guest_t", command: "peer=1" },
      { name: "bare", image: "denied", label: "bare_t", command: "peer=1" },
    ]);
    const { stdout } = await xenolith(["run", folder, "--timeout", "60", "--json"], 90);
    return JSON.parse(stdout) as MetalReport;
  });
}

/** What is wrong with what happened on metal; empty if nothing is. */
function objections({ consoles, hypervisor, guests }: MetalReport): string[] {
  const said = (name: string): readonly string[] => consoles[name] ?? [];
  const found = requests.flatMap(({ name, errno, from, to }) => {
    const isAnswered = said("bare").includes(`denied ${name} ${errno} unchanged`);
    const denial = new RegExp(`^avc: denied scontext=\\S*:${from} tcontext=\\S*:${to} class=\\d+`);
    return [
      ...(isAnswered ? [] : [`${name}: not answered with ${errno}, or something changed`]),
      ...(hypervisor.some((line) => denial.test(line))
        ? []
        : [`${name}: no denial on the console`]),
    ];
  });
  const ticks = said("driver").filter((line) => /^heartbeat (tick|late) \d+$/.test(line)).length;
  if (ticks !== TICKS) found.push(`the neighbour counted ${ticks} of ${TICKS} ticks`);
  const isAllowed = said("client").some((line) => line.startsWith("denied alloc_unbound 0 "));
  if (!isAllowed) found.push("the guest that may open a channel could not");
  const counted = guests.find(({ name }) => name === "bare")?.denials;
  if (counted !== requests.length) found.push(`${counted} denials counted, not ${requests.length}`);
  return found;
}

async function enforce(): Promise<Outcome> {
  const built: string[] = [];
  for (const breach of breaches) built.push(...(await refused(breach)));
  const report = await onMetal();
  const metal = objections(report);
  const denials = report.hypervisor.filter((line) => line.startsWith("avc: denied"));
  const figures = {
    refused_builds: breaches.map(({ kind }) => kind),
    build_objections: built,
    answers: report.consoles.bare ?? [],
    denials,
    metal_objections: metal,
  };
  const wrong = [...built, ...metal];
  const summary =
    wrong.length === 0
      ? `${breaches.length} broken policies not built; ${requests.length} requests denied on metal`
      : wrong.join("; ");
  return { passed: wrong.length === 0, figures, summary };
}

export const enforced: Check = {
  name: "policy.enforced",
  claim: "a broken promise stops the build and shows the path; a denial on metal names both labels",
  short: true,
  run: enforce,
};
