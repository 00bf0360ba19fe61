// Runs a program and says what it cost: wall time, and for a command of ours its peak memory.

import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const XENOLITH = fileURLToPath(new URL("../../bin/xenolith", import.meta.url));

/** Writes the peak memory in KiB to descriptor 3 when the process ends. */
const REPORT =
  'import{writeSync}from"node:fs";' +
  'process.on("exit",()=>writeSync(3,process.resourceUsage().maxRSS+"\\n"));';

/** What a command says may be large. */
const OUTPUT_BYTES = 1 << 28;

export interface CommandCost {
  readonly code: number | null;
  readonly seconds: number;
  /** Peak memory; 0 where it was not measured. */
  readonly mebibytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

function timed(command: string, parameters: readonly string[], timeoutSeconds: number) {
  const begin = performance.now();
  const run = spawnSync(command, parameters, {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    timeout: timeoutSeconds * 1000,
    killSignal: "SIGKILL",
    maxBuffer: OUTPUT_BYTES,
    env: { ...process.env, NO_COLOR: "1" },
  });
  const seconds = (performance.now() - begin) / 1000;
  return {
    code: run.status,
    seconds,
    stdout: String(run.stdout ?? ""),
    stderr: String(run.stderr ?? ""),
    extra: String(run.output?.[3] ?? ""),
  };
}

/** A program as its user starts it. */
export function costOfProgram(
  command: string,
  parameters: readonly string[],
  timeoutSeconds = 600,
): CommandCost {
  const { extra: _, ...cost } = timed(command, parameters, timeoutSeconds);
  return { ...cost, mebibytes: 0 };
}

/** `xenolith PARAMETERS`, start of the process included. */
export function costOfXenolith(parameters: readonly string[], timeoutSeconds = 600): CommandCost {
  const report = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const words = ["--import", report, XENOLITH, ...parameters];
  const { extra, ...cost } = timed(process.execPath, words, timeoutSeconds);
  const kibibytes = Math.max(0, ...extra.trim().split("\n").map(Number));
  return { ...cost, mebibytes: Math.ceil(kibibytes / 1024) };
}
