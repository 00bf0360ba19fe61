/* Replaces the policy by the one in its ramdisk, and says what it may do before and after. */
#include "runtime/xen.h"

enum { CONTROL = 60, CONTROL_LOAD_POLICY = 17, MAGIC_BYTE = 0, LABELS_WORD = 3, NAME_BYTES = 64 };

typedef struct {
  u64 address, size, commandLine, reserved;
} module;
typedef struct {
  u32 operation, domain;
  u64 arguments[7];
} control;

static u16 peer;

static void say(const char *name, long result) {
  put("reload ");
  put(name);
  put(" ");
  putSigned(result);
  put("\n");
}

static void offerChannel(const char *when) {
  allocUnbound request = {DOMID_SELF, peer, 0};
  say(when, hypercall(EVENT_CHANNEL_OP, EVENT_ALLOC_UNBOUND, (word)&request, 0));
}

static long load(u64 address, u64 bytes) {
  control request = {CONTROL_LOAD_POLICY, 0, {0, address, bytes}};
  return hypercall(CONTROL, (word)&request, 0, 0);
}

/* With one byte changed. */
static void saySpoilt(const char *name, const module *policy, u64 at) {
  u8 *byte = (u8 *)(word)(policy->address + at);
  *byte ^= 1;
  say(name, load(policy->address, policy->size));
  *byte ^= 1;
}

void guestMain(void) {
  peer = (u16)numberOption("peer", 0);
  const startInfoLayout *info = startInfo();
  if (info->modules == 0) return put("reload: no policy\n");
  const module *policy = (const module *)(word)info->moduleList;
  offerChannel("channel_before");
  say("outside", load(1ull << 40, policy->size));
  say("short", load(policy->address, policy->size - 1));
  saySpoilt("malformed", policy, MAGIC_BYTE);
  u32 labels = ((const u32 *)(word)policy->address)[LABELS_WORD];
  saySpoilt("renamed", policy, policy->size - labels * NAME_BYTES);
  offerChannel("channel_still");
  say("load", load(policy->address, policy->size));
  offerChannel("channel_after");
  say("load_again", load(policy->address, policy->size));
}
