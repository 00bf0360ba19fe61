/* What every test guest stands on. The guests know Xen's public interface and nothing of the
   hypervisor under them: the same files run on Xen. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long word; /* a register */
typedef _Bool bool;
#define true 1
#define false 0

/* Written by each guest; the machine is powered off when it returns. */
void guestMain(void);

/* ---- text: lines go to console_io, and to port 0xe9 where console_io is refused ---- */
void put(const char *text);
void putNumber(u64 value);
void putSigned(long value);
void putHex(u64 value);
/* "name value\n" */
void putRow(const char *name, u64 value);
u32 textLength(const char *text);
bool textEqual(const char *a, const char *b, u32 length);

/* ---- options: words of the command line, NAME or NAME=NUMBER ---- */
bool hasOption(const char *name);
u64 numberOption(const char *name, u64 otherwise);

/* ---- hypercalls ---- */
long hypercall(u32 number, word a, word b, word c);
/* The same through a hypercall page. */
long hypercallBy(const void *page, u32 number, word a, word b, word c);
_Noreturn void shutdown(u32 reason);
_Noreturn void powerOff(void);

/* ---- the CPU ---- */
typedef struct {
  u32 a, b, c, d;
} cpuidResult;
cpuidResult cpuid(u32 leaf);
u64 rdtsc(void);
u8 inByte(u16 port);
void outByte(u16 port, u8 value);
/* False: the CPU refused with an exception, whose vector is in faultVector. */
bool readMsr(u32 msr, u64 *value);
bool writeMsr(u32 msr, u64 value);

/* ---- interrupts and exceptions ---- */
typedef struct {
#ifdef __x86_64__
  word r15, r14, r13, r12, r11, r10, r9, r8;
#endif
  word di, si, bp, bx, dx, cx, ax;
  word vector, error, ip, cs, flags, sp, ss;
} frame;
typedef void handler(frame *);
/* What happens at a vector; without a handler and without a fixup the guest says so and crashes. */
void onVector(u32 vector, handler *handle);
/* The vector that a fixup caught last. */
extern volatile u32 faultVector;
/* Loads the interrupt table on another vCPU. */
void loadInterruptTable(void);
/* Lets ring 3 use a vector. */
void openVectorToUsers(u32 vector);
/* In inline assembly: an exception at `from` goes on at `to`. */
#ifdef __x86_64__
#define FIXUP(from, to) ".pushsection .fixups,\"a\"; .quad " from ", " to "; .popsection\n"
#else
#define FIXUP(from, to) ".pushsection .fixups,\"a\"; .long " from ", " to "; .popsection\n"
#endif

/* ---- Xen's shared page, time and timer ---- */
/* The shared_info page, mapped at first use. */
volatile u8 *sharedInfo(void);
/* Nanoseconds since Xen's clock began. */
u64 systemTime(void);
/* Sleeps in the hypervisor until a system time. */
void sleepUntil(u64 deadline);
void yield(void);

/* ---- local APIC, x2APIC mode ---- */
void enableApic(void);
void writeApic(u32 offset, u64 value);
/* Local APIC ids of the machine's vCPUs from its ACPI tables; returns how many. */
u32 listApicIds(u32 *ids, u32 limit);

/* ---- PVH start_info ---- */
typedef struct {
  u32 magic, version, flags, modules;
  u64 moduleList, commandLine, rsdp, memoryMap;
  u32 memoryMapEntries, reserved;
} startInfoLayout;
const startInfoLayout *startInfo(void);
