/* Computes until told to stop, and says how much it got done: for the sharing of a CPU. Counts
   from system time `start` to `end` (ms); goes on without counting until `stop`, so that a
   neighbour that counts until the same `end` is never alone. A line for each `step` ms. */
#include "runtime/xen.h"

enum { ROUND = 10000 };

static void compute(void) {
  for (u32 index = 0; index < ROUND; index++) asm volatile("");
}

static u64 computeUntil(u64 time) {
  u64 rounds = 0;
  for (; systemTime() < time; rounds++) compute();
  return rounds;
}

void guestMain(void) {
  u64 start = numberOption("start", 200), end = numberOption("end", 1200);
  u64 step = numberOption("step", 1000), total = 0;
  computeUntil(start * 1000000);
  for (u64 time = start; time < end; time += step) {
    u64 until = time + step < end ? time + step : end;
    u64 rounds = computeUntil(until * 1000000);
    total += rounds;
    putRow("spin step", rounds);
  }
  computeUntil(numberOption("stop", end + 200) * 1000000);
  putRow("spin total", total);
}
