// The typed hook table: for each operation of the core, who asks (source), what is asked of
// (target), and the class and permission that decide. Data for TypeScript; scripts/access.ts writes
// access.ts, the core's checks, from it, so that a check that is not here does not exist in the
// core.
//
// Classes and permissions are Xen's, in the order that fixes their bits
// (flask/policy/access_vectors, security_classes), plus one class of our own for what Xen never
// asks.

const CLASSES = {
  xen: [
    "settime",
    "tbufcontrol",
    "readconsole",
    "clearconsole",
    "perfcontrol",
    "mtrr_add",
    "mtrr_del",
    "mtrr_read",
    "microcode",
    "physinfo",
    "quirk",
    "writeconsole",
    "readapic",
    "writeapic",
    "kexec",
    "firmware",
    "sleep",
    "frequency",
    "getidle",
    "debug",
    "getcpuinfo",
    "heap",
    "pm_op",
    "mca_op",
    "lockprof",
    "cpupool_op",
    "hypfs_op",
    "getscheduler",
    "setscheduler",
  ],
  xen2: [
    "resource_op",
    "psr_cmt_op",
    "psr_alloc",
    "get_symbol",
    "pmu_ctrl",
    "pmu_use",
    "get_cpu_featureset",
    "livepatch_op",
    "coverage_op",
    "get_dom0_console",
  ],
  domain: [
    "setvcpucontext",
    "pause",
    "unpause",
    "resume",
    "create",
    "transition",
    "max_vcpus",
    "destroy",
    "setaffinity",
    "getaffinity",
    "getscheduler",
    "getdomaininfo",
    "getvcpuinfo",
    "getvcpucontext",
    "setdomainmaxmem",
    "setdomainhandle",
    "setdebugging",
    "hypercall",
    "settime",
    "set_target",
    "shutdown",
    "setaddrsize",
    "getaddrsize",
    "trigger",
    "getpodtarget",
    "setpodtarget",
    "set_misc_info",
    "set_virq_handler",
    "getpagingmempool",
    "setpagingmempool",
  ],
  domain2: [
    "relabelfrom",
    "relabelto",
    "relabelself",
    "make_priv_for",
    "set_as_target",
    "set_cpu_policy",
    "gettsc",
    "settsc",
    "setscheduler",
    "setclaim",
    "cacheflush",
    "create_hardware_domain",
    "set_vnumainfo",
    "get_vnumainfo",
    "psr_cmt_op",
    "vm_event",
    "soft_reset",
    "mem_access",
    "mem_paging",
    "mem_sharing",
    "psr_alloc",
    "resource_map",
    "get_cpu_policy",
    "vuart_op",
    "dt_overlay",
    "set_llc_colors",
    "get_domain_state",
  ],
  hvm: [
    "sethvmc",
    "gethvmc",
    "setparam",
    "getparam",
    "bind_irq",
    "hvmctl",
    "mem_sharing",
    "audit_p2m",
    "share_mem",
    "altp2mhvm",
    "altp2mhvm_op",
    "dm",
  ],
  mmu: [
    "map_read",
    "map_write",
    "pageinfo",
    "adjust",
    "stat",
    "updatemp",
    "physmap",
    "pinpage",
    "memorymap",
    "remote_remap",
    "mmuext_op",
    "exchange",
    "target_hack",
  ],
  resource: [
    "add",
    "remove",
    "use",
    "use_iommu",
    "use_iommu_nointremap",
    "use_noiommu",
    "add_irq",
    "remove_irq",
    "add_ioport",
    "remove_ioport",
    "add_iomem",
    "remove_iomem",
    "stat_device",
    "add_device",
    "remove_device",
    "plug",
    "unplug",
    "setup",
  ],
  shadow: ["disable", "enable", "logdirty"],
  event: ["bind", "send", "status", "create", "reset"],
  grant: ["map_read", "map_write", "unmap", "transfer", "setup", "copy", "query"],
  security: [
    "compute_av",
    "compute_create",
    "compute_member",
    "check_context",
    "load_policy",
    "compute_relabel",
    "setenforce",
    "setbool",
    "setsecparam",
    "add_ocontext",
    "del_ocontext",
  ],
  version: [
    "xen_extraversion",
    "xen_compile_info",
    "xen_capabilities",
    "xen_changeset",
    "xen_pagesize",
    "xen_guest_handle",
    "xen_commandline",
    "xen_build_id",
  ],
  argo: ["enable", "register_single_source", "register_any_source", "send"],
  xenolith: [
    "version",
    "schedule",
    "timer",
    "area",
    "port",
    "memory",
    "physdev",
    "shutdown",
    "create_domain",
    "populate",
    "reserve",
    "copy_in",
    "set_parameter",
    "set_console",
    "set_context",
    "unpause",
    "pause",
    "destroy",
    "get_info",
    "set_schedule",
    "load_policy",
    "relabel",
    "emergency_console",
    "assign_device",
    "set_channel",
    "set_grant",
  ],
} as const;

type Classes = typeof CLASSES;
export type ClassName = keyof Classes;
export type PermissionOf<C extends ClassName> = Classes[C][number];

/** Whose label stands on a side of the question. */
export type Party =
  /** The domain that makes the call. */
  | "caller"
  /** The domain that the call names. */
  | "domain"
  /** The caller as a target of its own: Xen's self_sid. */
  | "self"
  /** The label of the event channel in question. */
  | "channel"
  /** Xen's initial SID `xen`: the hypervisor itself. */
  | "xen"
  /** The label that a domain is about to get. */
  | "label";

export interface Hook {
  readonly name: string;
  readonly source: Party;
  readonly target: Party;
  readonly class: ClassName;
  readonly permissions: readonly string[];
}

/** One row. A permission that is not one of its class does not compile. */
function hook<C extends ClassName>(
  name: string,
  source: Party,
  target: Party,
  of: C,
  ...permissions: PermissionOf<C>[]
): Hook {
  return { name, source, target, class: of, permissions };
}

export const hooks: readonly Hook[] = [
  // xen_version: what every guest may know, and what Xen asks about.
  hook("version", "caller", "xen", "xenolith", "version"),
  hook("versionExtra", "caller", "xen", "version", "xen_extraversion"),
  hook("versionCompileInfo", "caller", "xen", "version", "xen_compile_info"),
  hook("versionCapabilities", "caller", "xen", "version", "xen_capabilities"),
  hook("versionChangeset", "caller", "xen", "version", "xen_changeset"),
  hook("versionPageSize", "caller", "xen", "version", "xen_pagesize"),
  hook("versionHandle", "caller", "xen", "version", "xen_guest_handle"),
  hook("versionCommandLine", "caller", "xen", "version", "xen_commandline"),
  hook("versionBuildId", "caller", "xen", "version", "xen_build_id"),
  // what a domain does to itself
  hook("schedule", "caller", "self", "xenolith", "schedule"),
  hook("timer", "caller", "self", "xenolith", "timer"),
  hook("area", "caller", "self", "xenolith", "area"),
  hook("port", "caller", "self", "xenolith", "port"),
  hook("memory", "caller", "self", "xenolith", "memory"),
  hook("physdev", "caller", "self", "xenolith", "physdev"),
  hook("shutdownSelf", "caller", "self", "xenolith", "shutdown"),
  hook("shutdownRemote", "caller", "domain", "domain", "shutdown"),
  hook("mapPage", "caller", "self", "mmu", "physmap"),
  hook("adjustMemory", "caller", "self", "mmu", "adjust"),
  hook("getParameter", "caller", "self", "hvm", "getparam"),
  hook("setParameter", "caller", "self", "hvm", "setparam"),
  hook("hvmControl", "caller", "self", "hvm", "hvmctl"),
  hook("consoleWrite", "caller", "xen", "xen", "writeconsole"),
  hook("consoleRead", "caller", "xen", "xen", "readconsole"),
  // event channels
  hook("eventCreate", "caller", "channel", "event", "create"),
  hook("eventBind", "channel", "domain", "event", "bind"),
  hook("eventSend", "caller", "channel", "event", "send"),
  hook("eventStatus", "caller", "channel", "event", "status"),
  hook("eventReset", "caller", "self", "event", "reset"),
  // grants
  hook("grantMapRead", "caller", "domain", "grant", "map_read"),
  hook("grantMapWrite", "caller", "domain", "grant", "map_read", "map_write"),
  hook("grantUnmap", "caller", "domain", "grant", "unmap"),
  hook("grantSetup", "caller", "self", "grant", "setup"),
  hook("grantQuery", "caller", "self", "grant", "query"),
  hook("grantCopy", "domain", "domain", "grant", "copy"),
  // privileged operations
  hook("createDomain", "caller", "label", "xenolith", "create_domain"),
  hook("populate", "caller", "domain", "xenolith", "populate"),
  hook("reserve", "caller", "domain", "xenolith", "reserve"),
  hook("copyIn", "caller", "domain", "xenolith", "copy_in"),
  hook("setDomainParameter", "caller", "domain", "xenolith", "set_parameter"),
  hook("setConsole", "caller", "domain", "xenolith", "set_console"),
  hook("setContext", "caller", "domain", "xenolith", "set_context"),
  hook("unpause", "caller", "domain", "xenolith", "unpause"),
  hook("pause", "caller", "domain", "xenolith", "pause"),
  hook("destroy", "caller", "domain", "xenolith", "destroy"),
  hook("setChannel", "caller", "domain", "xenolith", "set_channel"),
  hook("setGrant", "caller", "domain", "xenolith", "set_grant"),
  hook("assignDevice", "caller", "domain", "xenolith", "assign_device"),
  hook("getInfo", "caller", "domain", "xenolith", "get_info"),
  hook("setSchedule", "caller", "xen", "xenolith", "set_schedule"),
  hook("loadPolicy", "caller", "xen", "xenolith", "load_policy"),
];

/** Classes in the order that fixes their numbers (Xen's number less one). */
export const classNames = Object.keys(CLASSES) as readonly ClassName[];

/** Permissions of a class in the order that fixes their bits. */
export const permissionsOf = (of: ClassName): readonly string[] => CLASSES[of];

/** The access vector of a hook. */
export function accessVector(row: Hook): number {
  const bits = permissionsOf(row.class);
  return row.permissions.reduce((mask, name) => mask | (1 << bits.indexOf(name)), 0) >>> 0;
}
