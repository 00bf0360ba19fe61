/** Statements of SELinux's language that the hypervisor has no use for: each refused by name. */

import type { Keyword } from "./tokens.ts";

interface Refusal {
  readonly message: string;
  readonly hint: string;
}

const XPERM: Refusal = {
  message: "extended permissions (xperm rules) are not supported by the Xen hypervisor",
  hint: "they filter ioctl numbers; grant or deny the permission itself",
};

const NETWORK: Refusal = {
  message: "network contexts are not supported by the Xen hypervisor: it has no sockets",
  hint: "label devices with pirqcon, iomemcon, ioportcon, pcidevicecon or devicetreecon",
};

const FILES: Refusal = {
  message: "file system contexts are not supported by the Xen hypervisor: it has no files",
  hint: "remove the statement",
};

export const UNSUPPORTED: Readonly<Partial<Record<Keyword, Refusal>>> = {
  allowxperm: XPERM,
  auditallowxperm: XPERM,
  dontauditxperm: XPERM,
  neverallowxperm: XPERM,
  portcon: NETWORK,
  netifcon: NETWORK,
  nodecon: NETWORK,
  ibpkeycon: NETWORK,
  ibendportcon: NETWORK,
  genfscon: FILES,
  fscon: FILES,
  fs_use_xattr: FILES,
  fs_use_task: FILES,
  fs_use_trans: FILES,
  module: {
    message: "this is a loadable module; the hypervisor takes one base policy",
    hint: "give a base policy.conf, or a folder of modules",
  },
  neveraudit: {
    message: "neveraudit is not supported by the Xen hypervisor",
    hint: "use dontaudit",
  },
};
