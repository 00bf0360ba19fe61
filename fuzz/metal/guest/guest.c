/* The interpreter of the fuzzing guest. All vCPUs of all domains run it; a register of a serial
   port, which they all reach without an exit, says whose turn it is. Whose turn it is reads one
   record of the program from QEMU's fw_cfg, carries it out, and says what it saw. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

enum { TURN = 0x2ff, SAY = 0x420, SELECT = 0x510, READ = 0x511, END = 0xf4 };
enum { DIRECTORY = 0x19, NAME_BYTES = 56, STREAM_BYTES = 24 };
enum { STORES, CALL, FINISH };
enum { NOBODY = 0xff, PAGE_WORDS = 1024, MASKED = 1 };

struct record {
  u8 kind, next, isLong, ranges;
  u32 stores;
};
struct store {
  u32 address, value;
};
struct range {
  u32 address, pages;
};
struct answer {
  u64 result;
  u32 hash, number;
};

u64 narrowCall(u64 number, u64 a, u64 b, u64 c);

static u8 in8(u16 port) {
  u8 value;
  asm volatile("inb %w1, %b0" : "=a"(value) : "d"(port));
  return value;
}

static void out8(u16 port, u8 value) { asm volatile("outb %b0, %w1" : : "a"(value), "d"(port)); }

static void out16(u16 port, u16 value) {
  asm volatile("outw %w0, %w1" : : "a"(value), "d"(port));
}

static void take(void *to, u64 bytes) {
  asm volatile("rep insb" : "+D"(to), "+c"(bytes) : "d"(READ) : "memory");
}

static void say(const void *from, u64 bytes) {
  asm volatile("rep outsb" : "+S"(from), "+c"(bytes) : "d"(SAY) : "memory");
}

static u64 wideCall(u64 number, u64 a, u64 b, u64 c) {
  register u64 r10 asm("r10") = 0;
  register u64 r8 asm("r8") = 0;
  register u64 r9 asm("r9") = 0;
  asm volatile("vmmcall"
               : "+a"(number), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8), "+r"(r9)
               :
               : "memory", "rcx", "r11");
  return number;
}

/* Words of shared_info that tell the time: of each vcpu_info its second half, and the wall
   clock. */
static int tellsTime(u32 word) {
  if (word < 512) return (word & 15) >= 8;
  return word >= 768 && word < 772;
}

static u32 hashRange(u32 hash, struct range range) {
  const volatile u32 *at = (const volatile u32 *)(u64)(range.address & ~4095u);
  for (u32 i = 0; i < range.pages * PAGE_WORDS; i++) {
    u32 word = (range.address & MASKED) != 0 && tellsTime(i) ? 0 : at[i];
    hash ^= word;
    hash = (hash << 5 | hash >> 27) * 0x9e3779b1u;
  }
  return hash;
}

/* Finds the program among QEMU's files and begins to read it. */
static void openStream(void) {
  struct {
    u8 size[4], select[2], reserved[2];
    char name[NAME_BYTES];
  } file;
  u8 count[4];
  out16(SELECT, DIRECTORY);
  take(count, sizeof count);
  for (u32 left = (u32)count[2] << 8 | count[3]; left > 0; left--) {
    take(&file, sizeof file);
    const char *wanted = "opt/xenolith/program";
    u32 i = 0;
    while (wanted[i] != 0 && wanted[i] == file.name[i]) i++;
    if (wanted[i] != 0) continue;
    out16(SELECT, (u16)(file.select[0] << 8 | file.select[1]));
    return;
  }
  for (;;) out8(END, 3);
}

static u64 carryOut(struct record record) {
  u64 words[4];
  if (record.kind != CALL) return 0;
  take(words, sizeof words);
  u64 (*call)(u64, u64, u64, u64) = record.isLong ? wideCall : narrowCall;
  return call(words[0], words[1], words[2], words[3]);
}

void guestMain(u32 actor) {
  struct range ranges[256];
  struct answer answer = {0, 0, 0};
  if (actor == 0) openStream();
  if (actor == 0) out8(TURN, 0);
  for (;;) {
    while (in8(TURN) != actor) wideCall(29, 0, 0, 0);
    struct record record;
    take(&record, sizeof record);
    for (u32 i = 0; i < record.stores; i++) {
      struct store store;
      take(&store, sizeof store);
      *(volatile u32 *)(u64)store.address = store.value;
    }
    take(ranges, record.ranges * sizeof ranges[0]);
    answer.result = carryOut(record);
    answer.hash = actor;
    for (u32 i = 0; i < record.ranges; i++) answer.hash = hashRange(answer.hash, ranges[i]);
    answer.number++;
    say(&answer, sizeof answer);
    if (record.kind == FINISH) out8(END, 0);
    out8(TURN, record.next);
  }
}
