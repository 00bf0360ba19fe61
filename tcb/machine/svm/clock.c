/* Time: the TSC measured against the PIT, the local APIC timer, and the wall clock. */
#include "machine.h"

#define PIT_HERTZ 1193182u
#define PIT_COUNT 11932u /* 10 ms */
#define MEASUREMENTS 50
#define GATE_PORT 0x61
#define APIC(offset) (*(volatile u32 *)(u64)(LOCAL_APIC + offset))
#define TIMER_COUNT APIC(0x380)
#define TIMER_LEFT APIC(0x390)

/* Local APIC ticks for a TSC tick, times 2^32. */
static u64 ticksPerTsc;

static void startLocalApic(void) {
  if (readMsr(0x1b) & 1 << 10) refuse("the firmware left the local APIC in x2APIC mode", 0);
  out8(0x21, 0xff); /* both PICs are silent */
  out8(0xa1, 0xff);
  APIC(0xf0) = 0x100 | SPURIOUS_VECTOR;
  APIC(0x80) = 0;
  APIC(0x350) = APIC(0x360) = 0x10000; /* LINT0 and LINT1 masked */
  APIC(0x3e0) = 0xb;                   /* divide by 1 */
  APIC(0x320) = TIMER_VECTOR;
}

static u32 clockField(u8 index) { return out8(0x70, index), in8(0x71); }

/* Seconds since 1970 by the CMOS clock: BCD, 24 hours, UTC, this century, as firmware leaves it. */
static u64 wallClock(void) {
  u32 field[10];
  while (clockField(10) & 0x80) continue; /* an update is under way: at most 2 ms */
  for (u32 i = 0; i < 10; i++) field[i] = (clockField(i) >> 4) * 10 + (clockField(i) & 15);
  u32 month = (field[8] + 9) % 12; /* from March */
  u32 year = field[9] - month / 10;
  /* Day 11016 is 29 February 2000. */
  u64 days = 11016 + 365 * year + year / 4 + (153 * month + 2) / 5 + field[7];
  return ((days * 24 + field[4]) * 60 + field[2]) * 60 + field[0];
}

/* A measurement counts as good when what stood between two looks is less than 0.1 % of it: under
   an emulator the CPU may pause at any point. */
void startClock(void) {
  startLocalApic();
  u64 least = ~0ul, ticks = 0;
  for (u32 i = 0; i < MEASUREMENTS && least > ticks >> 10; i++) {
    out8(GATE_PORT, (in8(GATE_PORT) & ~2) | 1);
    out8(0x43, 0xb0); /* channel 2, both bytes, output rises at the end of the count */
    out8(0x42, PIT_COUNT & 255);
    u64 before = readTsc();
    out8(0x42, PIT_COUNT >> 8);
    TIMER_COUNT = ~0u;
    u64 start = readTsc(), end = start, last, timer;
    do {
      last = end;
      timer = ~0u - TIMER_LEFT;
      end = readTsc();
    } while (!(in8(GATE_PORT) & 0x20));
    u64 doubt = readTsc() - last + start - before;
    if (doubt >= least) continue;
    least = doubt;
    ticks = end - start;
    ticksPerTsc = (timer << 32) / ticks;
  }
  TIMER_COUNT = 0;
  COLUMN(BOOT_TSC_KILOHERTZ, u64, 0) = ticks * PIT_HERTZ / (PIT_COUNT * 1000u);
  COLUMN(BOOT_WALL_SECONDS, u64, 0) = wallClock();
}

u64 IMPORT(timestamp) { return readTsc(); }

/* One-shot. The two clocks were measured to 0.1 %, so the interrupt may come before the
   deadline: whoever asked looks at the time again and, if it is early, asks again. */
void IMPORT(setTimer, u64 deadline) {
  u64 now = readTsc(), wait = deadline > now ? deadline - now : 0;
  u64 ticks = (unsigned __int128)wait * ticksPerTsc >> 32;
  TIMER_COUNT = ticks >= ~0u ? ~0u : (u32)ticks + 1;
}
