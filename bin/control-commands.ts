// The commands that govern a running system, each loaded when it is asked for.

import type { Command } from "commander";

type Loader = () => Promise<Command>;

export const controlLoaders: Readonly<Record<string, Loader>> = {
  create: async () => (await import("./control-create.ts")).createCommand(),
  info: async () => (await import("./control-list.ts")).infoCommand(),
  top: async () => (await import("./control-list.ts")).topCommand(),
  pause: async () => (await import("./control-life.ts")).pauseCommand(),
  unpause: async () => (await import("./control-life.ts")).unpauseCommand(),
  reboot: async () => (await import("./control-life.ts")).rebootCommand(),
  shutdown: async () => (await import("./control-life.ts")).shutdownCommand(),
  destroy: async () => (await import("./control-life.ts")).destroyCommand(),
  poweroff: async () => (await import("./control-life.ts")).poweroffCommand(),
  dmesg: async () => (await import("./control-list.ts")).dmesgCommand(),
  domid: async () => (await import("./control-list.ts")).domidCommand(),
  uptime: async () => (await import("./control-list.ts")).uptimeCommand(),
  "vcpu-list": async () => (await import("./control-list.ts")).vcpuListCommand(),
  sched: async () => (await import("./control-list.ts")).schedCommand(),
  "xenstore-ls": async () => (await import("./control-store.ts")).xenstoreLsCommand(),
};
