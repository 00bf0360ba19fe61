/* Memory of the hosted build, and the log by which it goes back. */
#include "host.h"
#include <stdlib.h>
#include <string.h>

u8 linear[LINEAR_BYTES], ram[RAM_BYTES];
struct entry entries[LOG_ENTRIES];
u32 entryCount;

/* The bytes at a place; a place that is none ends the step. */
u8 *reach(u32 at, u32 bytes) {
  if ((u64)at + bytes <= LINEAR_BYTES) return linear + at;
  if (at >= LINEAR_BYTES && (u64)at + bytes <= LINEAR_BYTES + RAM_BYTES) {
    return ram + (at - LINEAR_BYTES);
  }
  longjmp(stepEnd, REFUSED);
}

/* Eight bytes at a place; what lies behind the end of its memory is 0. */
static u64 eight(u32 at) {
  const u32 end = at < LINEAR_BYTES ? LINEAR_BYTES : LINEAR_BYTES + RAM_BYTES;
  u64 value = 0;
  const u32 bytes = end - at < 8 ? end - at : 8;
  memcpy(&value, reach(at, bytes), bytes);
  return value;
}

void note(u32 at) {
  if (entryCount == LOG_ENTRIES) longjmp(stepEnd, REFUSED);
  entries[entryCount++] = (struct entry){at, eight(at)};
}

void noteRange(u32 at, u32 bytes) {
  for (u32 from = 0; from < bytes; from += 8) note(at + from);
}

/* Of a range that becomes a copy of another one, what changes. */
void noteCopy(u32 at, u32 source, u32 bytes) {
  for (u32 from = 0; from < bytes; from += 8) {
    if (eight(at + from) != eight(source + from)) note(at + from);
  }
}

void undoAll(void) {
  while (entryCount > 0) {
    const struct entry entry = entries[--entryCount];
    const u32 end = entry.at < LINEAR_BYTES ? LINEAR_BYTES : LINEAR_BYTES + RAM_BYTES;
    const u32 bytes = end - entry.at < 8 ? end - entry.at : 8;
    memcpy(reach(entry.at, bytes), &entry.old, bytes);
  }
}

static bool isLinear(const void *pointer) {
  return (const u8 *)pointer >= linear && (const u8 *)pointer < linear + LINEAR_BYTES;
}

/* wasm2c's loads and stores both copy: those into linear memory are stores. */
void storeNoted(void *target, const void *source, size_t bytes) {
  if (isLinear(target)) note((u32)((u8 *)target - linear));
  memcpy(target, source, bytes);
}

void fillNoted(void *target, int value, size_t bytes) {
  noteRange((u32)((u8 *)target - linear), (u32)bytes);
  memset(target, value, bytes);
}

void moveNoted(void *target, const void *source, size_t bytes) {
  noteCopy((u32)((u8 *)target - linear), (u32)((const u8 *)source - linear), (u32)bytes);
  memmove(target, source, bytes);
}

u32 mix(u32 hash, u32 word) {
  hash ^= word;
  return (hash << 5 | hash >> 27) * 0x9e3779b1u;
}
