// From an appliance's descriptions to its boot pack.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type ApplianceConfig,
  parseApplianceConfig,
  readApplianceConfig,
} from "./appliance-config.ts";
import { problemHere } from "./config-syntax.ts";
import { didYouMean, type Placed } from "./config-values.ts";
import { type GuestConfig, readGuestConfig, USUAL_WEIGHT } from "./guest-config.ts";
import { addGuest, type GuestImage } from "./guest-image.ts";
import { isKernel, unpackKernel } from "./kernel.ts";
import { layOutGuest } from "./loader.ts";
import { BootPack } from "./pack.ts";
import { summarizePack } from "./pack-summary.ts";
import type { Policy, PolicyMaker } from "./policy.ts";
import { Problem } from "./problem.ts";
import {
  inServiceOrder,
  type ServiceImages,
  type ServiceLines,
  ServicePlan,
  type Unpacked,
} from "./service-plan.ts";

const APPLIANCE_FILE = "appliance.cfg";
const MIB = 1024 * 1024;
const MOST_GUESTS = 63;
const MOST_VCPUS = 256;
const MOST_BANNER_BYTES = 4096;
const scheduleKinds = { weighted: 0, fixed: 1, pinned: 2 } as const;

/** An appliance as its files describe it, guests in boot order. */
export interface Appliance {
  readonly guests: readonly GuestConfig[];
  readonly config: ApplianceConfig;
}

/** What the builder is told beside the appliance. */
export interface BuildOptions {
  readonly policy: PolicyMaker;
  /** sha256 of core.wasm in hex, for the banner. */
  readonly coreHash: string;
  /** The image of a service, and what its domain is given; undefined: it was not built. */
  readonly serviceImage?: ServiceImages;
  /** Lines of configuration for services, beside what is generated (a toolstack's key). */
  readonly serviceLines?: ServiceLines;
  /** The machine stays on when no guest runs, as long as the toolstack does. */
  readonly staysOn?: boolean;
}

/** A file that went into the pack. */
export interface Ingredient {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface BuiltGuest {
  readonly domain: number;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
}

export interface BuiltAppliance {
  readonly pack: Uint8Array;
  readonly guests: readonly BuiltGuest[];
  readonly ingredients: readonly Ingredient[];
  /** What was rounded or ignored, as `file:line: text`. */
  readonly notes: readonly string[];
  /** MiB that a machine needs to boot the pack. */
  readonly machineMemoryMib: number;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function readBytes(path: Placed<string>, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path.value));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    const reason = code === "ENOENT" ? "there is no such file" : String(code);
    throw problemHere(path, `${what} ${path.value}: ${reason}`);
  }
}

/** Services first, in their own order; then the guests that `boot` names, then the others by
 *  name. */
function inBootOrder(all: readonly GuestConfig[], config: ApplianceConfig): GuestConfig[] {
  const first = inServiceOrder(all);
  return [
    ...first,
    ...inNamedOrder(
      all.filter(({ service }) => service === undefined),
      config,
    ),
  ];
}

function inNamedOrder(guests: readonly GuestConfig[], config: ApplianceConfig): GuestConfig[] {
  const byName = new Map(guests.map((guest) => [guest.name, guest]));
  const first = config.boot.map((entry) => findGuest(byName, entry));
  const twice = config.boot.find((entry, index) => first.indexOf(byName.get(entry.value)!) < index);
  if (twice !== undefined) throw problemHere(twice, `boot names "${twice.value}" twice`);
  return [...first, ...guests.filter((guest) => !first.includes(guest))];
}

function findGuest(byName: ReadonlyMap<string, GuestConfig>, name: Placed<string>): GuestConfig {
  const guest = byName.get(name.value);
  if (guest !== undefined) return guest;
  const hint = didYouMean(name.value, byName.keys());
  throw problemHere(name, `no guest is called "${name.value}"${hint}`);
}

function checkTogether(guests: readonly GuestConfig[], config: ApplianceConfig): void {
  const seen = new Map<string, string>();
  for (const { name, file } of guests) {
    const other = seen.get(name);
    if (other !== undefined) throw new Problem(`${file}: ${other} has the name "${name}" as well`);
    seen.set(name, file);
  }
  if (guests.length > MOST_GUESTS) throw new Problem(`more than ${MOST_GUESTS} guests`);
  const vcpus = guests.reduce((sum, guest) => sum + guest.vcpus, 0);
  const memory = guests.reduce((sum, guest) => sum + guest.mostMemoryMib, 0);
  const mostVcpus = Math.min(config.mostVcpus ?? MOST_VCPUS, MOST_VCPUS);
  if (vcpus > mostVcpus) {
    throw new Problem(`the guests have ${vcpus} vCPUs together; the limit is ${mostVcpus}`);
  }
  if (config.mostMemoryMib !== undefined && memory > config.mostMemoryMib) {
    const limit = `max_memory is ${config.mostMemoryMib}`;
    throw new Problem(`the guests may have ${memory} MiB together; ${limit}`);
  }
}

/** Reads a folder: each *.cfg is a guest, but for appliance.cfg. Throws a Problem. */
export function readAppliance(folder: string): Appliance {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new Problem(`${folder}: there is no such folder; give one that has guest files (*.cfg)`);
  }
  const names = readdirSync(folder).filter((name) => name.endsWith(".cfg"));
  const files = names.filter((name) => name !== APPLIANCE_FILE).sort();
  if (files.length === 0) throw new Problem(`${folder}: no guest file (*.cfg) is in it`);
  const config = readApplianceConfig(join(folder, APPLIANCE_FILE));
  const guests = files.map((name) => readGuestConfig(join(folder, name)));
  checkTogether(guests, config);
  return { guests: inBootOrder(guests, config), config };
}

/** A guest that the command line describes instead of a file. */
export interface SingleGuest {
  readonly kernel: string;
  readonly ramdisk: string | undefined;
  readonly commandLine: string;
  readonly memoryMib: number;
  readonly vcpus: number;
}

/** An appliance of one guest, called "guest". Memory is rounded up to 2 MiB. */
export function singleGuest(single: SingleGuest): Appliance {
  const option = (name: string, value: string): Placed<string> => {
    return { file: name, line: 0, column: 0, value };
  };
  const memoryMib = Math.ceil(single.memoryMib / 2) * 2;
  const guest: GuestConfig = {
    file: "command line",
    name: "guest",
    kernel: option("--kernel", single.kernel),
    ramdisk: single.ramdisk === undefined ? undefined : option("--ramdisk", single.ramdisk),
    commandLine: single.commandLine,
    memoryMib,
    mostMemoryMib: memoryMib,
    vcpus: single.vcpus,
    weight: USUAL_WEIGHT,
    label: undefined,
    alone: true,
    notes: [],
  };
  return { guests: [guest], config: parseApplianceConfig("", "command line") };
}

/** What a domain's image is made of. */
interface Source {
  readonly kernel: Uint8Array;
  readonly kernelName: string;
  readonly ramdisk: Uint8Array | undefined;
  readonly used: readonly (readonly [string, Uint8Array])[];
}

async function guestSource(config: GuestConfig): Promise<Source> {
  const path = config.kernel!;
  const file = readBytes(path, "kernel");
  const ramdisk = config.ramdisk && readBytes(config.ramdisk, "ramdisk");
  const used = [["kernel", file] as const, ...(ramdisk ? [["ramdisk", ramdisk] as const] : [])];
  const kernel = await unpackKernel(file, path.value);
  return { kernel, kernelName: path.value, ramdisk, used };
}

function serviceSource(config: GuestConfig, plan: ServicePlan): Source {
  const { image, module } = plan.imageOf(config);
  const used = [["image", image] as const, ["configuration", module] as const];
  return { kernel: image, kernelName: `${config.name} service`, ramdisk: module, used };
}

async function imageOf(
  config: GuestConfig,
  plan: ServicePlan,
  label: number,
  staysOn: boolean,
): Promise<{ image: GuestImage; ingredients: Ingredient[] }> {
  const service = config.service;
  const source = service === undefined ? await guestSource(config) : serviceSource(config, plan);
  const { kernel, kernelName, ramdisk, used } = source;
  const memoryBytes = plan.memoryMib(config) * MIB;
  const layout = layOutGuest({
    kernel,
    kernelName,
    ramdiskBytes: ramdisk?.length ?? 0,
    commandLine: config.commandLine,
    memoryBytes,
    vcpus: config.vcpus,
  });
  return {
    image: {
      name: config.name,
      label,
      vcpus: config.vcpus,
      weight: config.weight,
      xsave: config.xsave,
      mostMemoryBytes: Math.max(memoryBytes, config.mostMemoryMib * MIB),
      kernel,
      ramdisk,
      layout,
      kind: plan.kindOf(config),
      services: plan.services,
      ports: service?.ports,
      background: service !== undefined && !(staysOn && service.service === "toolstack"),
    },
    ingredients: used.map(([what, bytes]) => ({
      name: `${config.name} ${what}`,
      sha256: sha256(bytes),
      bytes: bytes.length,
    })),
  };
}

function addSchedule(pack: BootPack, { guests, config }: Appliance): void {
  pack.schedule(scheduleKinds[config.schedule], config.sliceMicroseconds * 1000);
  const byName = new Map(guests.map((guest) => [guest.name, guest]));
  for (const [index, slot] of config.slots.entries()) {
    const guest = slot.guest && findGuest(byName, slot.guest);
    const domain = guest === undefined ? 0 : guests.indexOf(guest) + 1;
    pack.scheduleSlot(domain, index, slot.microseconds * 1000);
  }
}

const SHORT_HASH_DIGITS = 8;

/** One line a hash. With too many guests for that, one line a guest, with the first digits of its
 *  images' hashes. */
function bannerOf(ingredients: readonly Ingredient[]): string {
  const line = ({ sha256: hash, name }: Ingredient): string => `xenolith: sha256 ${hash} ${name}\n`;
  const long = ingredients.map(line).join("");
  if (long.length <= MOST_BANNER_BYTES) return long;
  const [core, policy, ...images] = ingredients;
  const short = new Map<string, string>();
  for (const { name, sha256: hash } of images) {
    const guest = name.slice(0, name.lastIndexOf(" "));
    const digits = hash.slice(0, SHORT_HASH_DIGITS);
    short.set(guest, short.has(guest) ? `${short.get(guest)} ${digits}` : digits);
  }
  const guests = [...short].map(([name, hash]) => `xenolith: sha256 ${hash} ${name}\n`);
  return [line(core!), line(policy!), ...guests].join("");
}

/** Kernels among the builder's files: its store has the ELF file in each of them. */
async function builderContents(guests: readonly GuestConfig[]): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const { service } of guests) {
    for (const path of service?.service === "builder" ? service.files : []) {
      const bytes = readBytes(path, "file");
      if (isKernel(bytes)) contents.set(path.value, await unpackKernel(bytes, path.value));
    }
  }
  return contents;
}

/** The labels that the builder can give, the usual one first. */
function labelLines({ labels = [], usualLabel }: Policy): string {
  const line = (text: string): string => `label ${text} ${labels.indexOf(text)}\n`;
  const usual = usualLabel !== undefined && labels.includes(usualLabel) ? [usualLabel] : [];
  return [...usual, ...labels.filter((text) => text !== usualLabel)].map(line).join("");
}

/** Builds an appliance's boot pack. Throws a Problem for what its user can mend. */
export async function buildAppliance(
  appliance: Appliance,
  options: BuildOptions,
): Promise<BuiltAppliance> {
  const { guests, config } = appliance;
  const policy = options.policy(config.policy, guests);
  const contents = await builderContents(guests);
  const unpacked: Unpacked = ({ value }) => contents.get(value);
  const lines = { ...options.serviceLines, builder: labelLines(policy) };
  const plan = new ServicePlan(guests, readBytes, options.serviceImage, lines, unpacked);
  const pack = new BootPack();
  const ingredients: Ingredient[] = [
    { name: "core", sha256: options.coreHash, bytes: 0 },
    { name: "policy", sha256: sha256(policy.bytes), bytes: policy.bytes.length },
  ];
  for (const [index, guest] of guests.entries()) {
    const built = await imageOf(guest, plan, policy.labelOf(guest), options.staysOn === true);
    addGuest(pack, index + 1, built.image);
    if (guest.service !== undefined) plan.addProgram(index + 1, pack.program(index + 1));
    ingredients.push(...built.ingredients);
  }
  addSchedule(pack, appliance);
  for (const index of guests.keys()) pack.unpause(index + 1);
  const bytes = pack.write(policy.bytes, bannerOf(ingredients));
  return {
    pack: bytes,
    guests: guests.map((guest, index) => {
      const { name, vcpus } = guest;
      return { domain: index + 1, name, vcpus, memoryMib: plan.memoryMib(guest) };
    }),
    ingredients,
    notes: guests.flatMap((guest) => guest.notes),
    machineMemoryMib: summarizePack(bytes).machineMemoryMib,
  };
}
