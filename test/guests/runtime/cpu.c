/* Instructions, and the hypercall in both of its forms. */
#include "xen.h"

cpuidResult cpuid(u32 leaf) {
  cpuidResult result;
  asm volatile("cpuid"
               : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
               : "a"(leaf), "c"(0));
  return result;
}

u64 rdtsc(void) {
  u32 low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  return (u64)high << 32 | low;
}

u8 inByte(u16 port) {
  u8 value;
  asm volatile("inb %w1, %b0" : "=a"(value) : "d"(port));
  return value;
}

void outByte(u16 port, u8 value) { asm volatile("outb %b0, %w1" : : "a"(value), "d"(port)); }

bool readMsr(u32 msr, u64 *value) {
  u32 low = 0, high = 0;
  word refused;
  asm volatile("mov $1, %2\n"
               "1: rdmsr\n"
               "mov $0, %2\n"
               "2:\n" FIXUP("1b", "2b")
               : "+a"(low), "+d"(high), "=&S"(refused)
               : "c"(msr));
  *value = (u64)high << 32 | low;
  return refused == 0;
}

bool writeMsr(u32 msr, u64 value) {
  word refused;
  asm volatile("mov $1, %0\n"
               "1: wrmsr\n"
               "mov $0, %0\n"
               "2:\n" FIXUP("1b", "2b")
               : "=&S"(refused)
               : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
               : "memory");
  return refused == 0;
}

#ifdef __x86_64__
#define ARGUMENTS "+D"(a), "+S"(b), "+d"(c)
#define CLOBBERED "memory", "r8", "r9", "r10", "r11"
#else
#define ARGUMENTS "+b"(a), "+c"(b), "+d"(c)
#define CLOBBERED "memory"
#endif

long hypercall(u32 number, word a, word b, word c) {
  long result = (long)number;
  asm volatile("vmmcall" : "+a"(result), ARGUMENTS : : CLOBBERED);
  return result;
}

long hypercallBy(const void *page, u32 number, word a, word b, word c) {
  long result = (long)((word)page + 32 * number);
  asm volatile("call *%0" : "+a"(result), ARGUMENTS : : CLOBBERED);
  return result;
}

void shutdown(u32 reason) {
  hypercall(SCHED_OP, SCHED_SHUTDOWN, (word)&reason, 0);
  for (;;) asm volatile("cli; hlt");
}

void powerOff(void) { shutdown(SHUTDOWN_POWEROFF); }

void yield(void) { hypercall(SCHED_OP, SCHED_YIELD, 0, 0); }
