/* What a trap costs, in ticks of the TSC: instructions where virtual time is counted in them. A
   batch is BATCH calls between two readings, so that a hypervisor that traps RDTSC pays for it
   outside; of BATCHES batches the least counts, less what a batch of empty calls takes.

   Options: `two` measures with a neighbour that does the same: the median counts, for a batch
   without the neighbour must not; it yields for `warm` ms before and `tail` ms after, so that the
   neighbour is never alone either; `sse` uses SSE registers between calls. */
#include "runtime/xen.h"

enum { BATCH = 32, BATCHES = 64, UNKNOWN_CALL = 55 };
enum { PENDING = 2048, PENDING_SELECTOR = sizeof(word) };
typedef void call(void);

static void nothing(void) { asm volatile(""); }
static void version(void) { hypercall(XEN_VERSION, VERSION_VERSION, 0, 0); }
static void unknown(void) { hypercall(UNKNOWN_CALL, 0, 0, 0); }
static void identify(void) { cpuid(0); }

static u32 port;
static void send(void) { hypercall(EVENT_CHANNEL_OP, EVENT_SEND, (word)&port, 0); }

/* As a guest that takes its events: nothing is pending when the next one comes. Interrupts are off
   and no callback is set, so nothing is injected. */
static void sendFresh(void) {
  volatile u8 *shared = sharedInfo();
  for (u32 at = 0; at < 8; at += sizeof(word)) *(volatile word *)(shared + PENDING + at) = 0;
  *(volatile word *)(shared + PENDING_SELECTOR) = 0;
  shared[0] = 0;
  send();
}

static void allocateAndClose(void) {
  allocUnbound request = {DOMID_SELF, DOMID_SELF, 0};
  hypercall(EVENT_CHANNEL_OP, EVENT_ALLOC_UNBOUND, (word)&request, 0);
  hypercall(EVENT_CHANNEL_OP, EVENT_CLOSE, (word)&request.port, 0);
}

static void yieldWithVectors(void) {
#ifdef __x86_64__
  asm volatile("movq %%rsp, %%xmm0; movq %%rsp, %%xmm15" : :);
#else
  asm volatile("movd %%esp, %%xmm0" : :);
#endif
  yield();
}

static u64 batch(call *function) {
  u64 start = rdtsc();
  for (u32 index = 0; index < BATCH; index++) function();
  return rdtsc() - start;
}

static u64 empty;

/* The chosen batch of the sorted ones, for one call. */
static u64 measure(call *function, u32 chosen) {
  u64 sorted[BATCHES];
  for (u32 count = 0; count < BATCHES; count++) {
    u64 time = batch(function);
    u32 at = count;
    for (; at > 0 && sorted[at - 1] > time; at--) sorted[at] = sorted[at - 1];
    sorted[at] = time;
  }
  return sorted[chosen] - empty;
}

static void report(const char *name, u64 ticks) {
  put("bench ");
  putRow(name, (ticks + BATCH / 2) / BATCH);
}

/* A loopback pair: `port` is the end that sends. */
static bool bindLoopback(void) {
  allocUnbound unbound = {DOMID_SELF, DOMID_SELF, 0};
  long result = hypercall(EVENT_CHANNEL_OP, EVENT_ALLOC_UNBOUND, (word)&unbound, 0);
  bindInterdomain bind = {DOMID_SELF, unbound.port, 0};
  if (result == 0)
    result = hypercall(EVENT_CHANNEL_OP, EVENT_BIND_INTERDOMAIN, (word)&bind, 0);
  port = bind.localPort;
  if (result == 0) return true;
  put("no loopback event channel: ");
  putSigned(result);
  put("\n");
  return false;
}

static void measureAlone(void) {
  report("hypercall_null", measure(version, 0));
  report("cpuid_exit", measure(identify, 0));
  report("hypercall_unknown", measure(unknown, 0));
  report("yield_alone", measure(yield, 0));
  report("event_alloc_close", measure(allocateAndClose, 0));
  if (!bindLoopback()) return;
  report("event_send", measure(send, 0));
  report("event_send_fresh", measure(sendFresh, 0));
}

static void yieldFor(u64 milliseconds, call *function) {
  u64 end = systemTime() + milliseconds * 1000000;
  while (systemTime() < end)
    for (u32 index = 0; index < BATCH; index++) function();
}

static void measureTwo(void) {
  call *function = hasOption("sse") ? yieldWithVectors : yield;
  yieldFor(numberOption("warm", 10), function);
  u64 ticks = measure(function, BATCHES / 2);
  yieldFor(numberOption("tail", 10), function);
  report(hasOption("sse") ? "yield_two_sse" : "yield_two", ticks);
}

void guestMain(void) {
  for (u32 count = 0; count < BATCHES; count++) {
    u64 time = batch(nothing);
    if (count == 0 || time < empty) empty = time;
  }
  if (hasOption("two")) measureTwo();
  else measureAlone();
}
