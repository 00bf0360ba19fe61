/* Usable memory, what the loader says of it, and the core's only way to it: an address outside the
   usable ranges, which leave out Xenolith's image and linear memory, stops the machine. */
#include "machine.h"
#include "bulk.h"

#define LOWEST 0x100000ul
#define HIGHEST (1ul << 39) /* what boot.S maps */
#define MULTIBOOT2_MAGIC 0x36d76289u
#define PVH_MAGIC 0x336ec578u

/* Not in linear memory: no store of the core can widen them. None is smaller than a superframe. The
   first is the boot pack, which GRUB may put below LOWEST; the core is told of the others. */
static struct {
  u64 start, bytes;
} ranges[1 + MEMORY_RANGES], largest, recent;
static u32 count;

static void addRange(u64 start, u64 end) {
  start = ((start < LOWEST ? LOWEST : start) + 4095) & ~4095ul;
  end = (end > HIGHEST ? HIGHEST : end) & ~4095ul;
  if (start < LINEAR_END && end > IMAGE) {
    addRange(start, IMAGE);
    start = LINEAR_END;
  }
  if (end < start + SUPERFRAME || count == MEMORY_RANGES) return;
  COLUMN(RANGE_ADDRESS, u64, count) = recent.start = start;
  COLUMN(RANGE_BYTES, u64, count) = recent.bytes = end - start;
  ranges[++count] = recent;
  if (recent.bytes > largest.bytes) largest = recent;
  COLUMN(BOOT_RANGES, u32, 0) = count;
}

static u32 half(u64 address) { return *(const u32 *)address; }
static u64 word(u64 address) { return *(const u64 *)address; }

/* A memory map entry is the same in both protocols: address, bytes, type (1 is usable). */
static void addEntry(u64 entry) {
  if (half(entry + 16) == 1) addRange(word(entry), word(entry) + word(entry + 8));
}

static void setPack(u64 start, u64 bytes) {
  COLUMN(BOOT_PACK_ADDRESS, u64, 0) = ranges[0].start = start;
  COLUMN(BOOT_PACK_BYTES, u64, 0) = bytes;
  ranges[0].bytes = bytes < SUPERFRAME ? SUPERFRAME : bytes;
}

static void readMultiboot2(u64 information) {
  for (u64 tag = information + 8; half(tag) != 0; tag += (half(tag + 4) + 7) & ~7u) {
    if (half(tag) == 3) setPack(half(tag + 8), half(tag + 12) - half(tag + 8));
    if (half(tag) != 6) continue;
    for (u64 entry = tag + 16; entry < tag + half(tag + 4); entry += half(tag + 8)) addEntry(entry);
  }
}

/* hvm_start_info, version 1: modules at 12 and 16, memory map at 40 and 48. */
static void readPvh(u64 information) {
  if (half(information) != PVH_MAGIC || half(information + 4) == 0) {
    refuse("started neither by PVH nor by multiboot2:", information);
  }
  u64 modules = word(information + 16);
  if (half(information + 12) > 0) setPack(word(modules), word(modules + 8));
  for (u32 i = 0; i < half(information + 48); i++) addEntry(word(information + 40) + 24 * i);
}

/* Fills the columns of range, and where the boot pack is; that there is none, the core says. */
void readLoader(u32 magic, u64 information) {
  if (magic == MULTIBOOT2_MAGIC) readMultiboot2(information);
  else readPvh(information);
  if (count == 0) refuse("the loader reports no usable memory:", information);
  if (ranges[0].bytes == 0) ranges[0] = ranges[1];
}

#define BEYOND(range) UNLIKELY(address - (range).start > (range).bytes - bytes)
static __attribute__((noinline)) void search(u64 address, u32 bytes) {
  for (u32 i = 0; BEYOND(recent); recent = ranges[i++]) {
    if (i > count) refuse("the core reached for what is not guest memory:", address);
  }
}

/* Guests' memory and the frames that come one by one are often in two ranges, which are at hand. No
   range is smaller than a superframe, so that no subtraction goes below zero. */
static inline void *reach(u64 address, u32 bytes) {
  if (bytes > SUPERFRAME) refuse("the core moves too many bytes at once:", bytes);
  if (BEYOND(largest) && BEYOND(recent)) search(address, bytes);
  return (void *)address;
}

/* Guests write to the same memory: each access happens once, whole, and in order. */
#define ACCESS(result, name, type, expression, ...)                                                \
  result IMPORT(name, u64 address, ##__VA_ARGS__) {                                                \
    type *at = reach(address, sizeof(type));                                                       \
    return expression;                                                                             \
  }
#define ORDER __ATOMIC_SEQ_CST
ACCESS(u32, load8, u8, __atomic_load_n(at, ORDER))
ACCESS(u32, load32, u32, __atomic_load_n(at, ORDER))
ACCESS(u64, load64, u64, __atomic_load_n(at, ORDER))
ACCESS(void, store8, u8, __atomic_store_n(at, value, __ATOMIC_RELEASE), u32 value)
ACCESS(void, store32, u32, __atomic_store_n(at, value, __ATOMIC_RELEASE), u32 value)
ACCESS(void, store64, u64, __atomic_store_n(at, value, __ATOMIC_RELEASE), u64 value)
ACCESS(u64, or64, u64, __atomic_fetch_or(at, mask, ORDER), u64 mask)
ACCESS(u64, and64, u64, __atomic_fetch_and(at, mask, ORDER), u64 mask)
ACCESS(u32, exchange8, u8, __atomic_exchange_n(at, value, ORDER), u32 value)
ACCESS(u32, compareExchange16, u16, __sync_val_compare_and_swap(at, expected, value), u32 expected,
       u32 value)

void IMPORT(copy, u64 to, u64 from, u32 n) { memcpy(reach(to, n), reach(from, n), n); }
void IMPORT(copyIn, u32 to, u64 from, u32 n) { memcpy(reachLinear(to, n), reach(from, n), n); }
void IMPORT(zero, u64 address, u32 bytes) { memset(reach(address, bytes), 0, bytes); }
u64 IMPORT(linearBase) { return LINEAR; }
