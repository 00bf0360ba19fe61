// [services.restart]: each service is ended ten times under load, by `destroy` and by writes through a
// wild pointer of its own, and hangs now and then: guests go on, what they wrote is there.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildOptions } from "../../../bin/artefacts.ts";
import { buildAppliance, readAppliance } from "../../../disaggregation/appliance/image.ts";
import type { ServiceImages } from "../../../disaggregation/appliance/service-plan.ts";
import { runBuilt } from "../../../scripts/bench/services/xenolith.ts";
import { makeDebianGuests } from "../../../scripts/debian.ts";
import { servicePath, services } from "../../../scripts/service-table.ts";
import { linkService } from "../../../scripts/services.ts";
import { LinuxFiles } from "../../disaggregation/domains/metal/linux.ts";
import type { Check } from "../check.ts";
import { LiveSystem } from "./live-system.ts";
import { writeLoad } from "./restart-load.ts";

/** Services that are ended, in the order of their domains' numbers; the keeper is behind them. */
const ENDED = ["xenstore", "console", "block", "network", "builder", "toolstack"];
const SERVICES = [...ENDED, "keeper"];
const DEATHS = 10;
const PATIENCE = 120;
const SECONDS = 1800;
/** Seconds after its start at which a service's defect shows; and that of the watchdog's run. */
const WILD_SECONDS = 4;
const HANG_SECONDS = 8;

const numberOf = (service: string): number => SERVICES.indexOf(service) + 1;
const returnsIn = (said: string, service: string): number =>
  said.match(new RegExp(`domain ${numberOf(service)} runs again`, "g"))?.length ?? 0;
const badRounds = (said: string): number => said.match(/worker: round \d+ .*bad/g)?.length ?? 0;
const roundsIn = (said: string): number => said.match(/worker: round \d+/g)?.length ?? 0;
const denialsIn = (said: string): number => said.match(/avc: denied/g)?.length ?? 0;

interface Run {
  readonly returns: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly bad: number;
  readonly ended: boolean;
  readonly denials: number;
}

function judge(said: string, ended: boolean): Run {
  return {
    returns: Object.fromEntries(ENDED.map((name) => [name, returnsIn(said, name)])),
    rounds: roundsIn(said),
    bad: badRounds(said),
    ended,
    denials: denialsIn(said),
  };
}

/** `destroy`, service by service; the toolstack has no answer left to give. */
async function destroyAll(system: LiveSystem): Promise<boolean> {
  for (const name of ENDED) {
    const before = returnsIn(system.said, name);
    const asked = system.command("destroy", name);
    const back = (): boolean => returnsIn(system.said, name) > before;
    if (!(await system.until(back, PATIENCE))) return false;
    if (name !== "toolstack") await asked;
  }
  return true;
}

async function destroyed(folder: string, create: string): Promise<Run & { creates: boolean }> {
  const system = new LiveSystem(folder, SECONDS);
  let works = await system.until(() => roundsIn(system.said) >= 2, PATIENCE);
  for (let death = 0; works && death < DEATHS; death++) works = await destroyAll(system);
  const creates = works && (await system.command("create", create)).code === 0;
  const before = roundsIn(system.said);
  const goesOn = await system.until(() => roundsIn(system.said) > before + 2, PATIENCE);
  await system.command("poweroff");
  await system.end(60);
  return { ...judge(system.said, goesOn), creates };
}

/** Images whose defect shows a while after each start, at another time for each service. */
function defective(folder: string, seconds: number, flags: readonly string[]): ServiceImages {
  const usual = buildOptions().serviceImage!;
  const made = new Map<string, Uint8Array>();
  for (const [index, name] of ENDED.entries()) {
    const service = services.find((one) => one.name === name)!;
    const elf = join(folder, `${name}.elf`);
    const after = Math.round((seconds + index * 0.7) * 1e9);
    const defect = [`-DDEFECT_AFTER=${after}ul`, ...flags];
    linkService(service, servicePath(name, "wasm"), elf, join(folder, `objects-${name}`), defect);
    made.set(name, new Uint8Array(readFileSync(elf)));
  }
  return (name) => {
    const built = usual(name);
    return built && { ...built, image: made.get(name) ?? built.image };
  };
}

async function withDefects(folder: string, seconds: number, flags: string[]): Promise<Run> {
  const place = mkdtempSync(join(tmpdir(), "xenolith-defects-"));
  try {
    const images = defective(place, seconds, flags);
    const options = { ...buildOptions(), serviceImage: images };
    const built = await buildAppliance(readAppliance(folder), options);
    const { ending, lines, hypervisor } = await runBuilt(built, place, false, SECONDS);
    const said = [...lines.map(({ guest, text }) => `${guest}: ${text}`), ...hypervisor].join("\n");
    return judge(said, ending.reason === "halt");
  } finally {
    rmSync(place, { recursive: true });
  }
}

const holds = ({ returns, bad, ended, denials }: Run, deaths: number): boolean =>
  Object.values(returns).every((count) => count >= deaths) && bad === 0 && ended && denials === 0;

export const restart: Check = {
  name: "services.restart",
  claim:
    "each service is ended ten times by destroy and by wild writes, and hangs; guests go on, and " +
    "nothing that was flushed is lost",
  short: false,
  async run() {
    makeDebianGuests();
    const folder = mkdtempSync(join(tmpdir(), "xenolith-restart-"));
    try {
      const load = writeLoad(folder, SERVICES, new LinuxFiles());
      const byDestroy = await destroyed(load.endless, load.create);
      const byWildWrites = await withDefects(load.ending, WILD_SECONDS, []);
      const byHanging = await withDefects(load.short, HANG_SECONDS, ["-DDEFECT_HANGS"]);
      const figures = { byDestroy, byWildWrites, byHanging };
      const passed =
        holds(byDestroy, DEATHS) &&
        byDestroy.creates &&
        holds(byWildWrites, DEATHS) &&
        holds(byHanging, 1);
      return { passed, figures, summary: JSON.stringify(figures) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
