// The numbers of Xen's public ABI (xen/include/public, 4.17) and of AMD's manual that the
// specification needs, written from those sources; nothing here is taken from the core.

// ---- errno-base of xen/include/public/errno.h, as results of hypercalls
// ----------------------------

export const EPERM = -1n;
export const ENOENT = -2n;
export const ESRCH = -3n;
export const ENXIO = -6n;
export const E2BIG = -7n;
export const ENOMEM = -12n;
export const EFAULT = -14n;
export const EBUSY = -16n;
export const EEXIST = -17n;
export const EINVAL = -22n;
export const ENOSPC = -28n;
export const ENOSYS = -38n;
export const ETIME = -62n;

/** Not a result that a guest sees: the call goes on at its next entry (least i64). */
export const RESUME = -0x8000000000000000n;

// ---- xen/include/public/xen.h -------------------------------------------------------------------

export const DOMID_SELF = 0x7ff0;

export const HYPERVISOR_memory_op = 12;
export const HYPERVISOR_multicall = 13;
export const HYPERVISOR_set_timer_op = 15;
export const HYPERVISOR_xen_version = 17;
export const HYPERVISOR_console_io = 18;
export const HYPERVISOR_grant_table_op = 20;
export const HYPERVISOR_vcpu_op = 24;
export const HYPERVISOR_sched_op = 29;
export const HYPERVISOR_event_channel_op = 32;
export const HYPERVISOR_physdev_op = 33;
export const HYPERVISOR_hvm_op = 34;

export const VIRQ_TIMER = 0;
export const VIRQ_DEBUG = 1;
/** NR_VIRQS. */
export const VIRQS = 24;

/** Offsets in struct shared_info and struct vcpu_info of 64-bit guests. */
export const SHARED_evtchn_pending = 2048;
export const SHARED_evtchn_mask = 2560;
export const VCPU_INFO_evtchn_pending_sel = 8;

// ---- xen/include/public/event_channel.h ---------------------------------------------------------

export const EVTCHNOP_bind_interdomain = 0;
export const EVTCHNOP_bind_virq = 1;
export const EVTCHNOP_close = 3;
export const EVTCHNOP_send = 4;
export const EVTCHNOP_status = 5;
export const EVTCHNOP_alloc_unbound = 6;
export const EVTCHNOP_bind_ipi = 7;
export const EVTCHNOP_bind_vcpu = 8;
export const EVTCHNOP_unmask = 9;
export const EVTCHNOP_reset = 10;

export const EVTCHNSTAT_closed = 0;
export const EVTCHNSTAT_unbound = 1;
export const EVTCHNSTAT_interdomain = 2;
export const EVTCHNSTAT_virq = 4;
export const EVTCHNSTAT_ipi = 5;
/** Our own: the hypervisor's console is the other end. Told to guests as interdomain. */
export const PORT_console = 6;

// ---- AMD64 Architecture Programmer's Manual, volume 2, appendix C and 15.20 ---------------------

export const VMEXIT_VMMCALL = 0x81;
/** EXITINTINFO and EVENTINJ: the event is valid. */
export const EVENT_VALID = 0x80000000;
export const CR0_PG = 0x80000000;
export const EFER_LMA = 0x400;
/** Attributes of CS as the VMCB packs them: bit 9 is L, 64-bit mode. */
export const CS_LONG = 0x200;
export const RDX = 2;
export const RBX = 3;
export const RCX = 1;
export const RSI = 6;
export const RDI = 7;

/** Page table entries (APM volume 2, 5.3). */
export const PAGE_PRESENT = 1;
export const PAGE_WRITABLE = 2;
export const PAGE_LARGE = 0x80;
export const PAGE_ADDRESS = 0x000ffffffffff000n;
export const PAGE_ADDRESS_2M = 0x000fffffffe00000n;
export const PAGE_ADDRESS_1G = 0x000fffffc0000000n;

/** No such address. */
export const NOWHERE = 0xffffffffffffffffn;
