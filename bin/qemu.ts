// Starts one image in QEMU with the recipe that every run of the project shares: AMD SVM in TCG,
// one serial port on this process's pipes, exit by the isa-debug-exit device.

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

export interface Machine {
  /** What is booted: the hypervisor and its boot pack by PVH, or a bootable ISO by GRUB. */
  readonly image: { readonly elf: string; readonly pack?: string } | { readonly iso: string };
  readonly memoryMib: number;
  readonly cpus?: number;
  /** For an ISO; UEFI needs Debian's package ovmf. */
  readonly firmware?: "bios" | "uefi";
  /** Virtual time is counted in instructions: every run gives the same bytes, at half the speed. */
  readonly icount?: boolean;
  /** Where a second serial port is to be reached: the path of a unix socket that QEMU makes. */
  readonly secondSerial?: string;
  /** Further parameters: devices that one kind of run needs. */
  readonly devices?: readonly string[];
  /** Overrides the CPU model, for tests of machines that Xenolith refuses. */
  readonly cpu?: string;
}

/** How QEMU ended. `halt` has the code given to machine.halt. */
export type Ending =
  | { readonly reason: "halt"; readonly code: number }
  | { readonly reason: "reset" }
  | { readonly reason: "timeout" }
  | { readonly reason: "failed"; readonly message: string };

export interface Running {
  /** Types text at the machine's serial port. */
  send(text: string): void;
  /** Kills the machine; `ended` then says "timeout". */
  kill(): void;
  readonly ended: Promise<Ending>;
}

export const QEMU = "qemu-system-x86_64";
const CPU = "max,+svm,-rdrand,-rdseed";
const DEBUG_EXIT_PORT = 0xf4;
const OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const OVMF_VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd";

function bootParameters(machine: Machine): string[] {
  if ("elf" in machine.image) {
    const { elf, pack } = machine.image;
    return ["-kernel", elf, ...(pack === undefined ? [] : ["-initrd", pack])];
  }
  const flash = [
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${OVMF_CODE}`],
    ...["-drive", `if=pflash,format=raw,unit=1,snapshot=on,file=${OVMF_VARIABLES}`],
  ];
  const cdrom = ["-cdrom", machine.image.iso, "-boot", "d", "-vga", "std"];
  return machine.firmware === "uefi" ? [...flash, ...cdrom] : cdrom;
}

/** QEMU's parameters for a machine. */
export function qemuParameters(machine: Machine): string[] {
  // Firmware need not look for disks where none is booted from.
  const board = "elf" in machine.image ? "q35,sata=off" : "q35";
  const { secondSerial } = machine;
  const second = [
    ...["-chardev", `socket,id=control,path=${secondSerial},server=on,wait=off`],
    ...["-serial", "chardev:control"],
  ];
  const deterministic = ["-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm"];
  return [
    ...["-nodefaults", "-no-user-config", "-machine", board, "-accel", "tcg"],
    ...["-cpu", machine.cpu ?? CPU, "-smp", String(machine.cpus ?? 1)],
    ...["-m", String(machine.memoryMib), "-display", "none", "-monitor", "none"],
    ...["-serial", "stdio", ...(secondSerial === undefined ? [] : second)],
    ...["-no-reboot", "-seed", "1"],
    ...(machine.devices ?? []),
    ...["-device", `isa-debug-exit,iobase=0x${DEBUG_EXIT_PORT.toString(16)},iosize=4`],
    ...(machine.icount === true ? deterministic : []),
    ...bootParameters(machine),
  ];
}

function ending(status: number | null, killed: boolean, message: string): Ending {
  if (killed) return { reason: "timeout" };
  if (status === 0) return { reason: "reset" };
  // The device ends QEMU with (code << 1) | 1; QEMU's own failures say why on standard error.
  if (status === null || status % 2 === 0 || message !== "") {
    return { reason: "failed", message: message || `${QEMU} ended with status ${status}` };
  }
  return { reason: "halt", code: status >> 1 };
}

/**
 * Both ends of a pipe. Node gives a child a socket instead, and a socket is full after some hundred
 * writes of one byte, which is how QEMU writes: then the time of the machine depends on the reader.
 */
function makePipe(): { readonly reader: number; readonly writer: number } {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-pipe-"));
  try {
    const path = join(folder, "serial");
    spawnSync("mkfifo", [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { reader, writer: openSync(path, constants.O_WRONLY) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts QEMU; `onOutput` gets what the serial port says, as it comes. */
export function startMachine(machine: Machine, onOutput: (text: string) => void): Running {
  const { reader, writer } = makePipe();
  const child = spawn(QEMU, qemuParameters(machine), {
    stdio: ["pipe", writer, "pipe"],
  }) as ChildProcessByStdio<Writable, null, Readable>;
  closeSync(writer);
  const output = new Socket({ fd: reader, readable: true, writable: false });
  const drained = new Promise((resolve) => output.once("close", resolve));
  let killed = false;
  let errors = "";
  output.setEncoding("latin1").on("data", onOutput);
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  // A machine that has just stopped no longer reads what is typed.
  child.stdin.on("error", () => {});
  const ended = new Promise<Ending>((resolve) => {
    child.on("error", (error) => {
      const remedy = "install it: sudo apt-get install qemu-system-x86";
      resolve({ reason: "failed", message: `cannot run ${QEMU}: ${error.message}; ${remedy}` });
    });
    child.on("close", async (status) => {
      await drained;
      resolve(ending(status, killed, errors.trim()));
    });
  });
  return {
    send: (text) => void child.stdin.write(text),
    kill: () => {
      killed = true;
      child.kill("SIGKILL");
    },
    ended,
  };
}
