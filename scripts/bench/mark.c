/* A Linux program without a C library: says on port 0xe9 at which tick of the TSC userspace was
   reached, and then of what the kernel has warned (level 4 and below). Xen and Xenolith both show
   what a guest writes there. Becomes /bin/mark. */

enum { SYSCALL_EXIT = 60, SYSCALL_SYSLOG = 103, SYSCALL_IOPL = 172, PORT = 0xe9 };
/* Xen breaks a line after 80 characters. */
enum { READ_ALL = 3, LEVEL_WARNING = 4, LONGEST = 60 };

static long systemCall(long number, long a, void *b, long c) {
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
  return result;
}

static void putByte(char byte) { asm volatile("outb %b0, %w1" : : "a"(byte), "d"(PORT)); }

static void put(const char *text) {
  for (; *text != 0; text++) putByte(*text);
}

static char messages[1 << 18];

/* "<LEVEL>[ time] text": the level's low three bits are the severity. */
static void putWarnings(void) {
  long bytes = systemCall(SYSCALL_SYSLOG, READ_ALL, messages, sizeof messages);
  for (long at = 0; at < bytes; at++) {
    int level = 0;
    for (at++; at < bytes && messages[at] != '>'; at++) level = level * 10 + messages[at] - '0';
    while (at < bytes && messages[at] != ']' && messages[at] != '\n') at++;
    int shows = (level & 7) <= LEVEL_WARNING;
    if (shows) put("kernel warns:");
    if (messages[at] == ']') at++;
    for (int length = 0; at < bytes && messages[at] != '\n'; at++, length++)
      if (shows && length < LONGEST) putByte(messages[at]);
    if (shows) put("\n");
  }
}

void _start(void) {
  char digits[17];
  unsigned low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  unsigned long ticks = (unsigned long)high << 32 | low;
  digits[16] = 0;
  for (int at = 15; at >= 0; at--, ticks >>= 4) digits[at] = "0123456789abcdef"[ticks & 15];
  if (systemCall(SYSCALL_IOPL, 3, 0, 0) != 0) systemCall(SYSCALL_EXIT, 1, 0, 0);
  put("userspace at tick ");
  put(digits);
  put("\n");
  putWarnings();
  systemCall(SYSCALL_EXIT, 0, 0, 0);
}
