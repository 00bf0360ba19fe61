/* The neighbour that must keep its time: a line every `period` ms (10) of Xen's system time,
   `count` (100) in all, and at the end the greatest delay that it saw. */
#include "runtime/xen.h"

void guestMain(void) {
  u64 period = numberOption("period", 10) * 1000000, count = numberOption("count", 100);
  u64 start = systemTime(), latest = 0;
  for (u64 tick = 1; tick <= count; tick++) {
    u64 due = start + tick * period;
    sleepUntil(due);
    u64 late = systemTime() - due;
    if (late > latest) latest = late;
    put("heartbeat ");
    putRow(late > period ? "late" : "tick", tick);
  }
  putRow("heartbeat count", count);
  putRow("heartbeat latest", latest);
}
