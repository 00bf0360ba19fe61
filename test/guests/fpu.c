/* x87 and SSE registers belong to a vCPU alone. Fills them with a pattern of its `id`, yields to
   whoever else fills them, and looks; at the start it looks for what others left. */
#include "runtime/xen.h"

enum { VECTORS = 16, STACK = 8 };
typedef struct {
  u64 vectors[VECTORS][2];
  u8 stack[STACK][16]; /* 80-bit values */
} registers;

static void load(const registers *from) {
  asm volatile("fninit" : :);
  for (int slot = STACK - 1; slot >= 0; slot--)
    asm volatile("fldt %0" : : "m"(from->stack[slot]));
#define LOAD(n) asm volatile("movups %0, %%xmm" #n : : "m"(from->vectors[n]));
  LOAD(0) LOAD(1) LOAD(2) LOAD(3) LOAD(4) LOAD(5) LOAD(6) LOAD(7)
  LOAD(8) LOAD(9) LOAD(10) LOAD(11) LOAD(12) LOAD(13) LOAD(14) LOAD(15)
}

static void storeVectors(registers *to) {
#define STORE(n) asm volatile("movups %%xmm" #n ", %0" : "=m"(to->vectors[n]));
  STORE(0) STORE(1) STORE(2) STORE(3) STORE(4) STORE(5) STORE(6) STORE(7)
  STORE(8) STORE(9) STORE(10) STORE(11) STORE(12) STORE(13) STORE(14) STORE(15)
}

static void store(registers *to) {
  storeVectors(to);
  for (u32 slot = 0; slot < STACK; slot++) asm volatile("fstpt %0" : "=m"(to->stack[slot]));
}

/* Every value differs by owner, round and register; the 80-bit ones are normal numbers. */
static void fill(registers *at, u64 id, u64 round) {
  u64 base = id << 56 | round << 16;
  for (u64 index = 0; index < VECTORS; index++) {
    at->vectors[index][0] = base | index;
    at->vectors[index][1] = ~(base | index);
  }
  for (u64 slot = 0; slot < STACK; slot++) {
    u64 mantissa = 1ull << 63 | base >> 1 | slot;
    *(u64 *)at->stack[slot] = mantissa;
    *(u64 *)(at->stack[slot] + 8) = 0x3fff;
  }
}

static u32 differences(const registers *a, const registers *b) {
  u32 found = 0;
  for (u32 index = 0; index < VECTORS; index++) {
    const char *one = (const char *)a->vectors[index], *other = (const char *)b->vectors[index];
    if (!textEqual(one, other, 16)) found++;
  }
  for (u32 slot = 0; slot < STACK; slot++)
    if (!textEqual((const char *)a->stack[slot], (const char *)b->stack[slot], 10)) found++;
  return found;
}

void guestMain(void) {
  static registers mine, seen;
  storeVectors(&seen);
  u32 left = 0, foreign = 0;
  for (u32 index = 0; index < VECTORS; index++)
    if ((seen.vectors[index][0] | seen.vectors[index][1]) != 0) left++;
  u64 id = numberOption("id", 1), rounds = numberOption("rounds", 1000);
  for (u64 round = 0; round < rounds; round++) {
    fill(&mine, id, round);
    load(&mine);
    yield();
    store(&seen);
    foreign += differences(&mine, &seen);
  }
  putRow("fpu id", id);
  putRow("fpu left by others", left);
  putRow("fpu rounds", rounds);
  putRow("fpu foreign", foreign);
}
