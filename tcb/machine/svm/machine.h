/* What the C files of the machine layer share. */
#include "core.h"

#define COLUMN(name, type, row) (*(type *)(u64)(LINEAR + name##_BASE + (row) * name##_STRIDE))
/* Defines one import of the core. */
#define IMPORT(name, ...) w2c_machine_##name(struct w2c_machine *machine, ##__VA_ARGS__)
#define CPUID(leaf, subleaf, index) w2c_machine_cpuid(0, leaf, subleaf, index)
#define NOBODY 0xffffffffu
#define EDX_EAX(value) "d"((u32)((value) >> 32)), "a"((u32)(value))
/* Runs an instruction that answers in EDX:EAX. */
#define ANSWER(instruction, ...)                                                                   \
  ({ u64 low, high;                                                                                \
     asm volatile(instruction : "=a"(low), "=d"(high) : __VA_ARGS__ : "memory");                   \
     high << 32 | low; })

static inline void out8(u16 port, u8 to) { asm volatile("out %0, %1" : : "a"(to), "d"(port)); }
static inline u8 in8(u16 port) { return ANSWER("in %%dx, %%al; xor %%edx, %%edx", "d"(port)); }
static inline u64 readMsr(u32 msr) { return ANSWER("rdmsr", "c"(msr)); }
static inline u64 readTsc(void) { return ANSWER("lfence; rdtsc"); }
static inline void writeMsr(u32 msr, u64 value) {
  asm volatile("wrmsr" : : EDX_EAX(value), "c"(msr) : "memory");
}
static inline void *reachLinear(u32 offset, u32 bytes) {
  RANGE_CHECK(, offset, (u64)bytes);
  return MEM_ADDR(, offset, bytes);
}

void startConsole(void);
void readLoader(u32 magic, u64 information);
void startState(void);
void startClock(void);
