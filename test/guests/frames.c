/* A fixed-frame schedule seen from inside: when its own slots begin and end, by Xen's system time.

   Options: `frame=US` is the length of the major frame; it runs until system time `end=MS`. With
   `flood=DOMAIN` it also asks for all that takes long: hypercalls, lists of them, frames that have
   to be scrubbed, and domains of label `label=N` under that number, which are built and destroyed;
   with `rounds=N`, so often and no longer. */
#include "runtime/xen.h"

enum { CONTROL = 60, CONTROL_CREATE = 1, CONTROL_SUPERFRAME = 2, CONTROL_RESERVE = 3 };
enum { CONTROL_POPULATE = 4, CONTROL_DESTROY = 15 };
enum { MEMORY_DECREASE = 1, MEMORY_POPULATE = 6 };
enum { LIST = 32, MARGIN = 50000 };

typedef struct {
  u32 operation, domain;
  u64 a, b, c, d, name[3];
} command;
typedef struct {
  u64 number, result, arguments[6];
} listed;
typedef struct {
  word extents, count;
  u32 order, flags;
  u16 domain;
} reservation;
typedef struct {
  u64 least, most;
} range;

static u64 frameLength, origin, last, slots;
static range starts = {~0ull, 0}, ends = {~0ull, 0};

static void widen(range *of, u64 time) {
  u64 phase = (time - origin + MARGIN) % frameLength;
  if (phase < of->least) of->least = phase;
  if (phase > of->most) of->most = phase;
}

/* A time that has passed unseen lies between two slots. The first slot is where counting begins. */
static u64 watch(void) {
  u64 now = systemTime();
  if (now - last > frameLength / 5) {
    if (origin == 0) {
      origin = now;
    } else {
      widen(&ends, last);
      widen(&starts, now);
      slots++;
    }
  }
  last = now;
  return now;
}

static void control(u32 operation, u32 domain, u64 a, u64 b, u64 c, u64 d) {
  command row = {operation, domain, a, b, c, d, {0x6d75736e6f63ull, 0, 0}};
  hypercall(CONTROL, (word)&row, 0, 0);
  watch();
}

static void scrubOne(void) {
  static u64 gfn = 512;
  reservation one = {(word)&gfn, 1, 0, 0, DOMID_SELF};
  hypercall(MEMORY_OP, MEMORY_DECREASE, (word)&one, 0);
  watch();
  hypercall(MEMORY_OP, MEMORY_POPULATE, (word)&one, 0);
  watch();
}

static void list(void) {
  static listed calls[LIST] __attribute__((aligned(64)));
  for (u32 at = 0; at < LIST; at++) calls[at] = (listed){XEN_VERSION, 0, {VERSION_VERSION}};
  hypercall(MULTICALL, (word)calls, LIST, 0);
  watch();
}

static void flood(u32 domain, u64 label) {
  for (u32 at = 0; at < LIST; at++) {
    hypercall(XEN_VERSION, VERSION_VERSION, 0, 0);
    watch();
  }
  list();
  for (u32 at = 0; at < LIST; at++) scrubOne();
  control(CONTROL_CREATE, domain, label, 32, 4096, 256);
  control(CONTROL_SUPERFRAME, domain, 0, 0, 0, 0);
  control(CONTROL_RESERVE, domain, 0, 0, 0, 0);
  control(CONTROL_POPULATE, domain, 512, 0, 0, 0);
  control(CONTROL_DESTROY, domain, 0, 0, 0, 0);
}

void guestMain(void) {
  u64 end = numberOption("end", 1200) * 1000000, rounds = numberOption("rounds", ~0ull);
  u32 domain = numberOption("flood", 0);
  frameLength = numberOption("frame", 1000) * 1000;
  last = systemTime();
  while (watch() < end && rounds-- > 0)
    if (domain != 0) flood(domain, numberOption("label", 0));
  putRow("frames slots", slots);
  putRow("frames origin", origin);
  putRow("frames start least", starts.least);
  putRow("frames start most", starts.most);
  putRow("frames end least", ends.least);
  putRow("frames end most", ends.most);
}
