/* Whole lines only, so that two guests' words do not mix on a shared serial port. */
#include "xen.h"

enum { LINE = 200, DEBUG_PORT = 0xe9 };
static char line[LINE];
static u32 used;

static void flush(void) {
  if (hypercall(CONSOLE_IO, 0, used, (word)line) < 0) {
    const char *from = line;
    word count = used;
    asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(DEBUG_PORT) : "memory");
  }
  used = 0;
}

void put(const char *text) {
  for (; *text != 0; text++) {
    line[used++] = *text;
    if (*text == '\n' || used == LINE) flush();
  }
}
