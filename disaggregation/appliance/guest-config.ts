// A guest file (NAME.cfg) in the syntax and with the keys of xl.cfg(5), checked.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Place, parseConfig, problemHere, type Settings } from "./config-syntax.ts";
import { didYouMean, type Placed, text, wholeNumber } from "./config-values.ts";
import { type Devices, readDevices } from "./devices.ts";
import { type GuestEnds, readEnds } from "./guest-ends.ts";
import { Problem } from "./problem.ts";
import { readServiceConfig, type ServiceConfig } from "./service-config.ts";
import { supported, unsupported } from "./xl-keys.ts";

/** MiB of a superframe: what memory is handed out in. */
const SUPERFRAME_MIB = 2;
/** Memory ends at 16 GiB of guest-physical addresses, less the 256 MiB below 4 GiB. */
const MOST_MEMORY_MIB = 16128;
const MOST_VCPUS = 32;
const MOST_WEIGHT = 65535;
/** What xl gives a guest that says nothing. */
export const USUAL_WEIGHT = 256;
const MOST_COMMAND_LINE_BYTES = 2047;
/** A name's bytes in the boot pack, less the NUL. */
const MOST_NAME_BYTES = 23;

/** One guest, as its file describes it. */
export interface GuestConfig {
  /** The file, as errors name it. */
  readonly file: string;
  readonly name: string;
  /** Absolute paths; a service's kernel is the project's own. */
  readonly kernel: Placed<string> | undefined;
  readonly ramdisk: Placed<string> | undefined;
  readonly commandLine: string;
  /** Multiples of 2 MiB. */
  readonly memoryMib: number;
  readonly mostMemoryMib: number;
  readonly vcpus: number;
  readonly weight: number;
  /** It is told of XSAVE and AVX. */
  readonly xsave?: boolean;
  readonly label: Placed<string> | undefined;
  /** It is the only guest of its machine: without a label it may do anything to itself. */
  readonly alone?: boolean;
  /** It is a service of the project's own. */
  readonly service?: ServiceConfig;
  readonly devices?: Devices;
  /** What follows when it ends; a service has nothing of the kind. */
  readonly ends?: GuestEnds;
  /** What was changed or ignored, for the builder to print. */
  readonly notes: readonly string[];
}

const noteAt = (place: Place, note: string): string => `${place.file}:${place.line}: ${note}`;

function checkKeys(settings: Settings): void {
  for (const setting of settings.values()) {
    if (supported.has(setting.name)) continue;
    if (unsupported.has(setting.name)) {
      throw problemHere(setting, `${setting.name} is not supported yet; take the line out`);
    }
    const hint = didYouMean(setting.name, [...supported, ...unsupported]);
    throw problemHere(setting, `unknown key "${setting.name}"${hint}`);
  }
}

function required<T>(found: Placed<T> | undefined, name: string, file: string): Placed<T> {
  if (found !== undefined) return found;
  throw new Problem(`${file}: ${name} is missing`);
}

function checkType(settings: Settings, file: string): void {
  const type = required(text(settings, "type"), 'type (it must be "pvh")', file);
  if (type.value === "pvh") return;
  const why = "Xenolith runs PVH guests alone";
  throw problemHere(type, `type must be "pvh", not "${type.value}": ${why}`);
}

/** The hypervisor's own lines on the console start with this name. */
const OWN_NAME = "xenolith";

function readName(settings: Settings, file: string): string {
  const name = required(text(settings, "name"), "name", file);
  if (name.value === OWN_NAME) {
    throw problemHere(name, `"${OWN_NAME}" is the hypervisor's own name on the console`);
  }
  if (/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name.value) && name.value.length <= MOST_NAME_BYTES) {
    return name.value;
  }
  const rule = `a name is 1 to ${MOST_NAME_BYTES} letters, digits or . _ + -`;
  throw problemHere(name, `${rule}, not "${name.value}"`);
}

/** `cmdline` alone, or `root` and `extra` put together as xl does. */
function readCommandLine(settings: Settings, notes: string[]): string {
  const whole = text(settings, "cmdline");
  const root = text(settings, "root");
  const extra = text(settings, "extra");
  const parts = [root && `root=${root.value}`, extra?.value].filter((part) => part !== undefined);
  if (whole !== undefined && parts.length > 0) {
    notes.push(noteAt(whole, "root and extra are ignored, because cmdline is there"));
  }
  const line = whole?.value ?? parts.join(" ");
  const place = whole ?? extra ?? root;
  if (place === undefined) return line;
  if (!/^[\x20-\x7e]*$/.test(line)) {
    throw problemHere(place, "a command line is printable ASCII");
  }
  if (line.length <= MOST_COMMAND_LINE_BYTES) return line;
  const limit = `a command line has at most ${MOST_COMMAND_LINE_BYTES} bytes`;
  throw problemHere(place, `${limit}, not ${line.length}`);
}

function readMemory(settings: Settings, file: string, notes: string[]): [number, number] {
  const least = SUPERFRAME_MIB;
  const memory = required(
    wholeNumber(settings, "memory", least, MOST_MEMORY_MIB),
    "memory (MiB)",
    file,
  );
  const most = wholeNumber(settings, "maxmem", least, MOST_MEMORY_MIB);
  const now = superframes(memory, "memory", notes);
  if (most === undefined) return [now, now];
  if (most.value < memory.value) throw problemHere(most, "maxmem is less than memory");
  return [now, superframes(most, "maxmem", notes)];
}

function superframes(mib: Placed<number>, name: string, notes: string[]): number {
  const rounded = Math.ceil(mib.value / SUPERFRAME_MIB) * SUPERFRAME_MIB;
  if (rounded !== mib.value) {
    notes.push(noteAt(mib, `${name} rounded up from ${mib.value} to ${rounded} MiB`));
  }
  return rounded;
}

function readVcpus(settings: Settings): number {
  const most = wholeNumber(settings, "maxvcpus", 1, MOST_VCPUS);
  const vcpus = wholeNumber(settings, "vcpus", 1, MOST_VCPUS);
  const count = vcpus?.value ?? most?.value ?? 1;
  if (most === undefined || most.value === count) return count;
  if (most.value < count) throw problemHere(most, "maxvcpus is less than vcpus");
  throw problemHere(most, "more maxvcpus than vcpus (vCPU hotplug) is not supported yet");
}

/** `cpuid="host,xsave=1,avx=1"`: the one thing that a guest has only when it asks. */
function readXsave(settings: Settings): boolean {
  const cpuid = text(settings, "cpuid");
  if (cpuid === undefined) return false;
  const [base, ...features] = cpuid.value.split(",").map((part) => part.trim());
  const wanted = features.map((feature) => /^(xsave|avx)=([01])$/.exec(feature));
  if (base !== "host" || wanted.includes(null)) {
    throw problemHere(
      cpuid,
      'cpuid is "host", or "host,xsave=1,avx=1": no other feature is offered',
    );
  }
  const values = new Set(wanted.map((found) => found?.[2]));
  if (values.size < 2) return values.has("1");
  throw problemHere(cpuid, "xsave and avx are switched on together or not at all");
}

function fileSetting(settings: Settings, name: string, file: string): Placed<string> | undefined {
  const found = text(settings, name);
  if (found === undefined) return undefined;
  if (found.value === "") throw problemHere(found, `${name} is empty`);
  return { ...found, value: resolve(dirname(file), found.value) };
}

/** A service: its memory is what it was made for, where its file does not say more. */
function parseService(settings: Settings, file: string): GuestConfig {
  const notes: string[] = [];
  const service = readServiceConfig(settings, file);
  const memory = wholeNumber(settings, "memory", SUPERFRAME_MIB, MOST_MEMORY_MIB);
  const memoryMib = memory === undefined ? 0 : superframes(memory, "memory", notes);
  return {
    file,
    name: readName(settings, file),
    kernel: undefined,
    ramdisk: undefined,
    commandLine: "",
    memoryMib,
    mostMemoryMib: memoryMib,
    vcpus: 1,
    weight: wholeNumber(settings, "cpu_weight", 1, MOST_WEIGHT)?.value ?? USUAL_WEIGHT,
    label: text(settings, "seclabel"),
    service,
    notes,
  };
}

/** Reads the text of a guest file; paths in it are relative to the file. Throws a Problem. */
export function parseGuestConfig(source: string, file: string): GuestConfig {
  const settings = parseConfig(source, file);
  if (text(settings, "type")?.value === "service") return parseService(settings, file);
  checkKeys(settings);
  checkType(settings, file);
  const notes: string[] = [];
  const [memoryMib, mostMemoryMib] = readMemory(settings, file, notes);
  const name = readName(settings, file);
  return {
    file,
    name,
    kernel: required(fileSetting(settings, "kernel", file), "kernel", file),
    ramdisk: fileSetting(settings, "ramdisk", file),
    commandLine: readCommandLine(settings, notes),
    memoryMib,
    mostMemoryMib,
    vcpus: readVcpus(settings),
    weight: wholeNumber(settings, "cpu_weight", 1, MOST_WEIGHT)?.value ?? USUAL_WEIGHT,
    xsave: readXsave(settings),
    devices: readDevices(settings, name, file),
    ends: readEnds(settings),
    label: text(settings, "seclabel"),
    notes,
  };
}

/** Reads a guest file. Throws a Problem. */
export function readGuestConfig(file: string): GuestConfig {
  return parseGuestConfig(readFileSync(file, "utf8"), file);
}
