// `xenolith fuzz metal`: programs by chance, carried out by guests under the real xenolith.elf in
// QEMU, and compared with the simulated machine running the same programs on core.wasm.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { EXIT_FINDING, readCore, root, usualWasm, wholeNumber } from "../fuzz/commands/common.ts";
import { compare, type Disagreement, disagreementText } from "../fuzz/metal/compare.ts";
import { guestCode, metalPack } from "../fuzz/metal/image.ts";
import { encodeRecords } from "../fuzz/metal/record.ts";
import { makeSession, type Session } from "../fuzz/metal/session.ts";
import type { Program } from "../fuzz/program/program.ts";
import { smallerPrograms } from "../fuzz/program/shrink.ts";
import { QEMU, startMachine } from "./qemu.ts";
import { EXIT_USAGE } from "./status.ts";

const MEMORY_MIB = 128;
/** The machine is given up when its guests have said nothing for so long: taking a domain apart is
 *  tens of thousands of exits, on a machine that may have others to serve. */
const SILENCE_MILLISECONDS = 600_000;
/** Boots that are spent on making a finding small. */
const BOOTS_MAX = 40;

/** The core twice: what is simulated, and what is booted. */
export interface Pair {
  readonly core: Uint8Array<ArrayBuffer>;
  readonly elf: string;
}

export interface Metal extends Pair {
  readonly pack: Uint8Array;
}

/** Builds the guests and their boot pack. Throws Error with gcc's words. */
export function makeMetal(pair: Pair): Metal {
  return { ...pair, pack: metalPack(guestCode()) };
}

/** Runs a session in QEMU; gives what its guests said. Throws Error when QEMU cannot be run. */
async function runSession({ elf, pack }: Metal, session: Session): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-metal-"));
  const [records, packed, said] = ["records", "pack", "said"].map((name) => join(folder, name));
  writeFileSync(records!, encodeRecords(session.steps.map(({ record }) => record)));
  writeFileSync(packed!, pack);
  writeFileSync(said!, "");
  const devices = [
    ...["-chardev", "null,id=turn", "-serial", "chardev:turn"],
    ...["-chardev", `file,id=said,path=${said}`],
    ...["-device", "isa-debugcon,iobase=0x420,chardev=said"],
    ...["-fw_cfg", `name=opt/xenolith/program,file=${records}`],
  ];
  const image = { elf, pack: packed! };
  const machine = startMachine({ image, memoryMib: MEMORY_MIB, devices }, () => {});
  let length = -1;
  const watch = setInterval(() => {
    const now = readFileSync(said!).length;
    if (now === length) machine.kill();
    length = now;
  }, SILENCE_MILLISECONDS);
  try {
    const ending = await machine.ended;
    if (ending.reason === "failed") throw new Error(ending.message);
    return new Uint8Array(readFileSync(said!));
  } finally {
    clearInterval(watch);
    rmSync(folder, { recursive: true });
  }
}

/** Programs that are given, on a machine that has just booted. */
export async function disagreementOf(
  metal: Metal,
  programs: readonly Program[],
): Promise<{ readonly session: Session; readonly found: Disagreement | undefined }> {
  const session = makeSession(metal.core, metal.pack, { seed: 0, count: 0, programs });
  return { session, found: compare(session, await runSession(metal, session)) };
}

/** Makes a finding small, if its program alone comes to it; else it stays with its session. */
async function smallest(metal: Metal, session: Session, found: Disagreement): Promise<string> {
  const program = session.programs[found.program];
  if (program === undefined) return disagreementText(session, found);
  let best = await disagreementOf(metal, [program]);
  if (best.found === undefined) {
    return `(after the programs before it) ${disagreementText(session, found)}`;
  }
  let boots = 1;
  for (let goesOn = true; goesOn && boots < BOOTS_MAX; ) {
    goesOn = false;
    for (const smaller of smallerPrograms(best.session.programs[0]!)) {
      if (boots++ >= BOOTS_MAX) break;
      const next = await disagreementOf(metal, [smaller]);
      if (next.found === undefined) continue;
      best = next;
      goesOn = true;
      break;
    }
  }
  return disagreementText(best.session, best.found!);
}

export interface MetalFigures {
  readonly sessions: number;
  readonly programs: number;
  readonly calls: number;
  readonly seconds: number;
  /** What was found, for people. */
  readonly finding?: string;
}

/** Sessions until the time is over or the metal disagrees. */
export async function metalCampaign(
  metal: Metal,
  {
    seconds,
    seed,
    programs: count,
    tell,
  }: {
    readonly seconds: number;
    readonly seed: number;
    /** Programs of a session. */
    readonly programs: number;
    readonly tell: (figures: MetalFigures) => void;
  },
): Promise<MetalFigures> {
  const began = Date.now();
  let figures: MetalFigures = { sessions: 0, programs: 0, calls: 0, seconds: 0 };
  while (figures.seconds < seconds) {
    const session = makeSession(metal.core, metal.pack, { seed: seed + figures.sessions, count });
    const found = compare(session, await runSession(metal, session));
    const calls = session.steps.filter(({ record }) => record.kind === "call").length;
    figures = {
      sessions: figures.sessions + 1,
      programs: figures.programs + session.programs.length,
      calls: figures.calls + calls,
      seconds: (Date.now() - began) / 1000,
    };
    if (found !== undefined) return { ...figures, finding: await smallest(metal, session, found) };
    tell(figures);
  }
  return figures;
}

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly programs: number;
  readonly wasm: string;
  readonly elf: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  xenolith fuzz metal --seconds 1800
  xenolith fuzz metal --elf my-xenolith.elf --seed 7

Residents of a small system carry programs out under Xenolith in QEMU; each answer, and after some
programs all of their memory, is compared with the simulated machine on the same core. Exit codes:
0 they agree, 1 they do not, 2 wrong usage`;

async function run(command: Command, options: Options): Promise<void> {
  const core = readCore(command, options.wasm);
  if (!existsSync(options.elf)) {
    command.error(`fuzz: no image at ${options.elf}; run "npm run build"`, {
      exitCode: EXIT_USAGE,
    });
  }
  const tell = ({ sessions, programs, calls, seconds }: MetalFigures): void => {
    const line = `${sessions} sessions, ${programs} programs, ${calls} calls`;
    process.stderr.write(`fuzz: ${line} in ${Math.round(seconds)} s, and they agree\n`);
  };
  const metal = makeMetal({ core, elf: options.elf });
  const figures = await metalCampaign(metal, { ...options, tell }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    return command.error(`fuzz: cannot run the metal: ${why}`, { exitCode: EXIT_FINDING });
  });
  if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else process.stdout.write(figures.finding ?? `no disagreement in ${figures.calls} calls\n`);
  if (figures.finding !== undefined) process.exitCode = EXIT_FINDING;
}

export function metalCommand(): Command {
  const command = new Command("metal")
    .description(`compare the image, run in ${QEMU}, with the simulated machine`)
    .option("--seconds <n>", "how long", wholeNumber, 60)
    .option("--seed <n>", "the same seed, the same programs", wholeNumber, 1)
    .option("--programs <n>", "programs between two boots", wholeNumber, 300)
    .option("--wasm <file>", "the core that is simulated", usualWasm)
    .option("--elf <file>", "the image that is booted", join(root, "build/xenolith.elf"))
    .option("--json", "figures as JSON", false)
    .addHelpText("after", EXAMPLES);
  return command.action((options: Options) => run(command, options));
}
