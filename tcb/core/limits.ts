// Every limit of the core, once. Read by the core (AssemblyScript) and by layout.ts, the
// specification and the tests (TypeScript): plain u32 constants only.

/** Domains that can exist at once. */
export const DOMAINS: u32 = 64;
/** vCPU rows, shared by all domains. */
export const VCPUS: u32 = 256;
/** Words of the bitmap of runnable vCPUs. */
export const RUNNABLE_WORDS: u32 = VCPUS / 64;
/** vCPUs that one domain may have: the legacy vcpu_info slots of shared_info. */
export const VCPUS_PER_DOMAIN: u32 = 32;
/** Physical CPUs that have rows; one is used today. */
export const CPUS: u32 = 8;
/** Event channel ports of a domain: the 2-level ABI's 64 words of 64 bits. */
export const PORTS: u32 = 4096;
/** Bytes of a frame, and of a superframe (2 MiB). */
export const FRAME_BYTES: u32 = 4096;
/** Frames in a superframe: what one page directory entry maps. */
export const FRAMES_PER_SUPERFRAME: u32 = 512;
/** Parts of a superframe that are scrubbed one by one: 64 KiB is a step that nobody waits for. */
export const SCRUB_PARTS: u32 = 32;
/** Superframes of machine memory that the frame table covers: 16 GiB. */
export const SUPERFRAMES: u32 = 8192;
/** Words of a bitmap of superframes, and words of its summary; of these, one word names 64. */
export const SUPERFRAME_WORDS: u32 = SUPERFRAMES / 64;
export const SUPERFRAME_SUMMARIES: u32 = SUPERFRAME_WORDS / 64;
/** Machine frames that the frame table covers. */
export const FRAMES: u32 = 4194304;
/** Page directory entries of a domain: guest-physical addresses below 16 GiB. */
export const DIRECTORY_ENTRIES: u32 = 8192;
/** Pages of 512 such entries. */
export const DIRECTORY_PAGES: u32 = DIRECTORY_ENTRIES / 512;
/** Last-level page tables that a domain may use at once: one u64 bitmap. */
export const TABLES_PER_DOMAIN: u32 = 64;
/** Frames of grant entries that a domain may have. */
export const GRANT_FRAMES: u32 = 32;
/** Grant references of a domain: 512 version 1 entries a frame. */
export const GRANTS: u32 = 16384;
/** Grant mappings (handles) that a domain may hold at once. */
export const HANDLES: u32 = 1024;
/** Words of a domain's row of I/O permissions: 65,539 bits, in a power of two. */
export const PORT_MAP_WORDS: u32 = 2048;
/** Ports that one command gives a domain. */
export const PORTS_A_COMMAND: u32 = 64;
/** HVM parameters that are kept (index 0 to 38 in the ABI). */
export const HVM_PARAMETERS: u32 = 64;
/** Virtual interrupt numbers that can be bound. */
export const VIRQS: u32 = 24;
/** Security labels of a policy: what one byte column can name, and the table's stride. */
export const LABELS: u32 = 128;
/** Security classes: Xen's 13, one of our own, two spare to make a power of two. */
export const CLASSES: u32 = 16;
/** Bytes of the largest policy (XENOXSM1): header, initial SIDs, self labels; for each label its
 *  channels, cells and name. */
export const POLICY_BYTES: u32 = 64 + 64 + 128 + LABELS * (128 + 8192 + 64);
/** Bytes of a domain's name and of a label's name, NUL padded. */
export const DOMAIN_NAME_BYTES: u32 = 32;
export const LABEL_NAME_BYTES: u32 = 64;
/** Bytes of a console line before it is broken. */
export const LINE_BYTES: u32 = 256;
/** Ports that one SCHEDOP_poll may name. */
export const POLL_PORTS: u32 = 128;
/** Rows of the recorded denials. */
export const DENIALS: u32 = 64;
/** Ranges of usable machine memory that the machine layer may report. */
export const MEMORY_RANGES: u32 = 32;
/** Minor frames of the fixed schedule. */
export const SCHEDULE_SLOTS: u32 = 64;
/** Kinds of VM exit that are counted for each domain. */
export const EXIT_KINDS: u32 = 16;
/** CPUID leaves that are kept: 32 from 0 and 32 from 0x80000000; and once more, for domains that
 *  are told of XSAVE. */
export const CPUID_ROWS: u32 = 128;
/** Local APIC registers kept as words for each vCPU (x2APIC MSR 0x800 + index). */
export const APIC_REGISTERS: u32 = 64;
/** vCPUs in a timer group; the earliest deadline is the least of 16 groups of 16. */
export const TIMER_GROUP_BITS: u32 = 4;
export const TIMER_GROUP: u32 = 1 << TIMER_GROUP_BITS;
export const TIMER_GROUPS: u32 = VCPUS / TIMER_GROUP;
/** Rows of a domain's memory map. */
export const REGIONS: u32 = 16;
