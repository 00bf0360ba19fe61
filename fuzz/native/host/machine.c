/* The core's imports, as the fuzzing copy has them (fuzz/instrument/machine.ts): each leaves an
   event, each store is noted first. */
#include "host.h"
#include <string.h>

struct w2c_machine;
#define IMPORT(name, ...) w2c_machine_##name(struct w2c_machine *machine, ##__VA_ARGS__)

u32 eventHash, eventCount, raceIndex, raceAt, raceValue;
u64 ticks, timer;
jmp_buf stepEnd;

static void mixLong(u64 value) {
  eventHash = mix(mix(eventHash, (u32)value), (u32)(value >> 32));
}

/* Between two accesses of the core another CPU may store a word. */
static void event(u32 id, u64 a, u64 b, u64 c) {
  if (eventCount == raceIndex) {
    note(raceAt);
    memcpy(reach(raceAt, 4), &raceValue, 4);
  }
  if (++eventCount == EVENTS) longjmp(stepEnd, REFUSED);
  eventHash = mix(eventHash, id);
  mixLong(a);
  mixLong(b);
  mixLong(c);
}

static u64 result(u64 value) {
  mixLong(value);
  return value;
}

static u32 placeOf(u64 address, u32 bytes) {
  if (address - RAM_BASE > (u64)RAM_BYTES - bytes) longjmp(stepEnd, REFUSED);
  return (u32)(address - RAM_BASE) + LINEAR_BYTES;
}

#define LOAD(bits)                                                                                 \
  u##bits value;                                                                                   \
  event(EVENT_load##bits, address, 0, 0);                                                          \
  memcpy(&value, reach(placeOf(address, bits / 8), bits / 8), bits / 8);                           \
  return (u##bits)result(value);
u32 IMPORT(load8, u64 address) { LOAD(8) }
u32 IMPORT(load16, u64 address) { LOAD(16) }
u32 IMPORT(load32, u64 address) { LOAD(32) }
u64 IMPORT(load64, u64 address) { LOAD(64) }

#define STORE(bits)                                                                                \
  event(EVENT_store##bits, address, value, 0);                                                     \
  const u32 at = placeOf(address, bits / 8);                                                       \
  note(at);                                                                                        \
  const u##bits wrapped = (u##bits)value;                                                          \
  memcpy(reach(at, bits / 8), &wrapped, bits / 8);
void IMPORT(store8, u64 address, u32 value) { STORE(8) }
void IMPORT(store32, u64 address, u32 value) { STORE(32) }
void IMPORT(store64, u64 address, u64 value) { STORE(64) }

#define COMBINE(id, operator)                                                                      \
  u64 old;                                                                                         \
  event(id, address, value, 0);                                                                    \
  const u32 at = placeOf(address, 8);                                                              \
  note(at);                                                                                        \
  memcpy(&old, reach(at, 8), 8);                                                                   \
  const u64 combined = old operator value;                                                         \
  memcpy(reach(at, 8), &combined, 8);                                                              \
  return result(old);
u64 IMPORT(or64, u64 address, u64 value) { COMBINE(EVENT_or64, |) }
u64 IMPORT(and64, u64 address, u64 value) { COMBINE(EVENT_and64, &) }

u32 IMPORT(exchange8, u64 address, u32 value) {
  event(EVENT_exchange8, address, value, 0);
  const u32 at = placeOf(address, 1);
  note(at);
  u8 *byte = reach(at, 1);
  const u8 old = *byte;
  *byte = (u8)value;
  return (u32)result(old);
}

u32 IMPORT(compareExchange16, u64 address, u32 expected, u32 value) {
  u16 old;
  const u16 wrapped = (u16)value;
  event(EVENT_compareExchange16, address, expected, value);
  const u32 at = placeOf(address, 2);
  note(at);
  memcpy(&old, reach(at, 2), 2);
  if (old == (u16)expected) memcpy(reach(at, 2), &wrapped, 2);
  return (u32)result(old);
}

void IMPORT(copy, u64 target, u64 source, u32 bytes) {
  event(EVENT_copy, target, source, bytes);
  const u32 at = placeOf(target, bytes), from = placeOf(source, bytes);
  noteCopy(at, from, bytes);
  memmove(reach(at, bytes), reach(from, bytes), bytes);
}

void IMPORT(zero, u64 address, u32 bytes) {
  static const u8 nothing[32];
  event(EVENT_zero, address, bytes, 0);
  const u32 at = placeOf(address, bytes);
  for (u32 from = 0; from < bytes; from += 32) {
    if (memcmp(reach(at + from, 32), nothing, 32) == 0) continue;
    noteRange(at + from, 32);
    memset(reach(at + from, 32), 0, 32);
  }
}

void IMPORT(copyIn, u32 offset, u64 source, u32 bytes) {
  const u32 from = placeOf(source, bytes);
  noteCopy(offset, from, bytes);
  memmove(reach(offset, bytes), reach(from, bytes), bytes);
}

u64 IMPORT(linearBase) { return LINEAR_BASE; }

u64 IMPORT(timestamp) {
  event(EVENT_timestamp, 0, 0, 0);
  return result(++ticks);
}

void IMPORT(setTimer, u64 deadline) {
  event(EVENT_setTimer, deadline, 0, 0);
  timer = deadline;
}

void IMPORT(switchState, u32 from, u32 to) {
  event(EVENT_switchState, from, to, 0);
  if (to >= VCPUS || (from >= VCPUS && from != 0xffffffffu)) longjmp(stepEnd, REFUSED);
}

void IMPORT(predictorBarrier) { event(EVENT_predictorBarrier, 0, 0, 0); }

void IMPORT(halt, u32 code) {
  event(EVENT_halt, code, 0, 0);
  longjmp(stepEnd, HALTED);
}

void IMPORT(write, u32 offset, u32 bytes) { reach(offset, bytes); }

u32 IMPORT(cpuid, u32 leaf, u32 subleaf, u32 index) { return 0; }

void trap(void) { longjmp(stepEnd, TRAPPED); }
