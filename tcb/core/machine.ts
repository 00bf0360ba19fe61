// The machine, as the core sees it: the complete list of imports. The core decides, these carry
// out. Each world (bare metal, simulation, proof) implements this list and nothing else.
//
// `address` is a machine-physical byte address of guest-owned memory. Every primitive that takes
// one refuses (stops the machine) when it would touch Xenolith's own image or linear memory, or
// memory that does not exist. `linear` is an offset in the core's own linear memory.

@external("machine", "load8") export declare function load8(address: u64): u32;
@external("machine", "load32") export declare function load32(address: u64): u32;
@external("machine", "load64") export declare function load64(address: u64): u64;
@external("machine", "store8") export declare function store8(address: u64, value: u32): void;
@external("machine", "store32") export declare function store32(address: u64, value: u32): void;
@external("machine", "store64") export declare function store64(address: u64, value: u64): void;

/** Atomic fetch-or; returns the old value. For words that the guest writes as well. */
@external("machine", "or64") export declare function or64(address: u64, mask: u64): u64;
/** Atomic fetch-and; returns the old value. */
@external("machine", "and64") export declare function and64(address: u64, mask: u64): u64;
/** Atomic exchange of one byte; returns the old value. */
@external("machine", "exchange8")
export declare function exchange8(address: u64, value: u32): u32;
/** Atomic compare-exchange of 16 bits; returns the old value. */
@external("machine", "compareExchange16")
export declare function compareExchange16(address: u64, expected: u32, value: u32): u32;

/** Copies `bytes` (at most 2 MiB) between two guest-owned areas that do not overlap. */
@external("machine", "copy")
export declare function copy(target: u64, source: u64, bytes: u32): void;
/** Copies guest memory into linear memory. At most 8 KiB. */
@external("machine", "copyIn")
export declare function copyIn(linear: u32, source: u64, bytes: u32): void;
/** Fills guest-owned memory with zeros (at most 2 MiB). */
@external("machine", "zero") export declare function zero(address: u64, bytes: u32): void;

/** Machine-physical address of linear offset 0; constant, 2 MiB aligned. */
@external("machine", "linearBase") export declare function linearBase(): u64;
/** The time-stamp counter. Never runs backwards. */
@external("machine", "timestamp") export declare function timestamp(): u64;
/** Asks for one host interrupt when the time-stamp counter reaches `deadline` (may be early). */
@external("machine", "setTimer") export declare function setTimer(deadline: u64): void;
/** Value of a host CPUID register (0 EAX, 1 EBX, 2 ECX, 3 EDX). */
@external("machine", "cpuid")
export declare function cpuid(leaf: u32, subleaf: u32, register: u32): u32;
/** Saves the extended state (x87, SSE, debug registers, TSC_AUX) that is in the CPU into
 *  vCPU row `from`, unless that is 0xffffffff, and loads that of row `to`. */
@external("machine", "switchState")
export declare function switchState(from: u32, to: u32): void;
/** Keeps what one domain taught the branch predictors from the next, where the CPU can. */
@external("machine", "predictorBarrier") export declare function predictorBarrier(): void;
/** Writes bytes of linear memory to the console. */
@external("machine", "write") export declare function write(linear: u32, bytes: u32): void;
/** Stops the machine for ever; `code` 0 is a clean end. */
@external("machine", "halt") export declare function halt(code: u32): void;
