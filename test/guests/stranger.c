/* A guest that knows Xen's public interface alone and looks everything up: the signature's place
   among the CPUID leaves, the hypercall page by the MSR named there, its parameters, the console
   ring. */
#include "runtime/xen.h"

enum { FIRST_LEAF = 0x40000000, LAST_LEAF = 0x40010000, LEAF_STEP = 0x100 };
enum { OUT = 1024, OUT_BYTES = 2048, OUT_PRODUCED = 3084 };
static u8 calls[4096] __attribute__((aligned(4096)));

static u32 findSignature(void) {
  for (u32 leaf = FIRST_LEAF; leaf < LAST_LEAF; leaf += LEAF_STEP) {
    cpuidResult at = cpuid(leaf);
    if (at.b == 0x566e6558 && at.c == 0x65584d4d && at.d == 0x4d4d566e && at.a >= leaf + 2)
      return leaf;
  }
  return 0;
}

static u64 parameter(u32 index) {
  hvmParameter request = {DOMID_SELF, 0, index, 0};
  long result = hypercallBy(calls, HVM_OP, PARAMETER_GET, (word)&request, 0);
  put("stranger: parameter ");
  putNumber(index);
  put(" result ");
  putSigned(result);
  put(" value ");
  putHex(request.value);
  put("\n");
  return result == 0 ? request.value : 0;
}

static void writeRing(u64 frame, u64 port, const char *text) {
  volatile u8 *ring = (volatile u8 *)(word)(frame << 12);
  u32 produced = *(volatile u32 *)(ring + OUT_PRODUCED);
  for (; *text != 0; text++, produced++) ring[OUT + produced % OUT_BYTES] = (u8)*text;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  *(volatile u32 *)(ring + OUT_PRODUCED) = produced;
  u32 named = (u32)port;
  long result = hypercallBy(calls, EVENT_CHANNEL_OP, EVENT_SEND, (word)&named, 0);
  put("stranger: console notified, result ");
  putSigned(result);
  put("\n");
}

void guestMain(void) {
  u32 base = findSignature();
  put("stranger: signature at ");
  putHex(base);
  put("\n");
  if (base == 0) return;
  cpuidResult page = cpuid(base + 2);
  if (!writeMsr(page.b, (word)calls)) {
    put("stranger: no hypercall page\n");
    return;
  }
  long version = hypercallBy(calls, XEN_VERSION, VERSION_VERSION, 0, 0);
  put("stranger: version ");
  putNumber((u64)version >> 16);
  put(".");
  putNumber((u64)version & 0xffff);
  put("\n");
  parameter(PARAMETER_STORE_PFN);
  parameter(PARAMETER_STORE_PORT);
  u64 frame = parameter(PARAMETER_CONSOLE_PFN), port = parameter(PARAMETER_CONSOLE_PORT);
  static const char direct[] = "stranger: hello by console_io\n";
  hypercallBy(calls, CONSOLE_IO, 0, sizeof direct - 1, (word)direct);
  if (frame != 0) writeRing(frame, port, "stranger: hello by the ring\n");
  put("stranger: powers off\n");
  u32 reason = SHUTDOWN_POWEROFF;
  hypercallBy(calls, SCHED_OP, SCHED_SHUTDOWN, (word)&reason, 0);
}
