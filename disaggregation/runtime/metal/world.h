/* What the C files of a service's world share. */
#include "core.h"
#include "places.h"

/* Defines one import of the service. */
#define IMPORT(name, ...) w2c_world_##name(struct w2c_world *world, ##__VA_ARGS__)
#define PAGE_BYTES 4096u

/* A page of the window; `handle` is in range. */
#define PAGE(handle) ((u8 *)(u64)(WINDOW + (handle) * PAGE_BYTES))

static inline void *reachLinear(u32 offset, u32 bytes) {
  RANGE_CHECK(, offset, (u64)bytes);
  return MEM_ADDR(, offset, bytes);
}

s64 callXen(u32 number, u64 a, u64 b, u64 c);
void say(const char *text, u32 bytes);
void waitForEvent(u64 deadline);
void readStart(u64 information);
