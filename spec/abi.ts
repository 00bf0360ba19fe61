// The numbers of Xen's public ABI (xen/include/public, 4.17) and of AMD's manual that the
// specification needs, written from those sources; nothing here is taken from the core.

// ---- errno-base of xen/include/public/errno.h, as results of hypercalls
// ----------------------------

export const EPERM = -1n;
export const ENOENT = -2n;
export const ESRCH = -3n;
export const ENXIO = -6n;
export const E2BIG = -7n;
export const EAGAIN = -11n;
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
/** Our own: privileged operations (docs/boot-pack.md). Xen leaves 56 to 63 unused. */
export const HYPERVISOR_control = 60;

export const VIRQ_TIMER = 0;
export const VIRQ_DEBUG = 1;
/** NR_VIRQS. */
export const VIRQS = 24;

/** Offsets in struct shared_info and struct vcpu_info of 64-bit guests. */
export const SHARED_evtchn_pending = 2048;
export const SHARED_evtchn_mask = 2560;
export const SHARED_wc_version = 3072;
export const SHARED_wc_sec = 3076;
export const SHARED_wc_sec_hi = 3084;
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

// ---- xen/include/public/memory.h -----------------------------------------------------------------

export const XENMEM_decrease_reservation = 1;
export const XENMEM_current_reservation = 3;
export const XENMEM_maximum_reservation = 4;
export const XENMEM_populate_physmap = 6;
export const XENMEM_add_to_physmap = 7;
export const XENMEM_memory_map = 9;
export const XENMEM_remove_from_physmap = 15;
/** Extents that are done stand above the operation's number (MEMOP_EXTENT_SHIFT). */
export const MEMOP_EXTENT_SHIFT = 6;
export const XENMAPSPACE_shared_info = 0;
export const XENMAPSPACE_grant_table = 1;

// ---- xen/include/public/grant_table.h ------------------------------------------------------------

export const GNTTABOP_map_grant_ref = 0;
export const GNTTABOP_unmap_grant_ref = 1;
export const GNTTABOP_copy = 5;
export const GNTTABOP_query_size = 6;
export const GNTTABOP_set_version = 8;
export const GNTTABOP_get_version = 10;
export const GNTTABOP_cache_flush = 12;

/** Status of an element, as 16 bits. */
export const GNTST_okay = 0;
export const GNTST_general_error = 0xffff;
export const GNTST_bad_handle = 0xfffc;
export const GNTST_bad_virt_addr = 0xfffb;
export const GNTST_no_device_space = 0xfff9;
export const GNTST_permission_denied = 0xfff8;
export const GNTST_bad_copy_arg = 0xfff6;
export const GNTST_eagain = 0xfff4;

/** Flags of a version 1 entry. */
export const GTF_type_mask = 3;
export const GTF_permit_access = 1;
export const GTF_readonly = 4;
export const GTF_reading = 8;
export const GTF_writing = 16;

export const GNTMAP_host_map = 2;
export const GNTMAP_readonly = 4;
export const GNTCOPY_source_gref = 1;
export const GNTCOPY_dest_gref = 2;

// ---- xen/include/public/version.h ---------------------------------------------------------------

export const XENVER_version = 0;
export const XENVER_extraversion = 1;
export const XENVER_compile_info = 2;
export const XENVER_capabilities = 3;
export const XENVER_changeset = 4;
export const XENVER_platform_parameters = 5;
export const XENVER_get_features = 6;
export const XENVER_pagesize = 7;
export const XENVER_guest_handle = 8;
export const XENVER_commandline = 9;
export const XENVER_build_id = 10;
/** Xen 4.17. */
export const XEN_VERSION = 0x00040011;
/** xen/include/public/features.h, as Xen 4.17 tells a PVH guest: writable_page_tables (0),
 *  auto_translated_physmap (2), hvm_callback_vector (8), hvm_safe_pvclock (9),
 *  memory_op_vnode_supported (13), not_direct_mapped (16). */
export const XEN_FEATURES = 0x00012305;

// ---- xen/include/public/hvm/hvm_op.h, params.h --------------------------------------------------

export const HVMOP_set_param = 0;
export const HVMOP_get_param = 1;
export const HVMOP_pagetable_dying = 9;
export const HVM_PARAM_CALLBACK_IRQ = 0;
export const HVM_PARAM_CONSOLE_PFN = 17;
export const HVM_PARAM_CONSOLE_EVTCHN = 18;
/** HVM_NR_PARAMS. */
export const HVM_PARAMS = 39;
/** HVM_PARAM_CALLBACK_TYPE_VECTOR, in bits 63 to 56. */
export const CALLBACK_VECTOR = 2;

// ---- xen/include/public/sched.h -----------------------------------------------------------------

export const SCHEDOP_yield = 0;
export const SCHEDOP_block = 1;
export const SCHEDOP_shutdown = 2;
export const SCHEDOP_poll = 3;
export const SHUTDOWN_poweroff = 0;
export const SHUTDOWN_crash = 3;
/** SHUTDOWN_MAX: greater reasons are told as this one. */
export const SHUTDOWN_max = 5;

// ---- xen/include/public/vcpu.h ------------------------------------------------------------------

export const VCPUOP_is_up = 3;
export const VCPUOP_register_runstate_memory_area = 5;
export const VCPUOP_set_periodic_timer = 6;
export const VCPUOP_stop_periodic_timer = 7;
export const VCPUOP_set_singleshot_timer = 8;
export const VCPUOP_stop_singleshot_timer = 9;
export const VCPUOP_register_vcpu_info = 10;
export const VCPUOP_register_vcpu_time_memory_area = 13;
/** VCPU_SSHOTTMR_future. */
export const VCPU_SSHOTTMR_future = 1;
/** struct vcpu_info: its size, and its struct vcpu_time_info. */
export const VCPU_INFO_BYTES = 64;
export const VCPU_INFO_time = 32;

/** CONSOLEIO_write. */
export const CONSOLEIO_write = 0;

// ---- AMD64 Architecture Programmer's Manual, volume 2, appendix C and 15.20 ---------------------

export const VMEXIT_EXCEPTION_DB = 0x41;
export const VMEXIT_EXCEPTION_AC = 0x51;
export const VMEXIT_EXCEPTION_MC = 0x52;
export const VMEXIT_INTR = 0x60;
export const VMEXIT_NMI = 0x61;
export const VMEXIT_SMI = 0x62;
export const VMEXIT_INIT = 0x63;
export const VMEXIT_VINTR = 0x64;
export const VMEXIT_RDPMC = 0x6f;
export const VMEXIT_CPUID = 0x72;
export const VMEXIT_INVD = 0x76;
export const VMEXIT_HLT = 0x78;
export const VMEXIT_INVLPGA = 0x7a;
export const VMEXIT_IOIO = 0x7b;
export const VMEXIT_MSR = 0x7c;
export const VMEXIT_SHUTDOWN = 0x7f;
export const VMEXIT_VMRUN = 0x80;
export const VMEXIT_VMMCALL = 0x81;
export const VMEXIT_WBINVD = 0x89;
export const VMEXIT_RDPRU = 0x8e;
export const VMEXIT_NPF = 0x400;
export const VMEXIT_INVALID = 0xffffffffffffffffn;
/** EXITINTINFO and EVENTINJ: the event is valid. */
export const EVENT_VALID = 0x80000000;
/** Types of an event in EVENTINJ, its vector in bits 7 to 0. */
export const EVENT_NMI = 0x200;
export const EVENT_EXCEPTION = 0x300;
export const EVENT_HAS_ERROR = 0x800;
export const VECTOR_NMI = 2;
export const VECTOR_DB = 1;
export const VECTOR_UD = 6;
export const VECTOR_GP = 13;
export const VECTOR_AC = 17;
export const RFLAGS_IF = 0x200;
/** The VMCB's interrupt control: V_IRQ, V_INTR_PRIO (its low bit), V_IRQ with V_IGN_TPR, all of
 *  these with V_INTR_VECTOR; the intercept of VINTR. */
export const V_IRQ = 0x100;
export const V_INTR_PRIO = 0x10000;
export const V_IRQ_IGN_TPR = 0x00100100;
export const V_INTERRUPT = 0xff_001f_0100n;
export const INTERCEPT_VINTR = 0x10;
export const CR0_PG = 0x80000000;
export const EFER_SCE = 1;
export const EFER_LME = 0x100;
export const EFER_NXE = 0x800;
export const EFER_SVME = 0x1000;
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
