/** Policy capabilities by their numbers in the binary policy. */

import { didYouMean } from "./suggest.ts";

/** Index = number. The hypervisor reads the bitmap and heeds none of them. */
export const CAPABILITIES: readonly string[] = [
  "network_peer_controls",
  "open_perms",
  "extended_socket_class",
  "always_check_network",
  "cgroup_seclabel",
  "nnp_nosuid_transition",
  "genfs_seclabel_symlinks",
  "ioctl_skip_cloexec",
];

/** The number of a capability, in any letter case; -1 and a hint if there is none. */
export function capabilityNumber(name: string): { number: number; hint?: string | undefined } {
  const number = CAPABILITIES.indexOf(name.toLowerCase());
  return number === -1 ? { number, hint: didYouMean(name, CAPABILITIES) } : { number };
}
