/* What a vCPU leaves in the CPU beside what its VMCB holds. A row of `state`: an XSAVE image (x87,
   SSE, AVX), DR0-DR3, TSC_AUX, XCR0. Everything else that XCR0 can enable goes back to its initial
   state at each switch: such a feature is hidden, and a guest that finds it loses it, but no guest
   reads another's. */
#include "machine.h"

#define TSC_AUX 0xc0000103
#define PREDICTOR_COMMAND 0x49
#define CR4_OSXSAVE (1ul << 18)
#define KEPT 7ul /* x87, SSE, AVX: 832 bytes in the standard format */
#define WHOLE ~0ul
#define XCR0_LEAST 1 /* x87 cannot be off */

typedef struct {
  u8 image[832];
  u64 debug[4], tscAux, xcr0, spare[18];
} stateRow;
_Static_assert(sizeof(stateRow) == 128 * STATE_WORD_STRIDE, "a row of state");

static bool hasPredictorBarrier;
static u64 everything; /* that XCR0 can enable */

void startState(void) {
  everything = (u64)CPUID(13, 0, 3) << 32 | CPUID(13, 0, 0);
  hasPredictorBarrier = CPUID(0x80000008, 0, 1) & 1 << 12;
  asm volatile("mov %%cr4, %%rax; or %0, %%rax; mov %%rax, %%cr4" : : "r"(CR4_OSXSAVE) : "rax");
}

static void writeXcr0(u64 value) { asm volatile("xsetbv" : : EDX_EAX(value), "c"(0)); }

static void saveState(stateRow *row) {
  row->xcr0 = ANSWER("xgetbv", "c"(0));
  writeXcr0(everything);
  asm volatile("xsave64 %0" : "+m"(*row) : EDX_EAX(KEPT));
  asm volatile("mov %%db0, %0; mov %%db1, %1" : "=r"(row->debug[0]), "=r"(row->debug[1]));
  asm volatile("mov %%db2, %0; mov %%db3, %1" : "=r"(row->debug[2]), "=r"(row->debug[3]));
  row->tscAux = readMsr(TSC_AUX);
}

static void loadState(const stateRow *row) {
  static const u32 nothing;
  writeXcr0(everything);
  /* Some AMD CPUs restore the x87's last instruction and operand address only with a pending
     exception: overwrite what the previous guest left there. */
  asm volatile("fnclex; ffree %%st(7); fildl %0" : : "m"(nothing));
  asm volatile("xrstor64 %0" : : "m"(*row), EDX_EAX(WHOLE));
  writeXcr0(row->xcr0 | XCR0_LEAST);
  asm volatile("mov %0, %%db0; mov %1, %%db1" : : "r"(row->debug[0]), "r"(row->debug[1]));
  asm volatile("mov %0, %%db2; mov %1, %%db3" : : "r"(row->debug[2]), "r"(row->debug[3]));
  writeMsr(TSC_AUX, row->tscAux);
}

static stateRow *findRow(u32 vcpu) {
  if (vcpu >= VCPUS) refuse("the core names a vCPU that does not exist:", vcpu);
  return (stateRow *)MEM_ADDR(, STATE_WORD_BASE, ) + vcpu;
}

void IMPORT(switchState, u32 from, u32 to) {
  if (from != NOBODY) saveState(findRow(from));
  loadState(findRow(to));
}

void IMPORT(predictorBarrier) { if (hasPredictorBarrier) writeMsr(PREDICTOR_COMMAND, 1); }
