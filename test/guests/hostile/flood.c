#include "hostile.h"

enum { ICR = 0x30, END_OF_INTERRUPT = 0x0b, SELF_IPI = 0x3f };
enum { STORM = 10000, FLOOD = 50000, CALLS = 64, DEBUG_PORT = 0xe9, QUIET_PORT = 0x80 };
enum { MODE_INIT = 5, MODE_STARTUP = 6, NMI = 2, BREAKPOINT = 3 };

static void acknowledge(frame *at) {
  (void)at;
  writeApic(END_OF_INTERRUPT, 0);
}

static void ignore(frame *at) { (void)at; }

/* Every delivery mode, level, shorthand and vector, by a fixed sequence; INIT and STARTUP go to the
   others alone, for this guest means to live. */
const char *ipiStorm(void) {
  u32 state = 1;
  onVector(NMI, ignore);
  for (u32 vector = 16; vector < 256; vector++)
    if (vector > 31) onVector(vector, acknowledge);
  enableApic();
  asm volatile("sti");
  for (u32 count = 0; count < STORM; count++) {
    state = state * 1664525 + 1013904223;
    u64 command = state >> 8 & 0xcffff;
    u32 mode = command >> 8 & 7;
    if (mode == MODE_INIT || mode == MODE_STARTUP) command |= 0xc0000;
    if ((command & 0xff) < 32) command |= 0x20;
    writeApic(ICR, command | (u64)state << 32);
    writeApic(SELF_IPI, 32 + state % 224);
  }
  asm volatile("cli");
  return "every mode and shorthand";
}

const char *hypercallFlood(void) {
  for (u32 count = 0; count < FLOOD; count++) hypercall(XEN_VERSION, VERSION_VERSION, 0, 0);
  return "a flood of null calls";
}

/* Each number with each small operation, its pointers outside memory, wild, and not canonical. What
   would stop this very guest is left out: it would block for ever, or hand its own memory out as a
   list of calls. */
const char *badPointers(void) {
  static const word pointers[] = {OUTSIDE, OUTSIDE - 4, ~0ul, 0x8000d00000000000, 0x800000000000};
  for (u32 number = 0; number < CALLS; number++)
    for (u32 operation = 0; operation < 32; operation++)
      for (u32 index = 0; index < sizeof pointers / sizeof *pointers; index++) {
        word wild = pointers[index];
        if (number == SCHED_OP && operation == SCHED_BLOCK) continue;
        if (number == MULTICALL) hypercall(number, wild, operation, 0);
        else hypercall(number, operation, wild, wild);
      }
  return "every call with wild pointers";
}

const char *cpuidFlood(void) {
  for (u32 count = 0; count < FLOOD; count++) cpuid(count * 0x9e3779b9);
  return "leaves at random";
}

static word outs(u16 port, word source, word count) {
  word refused = 1;
  asm volatile("1: rep outsb\n"
               "mov $0, %2\n"
               "2:\n" FIXUP("1b", "2b")
               : "+S"(source), "+c"(count), "+b"(refused)
               : "d"(port)
               : "memory");
  return refused;
}

const char *outsToConsole(void) {
  static u8 zeros[1 << 20];
  return outs(DEBUG_PORT, (word)zeros, sizeof zeros) ? "refused" : "a mebibyte to the console";
}

const char *outsLong(void) {
  return outs(QUIET_PORT, 0x100000, 1ul << 40) ? "refused" : "2^40 bytes to a port";
}

const char *outsOutside(void) {
  return outs(DEBUG_PORT, OUTSIDE, 1 << 16) ? "refused" : "64 KiB from nowhere";
}

const char *insLong(void) {
  static u8 target[4096];
  u8 *to = target;
  word count = 1ul << 40, refused = 1;
  asm volatile("1: rep insb\n"
               "mov $0, %2\n"
               "2:\n" FIXUP("1b", "2b")
               : "+D"(to), "+c"(count), "+b"(refused)
               : "d"(QUIET_PORT)
               : "memory");
  return refused ? "refused" : "2^40 bytes from a port";
}

const char *cacheFlood(void) {
  for (u32 count = 0; count < FLOOD / 10; count++) asm volatile("wbinvd" : : : "memory");
  return "a flood of WBINVD";
}

/* Exceptions without end inside the guest: no exit is needed to stop it, only the timer. */
const char *faultLoop(void) {
  onVector(BREAKPOINT, ignore);
  for (u32 count = 0; count < FLOOD; count++) asm volatile("int3");
  return "a flood of exceptions";
}
