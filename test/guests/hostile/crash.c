#include "hostile.h"

const char *tripleFault(void) {
  struct __attribute__((packed)) {
    u16 limit;
    word base;
  } none = {0, 0};
  asm volatile("lidt %0; int3" : : "m"(none));
  return "a triple fault";
}

const char *readOutside(void) {
  u8 value = *(volatile u8 *)OUTSIDE;
  return value == 0xff ? "read all ones" : "read something";
}

const char *writeOutside(void) {
  *(volatile u8 *)OUTSIDE = 1;
  return "wrote";
}

const char *executeOutside(void) {
  ((void (*)(void))OUTSIDE)();
  return "executed";
}

const char *tablesOutside(void) {
  asm volatile("mov %0, %%cr3" : : "r"(OUTSIDE) : "memory");
  return "walked";
}

const char *haltForEver(void) {
  asm volatile("cli; hlt");
  return "woken with interrupts off";
}
