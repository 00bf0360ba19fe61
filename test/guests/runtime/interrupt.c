/* The interrupt table; exceptions that a fixup expects; the rest ends the guest with its words. */
#include "xen.h"

#ifdef __x86_64__
typedef struct {
  u16 low, selector, attributes, middle;
  u32 high, reserved;
} gate;
#else
typedef struct {
  u16 low, selector, attributes, high;
} gate;
#endif
typedef struct {
  word from, to;
} fixup;

enum { FLAGS_IF = 0x200, CODE = 8, INTERRUPT_GATE = 0x8e00, USER_GATE = 0xee00 };
extern const u8 vectorStubs[256][16];
extern const fixup fixups[], fixupsEnd[];
static gate table[256];
static handler *handlers[256];
volatile u32 faultVector;

void loadInterruptTable(void) {
  struct __attribute__((packed)) {
    u16 limit;
    word base;
  } pointer = {sizeof table - 1, (word)table};
  asm volatile("lidt %0" : : "m"(pointer));
}

void startRuntime(void) {
  for (u32 vector = 0; vector < 256; vector++) {
    word stub = (word)vectorStubs[vector];
    gate *entry = &table[vector];
    entry->low = (u16)stub;
    entry->selector = CODE;
    entry->attributes = INTERRUPT_GATE;
#ifdef __x86_64__
    entry->middle = (u16)(stub >> 16);
    entry->high = (u32)(stub >> 32);
#else
    entry->high = (u16)(stub >> 16);
#endif
  }
  loadInterruptTable();
}

void onVector(u32 vector, handler *handle) { handlers[vector] = handle; }

void openVectorToUsers(u32 vector) { table[vector].attributes = USER_GATE; }

static bool fixed(frame *at) {
  for (const fixup *entry = fixups; entry < fixupsEnd; entry++) {
    if (entry->from != at->ip) continue;
    at->ip = entry->to;
    faultVector = (u32)at->vector;
    return true;
  }
  return false;
}

/* An interrupt that comes while they are off would end in a lock taken twice. */
static void refuseMasked(const frame *at) {
  if (at->vector < 32 || (at->cs & 3) != 0 || (at->flags & FLAGS_IF) != 0) return;
  put("interrupt while they are off, at ");
  putHex(at->ip);
  put("\n");
  shutdown(SHUTDOWN_CRASH);
}

void handleInterrupt(frame *at) {
  refuseMasked(at);
  if (handlers[at->vector] != 0) return handlers[at->vector](at);
  if (at->vector < 32 && fixed(at)) return;
  put("unexpected vector ");
  putNumber(at->vector);
  put(" error ");
  putHex(at->error);
  put(" at ");
  putHex(at->ip);
  put("\n");
  shutdown(SHUTDOWN_CRASH);
}
