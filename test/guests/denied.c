/* Asks for what a policy may refuse: a channel to domain `peer`, its memory, its end, and what the
   hypervisor tells few. For each it says the result, and whether anything of its own changed. */
#include "runtime/xen.h"

enum { CONTROL = 60, CONTROL_PAUSE = 13, CONTROL_DESTROY = 15 };
enum { EVENT_BIND_IPI = 7, VERSION_COMMAND_LINE = 9, COMMAND_LINE_BYTES = 1024 };
enum { HOST_MAP = 2, REFERENCE = 8, PATTERN = 0xa5 };
/* Behind the memory of every test guest. */
#define WINDOW 0xc0200000ul

typedef struct {
  u32 vcpu, port;
} bindIpi;
typedef struct {
  u32 operation, domain;
  u64 arguments[7];
} control;

static u16 peer;

static void say(const char *name, long result, bool unchanged) {
  put("denied ");
  put(name);
  put(" ");
  putSigned(result);
  put(unchanged ? " unchanged\n" : " CHANGED\n");
}

static void closePort(u32 port) {
  hypercall(EVENT_CHANNEL_OP, EVENT_CLOSE, (word)&port, 0);
}

/* The port that the next channel would get. */
static u32 nextPort(void) {
  bindIpi request = {0, 0};
  hypercall(EVENT_CHANNEL_OP, EVENT_BIND_IPI, (word)&request, 0);
  closePort(request.port);
  return request.port;
}

static void offerChannel(void) {
  u32 before = nextPort();
  allocUnbound request = {DOMID_SELF, peer, ~0u};
  long result = hypercall(EVENT_CHANNEL_OP, EVENT_ALLOC_UNBOUND, (word)&request, 0);
  say("alloc_unbound", result, nextPort() == before && request.port == ~0u);
  if (result == 0) closePort(request.port);
}

static void bindChannel(void) {
  u32 before = nextPort();
  bindInterdomain request = {peer, 1, ~0u};
  long result = hypercall(EVENT_CHANNEL_OP, EVENT_BIND_INTERDOMAIN, (word)&request, 0);
  say("bind_interdomain", result, nextPort() == before && request.localPort == ~0u);
}

static void mapMemory(void) {
  mapGrant request = {WINDOW, HOST_MAP, REFERENCE, peer, 0, ~0u, 0};
  long result = hypercall(GRANT_TABLE_OP, GRANT_MAP, (word)&request, 1);
  say("map_grant_ref", result != 0 ? result : request.status, request.handle == ~0u);
}

static void readCommandLine(void) {
  static u8 text[COMMAND_LINE_BYTES] __attribute__((aligned(8)));
  for (u32 index = 0; index < COMMAND_LINE_BYTES; index++) text[index] = PATTERN;
  long result = hypercall(XEN_VERSION, VERSION_COMMAND_LINE, (word)text, 0);
  bool same = true;
  for (u32 index = 0; index < COMMAND_LINE_BYTES; index++) same = same && text[index] == PATTERN;
  say("commandline", result, same);
}

/* Whether the peer goes on is the peer's to say. */
static void govern(const char *name, u32 operation) {
  control request = {operation, peer, {0}};
  say(name, hypercall(CONTROL, (word)&request, 0, 0), true);
}

void guestMain(void) {
  peer = (u16)numberOption("peer", 0);
  offerChannel();
  bindChannel();
  mapMemory();
  readCommandLine();
  govern("pause", CONTROL_PAUSE);
  govern("destroy", CONTROL_DESTROY);
}
