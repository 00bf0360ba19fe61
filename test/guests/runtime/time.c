/* Xen's shared page, its clock and its timer. */
#include "xen.h"

enum { TIME = 32 }; /* vcpu_info[0].time in shared_info */
static u8 page[4096] __attribute__((aligned(4096)));
static bool mapped;

volatile u8 *sharedInfo(void) {
  if (mapped) return page;
  addToPhysmap request = {DOMID_SELF, 0, SPACE_SHARED_INFO, 0, (word)page >> 12};
  long result = hypercall(MEMORY_OP, MEMORY_ADD_TO_PHYSMAP, (word)&request, 0);
  if (result != 0) {
    put("no shared_info: ");
    putSigned(result);
    put("\n");
    shutdown(SHUTDOWN_CRASH);
  }
  mapped = true;
  return page;
}

/* delta * multiplier >> 32 without a 128-bit product. */
static u64 scale(u64 delta, u32 multiplier, signed char shift) {
  delta = shift < 0 ? delta >> -shift : delta << shift;
  u64 low = (u64)(u32)delta * multiplier >> 32;
  return (delta >> 32) * multiplier + low;
}

u64 systemTime(void) {
  const volatile u8 *time = sharedInfo() + TIME;
  u32 version;
  u64 now;
  do {
    version = *(const volatile u32 *)time;
    asm volatile("" : : : "memory");
    u64 then = *(const volatile u64 *)(time + 8), base = *(const volatile u64 *)(time + 16);
    u32 multiplier = *(const volatile u32 *)(time + 24);
    now = base + scale(rdtsc() - then, multiplier, (signed char)time[28]);
    asm volatile("" : : : "memory");
  } while ((version & 1) != 0 || version != *(const volatile u32 *)time);
  return now;
}

void sleepUntil(u64 deadline) {
  schedPoll request = {0, 0, deadline};
  while (systemTime() < deadline) hypercall(SCHED_OP, SCHED_POLL, (word)&request, 0);
}
