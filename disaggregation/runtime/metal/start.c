/* What came with the domain: hvm_start_info names one module, which begins with the configuration
   text; at the first page behind its NUL lies the payload. */
#include "world.h"

#define START_INFO_MAGIC 0x336ec578u

static const char *text;
static u32 textBytes;
static u64 moduleAddress, moduleBytes, spareAddress, spareBytes;

static u32 half(u64 address) { return *(const u32 *)address; }
static u64 word(u64 address) { return *(const u64 *)address; }
static u64 roundUp(u64 address) { return (address + PAGE_BYTES - 1) & ~(u64)(PAGE_BYTES - 1); }

static u64 readModule(u64 entry) {
  u64 start = word(entry), bytes = word(entry + 8);
  text = (const char *)start;
  while (textBytes < bytes && text[textBytes]) textBytes++;
  moduleAddress = roundUp(start + textBytes + 1);
  u64 end = (start + bytes) & ~(u64)(PAGE_BYTES - 1);
  if (end > moduleAddress) moduleBytes = end - moduleAddress;
  return roundUp(start + bytes);
}

/* The first entry of the memory map is the domain's low memory. */
void readStart(u64 information) {
  if (half(information) != START_INFO_MAGIC) refuse("not started by PVH:", information);
  u64 used = roundUp(information + 1);
  if (half(information + 12) > 0) used = readModule(word(information + 16));
  u64 entry = word(information + 40);
  u64 end = word(entry) + word(entry + 8);
  if (used < LINEAR_END) used = LINEAR_END;
  spareAddress = used;
  spareBytes = end > used ? end - used : 0;
}

u32 IMPORT(config, u32 linear, u32 bytes) {
  u32 count = bytes < textBytes ? bytes : textBytes;
  memcpy(reachLinear(linear, count), text, count);
  return textBytes;
}
u64 IMPORT(moduleAddress) { return moduleAddress; }
u64 IMPORT(moduleBytes) { return moduleBytes; }
u64 IMPORT(spareAddress) { return spareAddress; }
u64 IMPORT(spareBytes) { return spareBytes; }
