// What the keeper is for, once for each service: true if all of it worked.

import { smallElf } from "../../loader/elf-builder.ts";
import { toolstackSystem } from "../toolstack/toolstack-system.ts";
import { usesDisk } from "./scenarios.ts";

const SERVICES = ["xenstore", "console", "builder", "toolstack", "network"] as const;
/** Longer than services are away that need each other. */
const WHILE = 2_000_000_000n;

/** Services that end come back, and a disk that the keeper holds can be used. */
export function keeps(policy: string): boolean {
  if (!usesDisk(policy, 1 << 20)) return false;
  const { system } = toolstackSystem({
    ...{ policy, console: true, network: true, keeper: true },
    builder: [smallElf()],
  });
  for (const name of SERVICES) system.domain(name).fault();
  system.advance(WHILE);
  return SERVICES.every((name) => system.domain(name).lives);
}
