/* COM1, polled, and every way to stop. */
#include "machine.h"

#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define DEBUG_EXIT 0xf4
enum { HALT_EXCEPTION = 120, HALT_REFUSED = 122 };

/* 115200 baud, 8 bits, no parity, 1 stop bit, FIFO on, no interrupts. */
void startConsole(void) {
  static const u8 setup[][2] = {{1, 0}, {3, 0x80}, {0, 1}, {1, 0}, {3, 3}, {2, 7}, {4, 3}};
  for (u32 i = 0; i < sizeof setup / 2; i++) out8(COM1 + setup[i][0], setup[i][1]);
}

static void putByte(u8 byte) {
  if (byte == '\n') putByte('\r');
  while (!(in8(LINE_STATUS) & 0x20)) continue;
  out8(COM1, byte);
}

static void putText(const char *text) {
  while (*text) putByte(*text++);
}

static void putHex(const char *name, u64 value) {
  putText(name);
  for (int shift = 60; shift >= 0; shift -= 4) putByte("0123456789abcdef"[value >> shift & 15]);
}

void IMPORT(write, u32 offset, u32 bytes) {
  const u8 *text = reachLinear(offset, bytes);
  for (u32 i = 0; i < bytes; i++) putByte(text[i]);
}

void IMPORT(halt, u32 code) {
  putHex("xenolith: stopped at tick ", readTsc());
  putByte('\n');
  asm volatile("outl %0, %1" : : "a"(code), "Nd"((u16)DEBUG_EXIT));
  for (;;) asm volatile("cli; hlt");
}

/* The machine layer cannot go on: a machine without what it needs, or a core that errs. */
void refuse(const char *reason, u64 value) {
  putText("xenolith: ");
  putText(reason);
  putHex(" ", value);
  putByte('\n');
  for (;;) w2c_machine_halt(0, HALT_REFUSED);
}

/* frame: vector, error code, RIP, CS, RFLAGS, RSP, as the stub and the CPU pushed them. */
_Noreturn void machineException(const u64 *frame, u64 cr2) {
  static const char *const names[] = {"exception ", " error ", " rip ", " cs ", " flags ", " rsp "};
  putText("xenolith: ");
  for (u32 i = 0; i < 6; i++) putHex(names[i], frame[i]);
  putHex(" cr2 ", cr2);
  putByte('\n');
  for (;;) w2c_machine_halt(0, HALT_EXCEPTION);
}
