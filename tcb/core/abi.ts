// Xen's public ABI, as far as the core speaks it (xen/include/public, 4.17). Values only.

/** Errors, as a guest sees them: negative, sign-extended to 64 bits. */
export const EPERM: i64 = -1;
export const ENOENT: i64 = -2;
export const ESRCH: i64 = -3;
export const E2BIG: i64 = -7;
export const ENOMEM: i64 = -12;
export const EFAULT: i64 = -14;
export const EBUSY: i64 = -16;
export const EEXIST: i64 = -17;
export const EINVAL: i64 = -22;
export const ENOSPC: i64 = -28;
export const ENOSYS: i64 = -38;
export const ENXIO: i64 = -6;
export const EAGAIN: i64 = -11;
export const ETIME: i64 = -62;

/** Not an errno: the call is not done, its arguments say what is left, and its instruction
 *  stays. */
export const RESUME: i64 = i64.MIN_VALUE;

export const DOMID_SELF: u32 = 0x7ff0;

/** Hypercall numbers. */
export const HYPERCALL_MEMORY: u64 = 12;
export const HYPERCALL_MULTICALL: u64 = 13;
export const HYPERCALL_SET_TIMER: u64 = 15;
export const HYPERCALL_VERSION: u64 = 17;
export const HYPERCALL_CONSOLE: u64 = 18;
export const HYPERCALL_GRANT_TABLE: u64 = 20;
export const HYPERCALL_VCPU: u64 = 24;
export const HYPERCALL_SCHED: u64 = 29;
export const HYPERCALL_EVENT_CHANNEL: u64 = 32;
export const HYPERCALL_PHYSDEV: u64 = 33;
export const HYPERCALL_HVM: u64 = 34;
/** Ours: privileged operations (control.ts). Xen leaves 56 to 63 unused. */
export const HYPERCALL_CONTROL: u64 = 60;

/** Event channel sub-operations. */
export const EVTCHN_BIND_INTERDOMAIN: u64 = 0;
export const EVTCHN_BIND_VIRQ: u64 = 1;
export const EVTCHN_CLOSE: u64 = 3;
export const EVTCHN_SEND: u64 = 4;
export const EVTCHN_STATUS: u64 = 5;
export const EVTCHN_ALLOC_UNBOUND: u64 = 6;
export const EVTCHN_BIND_IPI: u64 = 7;
export const EVTCHN_BIND_VCPU: u64 = 8;
export const EVTCHN_UNMASK: u64 = 9;
export const EVTCHN_RESET: u64 = 10;

/** Port states, as EVTCHNOP_status reports them; 6 is ours and reports as interdomain. */
export const PORT_CLOSED: u32 = 0;
export const PORT_UNBOUND: u32 = 1;
export const PORT_INTERDOMAIN: u32 = 2;
export const PORT_VIRQ: u32 = 4;
export const PORT_IPI: u32 = 5;
/** The other end is the core's console. */
export const PORT_CONSOLE: u32 = 6;

export const VIRQ_TIMER: u32 = 0;
export const VIRQ_DEBUG: u32 = 1;

/** shared_info and vcpu_info, 64-bit layout. */
export const SHARED_PENDING: u64 = 2048;
export const SHARED_MASK: u64 = 2560;
export const SHARED_WALLCLOCK: u64 = 3072;
export const VCPU_INFO_BYTES: u64 = 64;
export const VCPU_INFO_SELECTOR: u64 = 8;
export const VCPU_INFO_TIME: u64 = 32;

/** Reasons of a shutdown. */
export const SHUTDOWN_POWEROFF: u32 = 0;
export const SHUTDOWN_REBOOT: u32 = 1;
export const SHUTDOWN_CRASH: u32 = 3;

export const PARAMETER_CALLBACK: u32 = 0;
export const PARAMETER_CONSOLE_PFN: u32 = 17;
export const PARAMETER_CONSOLE_PORT: u32 = 18;
export const PARAMETERS: u32 = 39;

/** Version 4.17, and the features of a PVH guest (features.h). */
export const XEN_VERSION: i64 = 0x00040011;
export const FEATURES: u32 = 0x00012305;
