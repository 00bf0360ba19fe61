/* XSAVE and AVX, for a guest that is told of them: says what CPUID offers, switches them on, fills
   YMM registers with a pattern of its `id`, yields to whoever else fills them, and looks. */
#include "runtime/xen.h"

enum { XSAVE_BIT = 26, OSXSAVE_BIT = 27, AVX_BIT = 28, CR4_OSXSAVE = 1 << 18, XCR0_ALL = 7 };
typedef struct {
  u64 first[4], last[4];
} vectors;

static u32 offered(u32 bit) { return cpuid(1).c >> bit & 1; }

static void switchOn(void) {
  word cr4;
  asm volatile("mov %%cr4, %0" : "=r"(cr4));
  asm volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_OSXSAVE));
  asm volatile("xsetbv" : : "c"(0), "a"(XCR0_ALL), "d"(0));
}

static void load(const vectors *from) {
  asm volatile("vmovups %0, %%ymm0; vmovups %1, %%ymm15" : : "m"(from->first), "m"(from->last));
}

static void store(vectors *to) {
  asm volatile("vmovups %%ymm0, %0; vmovups %%ymm15, %1" : "=m"(to->first), "=m"(to->last));
}

static void fill(vectors *of, u64 seed) {
  for (u32 at = 0; at < 4; at++) {
    of->first[at] = seed << 8 | at;
    of->last[at] = ~(seed << 8 | at);
  }
}

void guestMain(void) {
  u64 id = numberOption("id", 1), rounds = numberOption("rounds", 500), foreign = 0, left = 0;
  putRow("avx xsave offered", offered(XSAVE_BIT));
  putRow("avx offered", offered(AVX_BIT));
  if (offered(AVX_BIT) == 0) return;
  putRow("avx xcr0", cpuid(13).a);
  putRow("avx image", cpuid(13).c);
  putRow("avx shown before", offered(OSXSAVE_BIT));
  switchOn();
  putRow("avx shown after", offered(OSXSAVE_BIT));
  vectors mine, seen;
  store(&seen);
  for (u32 at = 2; at < 4; at++) left += (seen.first[at] | seen.last[at]) != 0;
  for (u64 round = 0; round < rounds; round++) {
    fill(&mine, id << 32 | round);
    load(&mine);
    yield();
    store(&seen);
    if (!textEqual((const char *)&mine, (const char *)&seen, sizeof mine)) foreign++;
  }
  putRow("avx left by others", left);
  putRow("avx foreign", foreign);
}
