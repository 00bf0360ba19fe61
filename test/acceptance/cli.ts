// Runs the project's own commands the way a user does, and keeps what they print.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program; `timeoutSeconds` ends it (its code is then -1). */
export function runProgram(
  command: string,
  parameters: readonly string[],
  timeoutSeconds: number,
  folder: string = root,
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      cwd: folder,
      // What is compared is text: a CI that asks for colour would put escapes into it.
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (part: Buffer) => {
      stdout += part.toString("latin1");
    });
    child.stderr.on("data", (part: Buffer) => {
      stderr += part.toString("latin1");
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutSeconds * 1000);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}

/** Runs `xenolith PARAMETERS`. */
export function xenolith(parameters: readonly string[], timeoutSeconds = 120): Promise<Ran> {
  return runProgram("bin/xenolith", parameters, timeoutSeconds);
}
