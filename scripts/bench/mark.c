/* A Linux program without a C library: says on port 0xe9 at which tick of the TSC userspace was
   reached. Xen and Xenolith both show what a guest writes there. Becomes /bin/mark. */

enum { SYSCALL_IOPL = 172, SYSCALL_EXIT = 60, PORT = 0xe9 };

static long systemCall(long number, long argument) {
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(argument)
               : "rcx", "r11", "memory");
  return result;
}

static void put(const char *text) {
  for (; *text != 0; text++) asm volatile("outb %b0, %w1" : : "a"(*text), "d"(PORT));
}

void _start(void) {
  char digits[17];
  unsigned low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  unsigned long ticks = (unsigned long)high << 32 | low;
  digits[16] = 0;
  for (int at = 15; at >= 0; at--, ticks >>= 4) digits[at] = "0123456789abcdef"[ticks & 15];
  if (systemCall(SYSCALL_IOPL, 3) != 0) systemCall(SYSCALL_EXIT, 1);
  put("userspace at tick ");
  put(digits);
  put("\n");
  systemCall(SYSCALL_EXIT, 0);
}
