/* Starts every vCPU that the ACPI tables name, by INIT and STARTUP; each counts; all must count on.
   */
#include "runtime/xen.h"

enum { TRAMPOLINE = 0x8000, VCPUS = 32, STACK = 4096, ENOUGH = 1000 };
enum { ICR = 0x30, INIT = 0x4500, STARTUP = 0x4600 };
extern const u8 trampoline[], trampolineEnd[];
u8 otherStacks[VCPUS][STACK] __attribute__((aligned(4096)));
volatile u32 othersStarted;
static volatile u64 counts[VCPUS];

/* Every vCPU but the first comes here, on its own stack. */
void otherMain(u32 number) {
  loadInterruptTable();
  enableApic();
  for (;;) {
    counts[number]++;
    asm volatile("pause");
  }
}

static void start(u32 id) {
  u64 target = (u64)id << 32;
  u32 expected = othersStarted + 1;
  writeApic(ICR, target | INIT);
  writeApic(ICR, target | STARTUP | TRAMPOLINE >> 12);
  writeApic(ICR, target | STARTUP | TRAMPOLINE >> 12); /* ignored by one that runs */
  u64 limit = systemTime() + 1000000000;
  while (othersStarted != expected && systemTime() < limit) yield();
}

/* Do all that were started count on from where they are now? */
static bool allCount(u32 started) {
  u64 limit = systemTime() + 5000000000;
  for (u32 number = 1; number <= started; number++) {
    u64 wanted = counts[number] + ENOUGH;
    while (counts[number] < wanted && systemTime() < limit) yield();
    if (counts[number] < wanted) return false;
  }
  return true;
}

void guestMain(void) {
  u32 ids[VCPUS], known = listApicIds(ids, VCPUS);
  for (const u8 *from = trampoline; from < trampolineEnd; from++)
    ((volatile u8 *)TRAMPOLINE)[from - trampoline] = *from;
  enableApic();
  for (u32 index = 1; index < known; index++) start(ids[index]);
  putRow("smp vcpus", known);
  putRow("smp started", othersStarted + 1);
  put(allCount(othersStarted) && othersStarted + 1 == known ? "smp all run\n" : "smp failed\n");
}
