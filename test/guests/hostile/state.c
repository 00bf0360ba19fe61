/* Each of these tries a register value and then makes an exit, so that the state is judged by the
   next VMRUN. */
#include "hostile.h"

enum { EFER = 0xc0000080 };
enum { CR0_PROTECTED = 1, CR0_NOT_WRITE = 1 << 29, CR4_PAE = 1 << 5 };

#define TRY(name, value)                                                                           \
  do {                                                                                             \
    word refused = 1;                                                                              \
    asm volatile("1: mov %1, %%" name "\n"                                                         \
                 "mov $0, %0\n"                                                                    \
                 "2:\n" FIXUP("1b", "2b")                                                          \
                 : "+r"(refused)                                                                   \
                 : "r"(value)                                                                      \
                 : "memory");                                                                      \
    if (refused) return "the CPU refused";                                                         \
    cpuid(0);                                                                                      \
    return "accepted";                                                                             \
  } while (0)

static word cr0(void) {
  word value;
  asm volatile("mov %%cr0, %0" : "=r"(value));
  return value;
}

static word cr3(void) {
  word value;
  asm volatile("mov %%cr3, %0" : "=r"(value));
  return value;
}

static word cr4(void) {
  word value;
  asm volatile("mov %%cr4, %0" : "=r"(value));
  return value;
}

const char *cr0NotWrite(void) { TRY("cr0", cr0() | CR0_NOT_WRITE); }

const char *cr0Unprotected(void) { TRY("cr0", cr0() & ~(word)CR0_PROTECTED); }

const char *cr3Reserved(void) { TRY("cr3", cr3() | 1ul << 62); }

const char *cr4Reserved(void) { TRY("cr4", cr4() | 1ul << 40); }

const char *cr4WithoutPae(void) { TRY("cr4", cr4() & ~(word)CR4_PAE); }

const char *dr6High(void) { TRY("db6", 1ul << 40); }

const char *dr7High(void) { TRY("db7", 1ul << 40 | 0x400); }

/* Long mode off while its paging is on; SVME off; every bit on: at each, a refusal or an exit. */
const char *eferFlip(void) {
  u64 value;
  readMsr(EFER, &value);
  bool accepted = writeMsr(EFER, ~0ull);
  accepted |= writeMsr(EFER, 0);
  accepted |= writeMsr(EFER, value ^ 0x100);
  accepted |= writeMsr(EFER, value | 0x1000);
  cpuid(0);
  return accepted ? "accepted" : "all refused";
}
