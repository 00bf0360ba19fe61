/* Carries out the steps that standard input names, and says on standard output what came of each.
   fuzz/native/child.ts is the other side. */
#include "core.h"
#include "host.h"
#include <stdio.h>
#include <stdlib.h>

enum { LOAD, STORE, EXIT, CHOOSE, UNDO };

struct command {
  u32 kind, parameter, raceIndex, raceAt, raceValue, reserved;
  u64 ticks, timer;
};
struct answer {
  u32 ending, chosen, stores, storeHash, events, eventHash;
  u64 timer;
};

static w2c_core core;

static void take(void *to, size_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) exit(0);
}

/* What was noted from `first` on, with what now stands there. */
static u32 hashStores(u32 first) {
  u32 hash = 0;
  for (u32 i = first; i < entryCount; i++) {
    const u32 at = entries[i].at;
    hash = mix(hash, at);
    for (u32 byte = 0; byte < 8; byte++) {
      const bool isIn = at + byte < LINEAR_BYTES + RAM_BYTES;
      hash = mix(hash, isIn ? *reach(at + byte, 1) : 0);
    }
  }
  return hash;
}

static void step(struct command command) {
  const u32 first = entryCount;
  struct answer answer = {0};
  eventHash = eventCount = 0;
  raceIndex = command.raceIndex;
  raceAt = command.raceAt;
  raceValue = command.raceValue;
  ticks = command.ticks;
  timer = command.timer;
  const volatile int ending = setjmp(stepEnd);
  if (ending == DONE) {
    if (command.kind == EXIT) w2c_core_handleExit(&core, command.parameter);
    else answer.chosen = w2c_core_selectVcpu(&core, 0);
  }
  answer.ending = (u32)ending;
  answer.stores = entryCount - first;
  answer.storeHash = hashStores(first);
  answer.events = eventCount;
  answer.eventHash = eventHash;
  answer.timer = timer;
  fwrite(&answer, sizeof answer, 1, stdout);
  fflush(stdout);
}

/* Words that the harness stores: place and value. */
static void store(u32 count) {
  for (; count > 0; count--) {
    u32 words[2];
    take(words, sizeof words);
    note(words[0]);
    __builtin_memcpy(reach(words[0], 4), &words[1], 4);
  }
}

int main(void) {
  if (setjmp(stepEnd) != DONE) return 2;
  wasm2c_core_instantiate(&core, 0);
  for (;;) {
    struct command command;
    take(&command, sizeof command);
    if (command.kind == LOAD) {
      take(linear, LINEAR_BYTES);
      take(ram, RAM_BYTES);
      entryCount = 0;
    } else if (command.kind == STORE) {
      if (setjmp(stepEnd) != DONE) return 2;
      store(command.parameter);
    } else if (command.kind == UNDO) {
      undoAll();
    } else {
      step(command);
    }
  }
}
