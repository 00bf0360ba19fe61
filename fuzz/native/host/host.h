/* What the files of the hosted build share: memory as the fuzzing copy has it (fuzz/instrument),
   the log of what stores replaced, and how a step ended. */
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "places.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

enum ending { DONE, TRAPPED, REFUSED, HALTED };

/* A place of linear memory (below LINEAR_BYTES) or of machine memory behind it. */
struct entry {
  u32 at;
  u64 old;
};

extern u8 linear[LINEAR_BYTES], ram[RAM_BYTES];
extern struct entry entries[];
extern u32 entryCount;
/* Of what the core asked of the machine in this step. */
extern u32 eventHash, eventCount;
extern u32 raceIndex, raceAt, raceValue;
extern u64 ticks, timer;
extern jmp_buf stepEnd;

u8 *reach(u32 at, u32 bytes);
void note(u32 at);
void noteRange(u32 at, u32 bytes);
void noteCopy(u32 at, u32 source, u32 bytes);
void undoAll(void);
u32 mix(u32 hash, u32 word);
