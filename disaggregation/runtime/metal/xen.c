/* What a service is told and may ask of the hypervisor: calls, events, time, ports. */
#include "world.h"

enum { MEMORY_OP = 12, CONSOLE_IO = 18, SCHED_OP = 29 };
enum { SCHED_SHUTDOWN = 2, SCHED_POLL = 3, SHUTDOWN_CRASH = 3, ADD_TO_PHYSMAP = 7 };
enum { DOMID_SELF = 0x7ff0, PORT_WORDS = 64 };

/* shared_info: the first vCPU's vcpu_info, and the pending bits. */
#define SHARED PAGE(PAGE_SHARED)
#define UPCALL ((u8 *)SHARED)
#define SELECTOR ((u64 *)(SHARED + 8))
#define TIME(type, offset) (*(volatile type *)(SHARED + 32 + (offset)))
#define PENDING ((u64 *)(SHARED + 2048))

s64 callXen(u32 number, u64 a, u64 b, u64 c) {
  s64 result;
  asm volatile("vmmcall" : "=a"(result), "+D"(a), "+S"(b), "+d"(c) : "0"((u64)number) : "memory");
  return result;
}
u64 IMPORT(hypercall, u32 number, u64 a, u64 b, u64 c) { return callXen(number, a, b, c); }

/* ---- events ---- */

/* Words of ports that were announced, and the port that was taken last. */
static u64 announced;
static u32 last;

/* The first pending port of a word at or behind bit `from`; -1 none. It is pending no longer. */
static s32 takeFrom(u32 word, u32 from) {
  u64 bits = __atomic_load_n(PENDING + word, __ATOMIC_SEQ_CST) & ~0ul << from;
  if (bits == 0) return -1;
  u64 bit = bits & -bits;
  __atomic_fetch_and(PENDING + word, ~bit, __ATOMIC_SEQ_CST);
  return last = word * 64 + __builtin_ctzl(bits);
}

u32 IMPORT(nextEvent) {
  if (__atomic_exchange_n(UPCALL, 0, __ATOMIC_SEQ_CST)) {
    announced |= __atomic_exchange_n(SELECTOR, 0, __ATOMIC_SEQ_CST);
  }
  if (announced == 0) return -1;
  u32 word = last / 64;
  if (announced >> word & 1 && last % 64 != 63) {
    s32 port = takeFrom(word, last % 64 + 1);
    if (port >= 0) return port;
  }
  for (u32 step = 1; step <= PORT_WORDS; step++) {
    word = (last / 64 + step) % PORT_WORDS;
    if (!(announced >> word & 1)) continue;
    s32 port = takeFrom(word, 0);
    if (port >= 0) return port;
    announced &= ~(1ul << word);
  }
  return -1;
}

void waitForEvent(u64 deadline) {
  static struct {
    u64 ports;
    u32 count;
    u64 deadline;
  } poll;
  if (deadline == 0) return;
  poll.deadline = ~deadline ? deadline : 0;
  s64 result = callXen(SCHED_OP, SCHED_POLL, (u64)&poll, 0);
  if (result < 0) refuse("may not wait:", result);
}

/* ---- time, chance, ports ---- */

static u64 readTsc(void) {
  u32 low, high;
  asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (u64)high << 32 | low;
}

static u64 timeNow(void) {
  u64 ticks, start;
  u32 version;
  do {
    version = TIME(u32, 0);
    ticks = readTsc() - TIME(u64, 8);
    s8 shift = TIME(s8, 28);
    ticks = shift < 0 ? ticks >> -shift : ticks << shift;
    ticks = (u64)((unsigned __int128)ticks * TIME(u32, 24) >> 32);
    start = TIME(u64, 16);
  } while (version & 1 || version != TIME(u32, 0));
  return start + ticks;
}
u64 IMPORT(now) { return timeNow(); }

/* Where the CPU has no generator, times that nobody outside sees are stirred. */
u64 IMPORT(random) {
  static u64 pool;
  u64 value = readTsc();
  u32 eax = 1, ebx, features, edx;
  asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(features), "=d"(edx));
  if (features >> 30 & 1) {
    asm volatile("1: rdrand %0; jnc 1b" : "=r"(value) : : "cc");
    return value;
  }
  pool = (pool ^ value) * 0x9e3779b97f4a7c15ul;
  return pool ^= pool >> 29;
}

u32 IMPORT(portIn8, u32 port) {
  u8 value;
  asm volatile("in %%dx, %0" : "=a"(value) : "d"((u16)port));
  return value;
}
void IMPORT(portOut8, u32 port, u32 value) {
  asm volatile("out %0, %%dx" : : "a"((u8)value), "d"((u16)port));
}

/* ---- words and ends ---- */

void say(const char *text, u32 bytes) { callXen(CONSOLE_IO, 0, bytes, (u64)text); }
void IMPORT(log, u32 linear, u32 bytes) { say(reachLinear(linear, bytes), bytes); }

/* The service cannot go on. */
void refuse(const char *reason, u64 value) {
  static const char digits[] = "0123456789abcdef";
  static u32 crash = SHUTDOWN_CRASH;
  char number[18] = " ";
  u32 length = 0;
  while (reason[length]) length++;
  for (u32 at = 0; at < 16; at++) number[1 + at] = digits[value >> (60 - 4 * at) & 15];
  number[17] = '\n';
  say(reason, length);
  say(number, sizeof number);
  callXen(SCHED_OP, SCHED_SHUTDOWN, (u64)&crash, 0);
  /* Who may not say so faults: there is no IDT. */
  for (;;) asm volatile("ud2");
}

/* In images of tests alone: what a defect could do, so many ns after the service's start. */
#ifdef DEFECT_AFTER
static void haveDefect(void) {
  static u64 due;
  if (due == 0) due = timeNow() + DEFECT_AFTER;
  if (timeNow() < due) return;
#ifdef DEFECT_HANGS
  for (;;) asm volatile("pause");
#endif
  u64 wild = readTsc();
  for (u32 count = 0; count < 64; count++) {
    wild = wild * 0x9e3779b97f4a7c15ul + 1;
    *(volatile u32 *)(wild >> 32 & ~3ul) = (u32)wild;
  }
}
#else
static void haveDefect(void) {}
#endif

void serviceMain(u64 information) {
  static w2c_core service;
  static struct {
    u16 domain, size;
    u32 space;
    u64 index, frame;
  } shared = {.domain = DOMID_SELF, .frame = (u64)WINDOW / PAGE_BYTES + PAGE_SHARED};
  s64 result = callXen(MEMORY_OP, ADD_TO_PHYSMAP, (u64)&shared, 0);
  if (result < 0) refuse("no shared_info:", result);
  readStart(information);
  wasm2c_core_instantiate(&service, 0);
  w2c_core_start(&service);
  for (;;) {
    waitForEvent(w2c_core_turn(&service));
    haveDefect();
  }
}
