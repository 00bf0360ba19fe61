/* Memory lent from one guest to another. `owner` grants a page to domain `peer` and stays until the
   peer writes DONE into it; without it, the guest maps and unmaps that page of domain `peer` in
   batches, reports the least cost of the pair of calls, and writes DONE. */
#include "runtime/xen.h"

enum { BATCH = 32, BATCHES = 64, REFERENCE = 8, PERMIT_ACCESS = 1, HOST_MAP = 2 };
enum { MAGIC = 0x6772616e, DONE = 0x646f6e65, PATIENCE = 3000, NAP = 10000000 };
/* Behind the memory of every test guest. */
#define TABLE 0xc0000000ul
#define WINDOW 0xc0200000ul

static void grantPage(u16 peer) {
  static u8 page[4096] __attribute__((aligned(4096)));
  addToPhysmap request = {DOMID_SELF, 0, SPACE_GRANT_TABLE, 0, TABLE >> 12};
  long result = hypercall(MEMORY_OP, MEMORY_ADD_TO_PHYSMAP, (word)&request, 0);
  put("grant: table ");
  putSigned(result);
  put("\n");
  if (result != 0) return;
  volatile u32 *first = (volatile u32 *)page;
  *first = MAGIC;
  volatile grantEntry *entry = (volatile grantEntry *)TABLE + REFERENCE;
  entry->frame = (u32)((word)page >> 12);
  entry->flags_domain = (u32)peer << 16 | PERMIT_ACCESS;
  for (u32 nap = 0; *first != DONE && nap < PATIENCE; nap++) sleepUntil(systemTime() + NAP);
  put(*first == DONE ? "grant: owner saw the peer's word\n" : "grant: owner saw NOTHING\n");
}

/* Zero, or what was refused. */
static long map(u16 peer, u32 *handle) {
  mapGrant request = {WINDOW, HOST_MAP, REFERENCE, peer, 0, 0, 0};
  long result = hypercall(GRANT_TABLE_OP, GRANT_MAP, (word)&request, 1);
  *handle = request.handle;
  return result != 0 ? result : request.status;
}

static long unmap(u32 handle) {
  unmapGrant request = {WINDOW, 0, handle, 0};
  long result = hypercall(GRANT_TABLE_OP, GRANT_UNMAP, (word)&request, 1);
  return result != 0 ? result : request.status;
}

/* Maps until the owner has granted; then reads, or says farewell. */
static bool visit(u16 peer, bool farewell) {
  u32 handle;
  long result = map(peer, &handle);
  for (u32 nap = 0; result != 0 && nap < PATIENCE; nap++) {
    sleepUntil(systemTime() + NAP);
    result = map(peer, &handle);
  }
  put("grant: map ");
  putSigned(result);
  put("\n");
  if (result != 0) return false;
  bool same = *(volatile u32 *)WINDOW == MAGIC;
  if (farewell) *(volatile u32 *)WINDOW = DONE;
  put(same ? "grant: reads the owner's page\n" : "grant: reads SOMETHING ELSE\n");
  return unmap(handle) == 0 && same;
}

static void measure(u16 peer) {
  u64 least = ~0ull;
  for (u32 count = 0; count < BATCHES; count++) {
    u32 handle, failed = 0;
    u64 start = rdtsc();
    for (u32 index = 0; index < BATCH; index++)
      failed += map(peer, &handle) != 0 || unmap(handle) != 0;
    u64 time = rdtsc() - start;
    if (failed != 0) return put("grant: FAILED\n");
    if (time < least) least = time;
  }
  putRow("bench grant_map_unmap", least / BATCH);
}

void guestMain(void) {
  u16 peer = (u16)numberOption("peer", 0);
  if (hasOption("owner")) return grantPage(peer);
  if (visit(peer, false)) measure(peer);
  visit(peer, true);
}
