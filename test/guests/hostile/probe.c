#include "hostile.h"

enum { USER_CALL = 0x80, TASK = 0x30, GDT_TASK = 6 };
enum { SLEEP_CONTROL = 0x604, HYPERCALL_PAGE = 0x40000000 };

/* ---- VMMCALL from ring 3 ---- */

extern u64 gdt[];
static u8 userStack[4096] __attribute__((aligned(16)));
static u8 task[104] __attribute__((aligned(8)));
static u8 taskStack[4096] __attribute__((aligned(16)));
static long userResult;
word savedStack;
asm("enterUser:\n"
    "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "  mov %rsp, savedStack\n"
    "  push $0x1b; push %rdi; push $2; push $0x23; push $userCode\n"
    "  iretq\n"
    "leaveUser:\n"
    "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "  ret\n"
    "userCode:\n"
    "  mov $17, %eax\n"
    "  xor %edi, %edi\n"
    "  vmmcall\n"
    "  int $0x80\n");
void enterUser(u8 *stack);
extern const u8 leaveUser[];

static void backFromUser(frame *at) {
  userResult = (long)at->ax;
  at->ip = (word)leaveUser;
  at->cs = 0x08;
  at->ss = 0x10;
  at->sp = savedStack;
}

const char *userHypercall(void) {
  word base = (word)task;
  *(word *)(task + 4) = (word)(taskStack + sizeof taskStack);
  gdt[GDT_TASK] = (sizeof task - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24) << 56;
  gdt[GDT_TASK + 1] = base >> 32;
  asm volatile("ltr %w0" : : "r"(TASK));
  onVector(USER_CALL, backFromUser);
  openVectorToUsers(USER_CALL);
  enterUser(userStack + sizeof userStack);
  return userResult == -EPERM ? "-EPERM" : "a WRONG result";
}

/* ---- registers and instructions that are not the guest's ---- */

const char *hypercallPages(void) {
  static const u64 places[] = {OUTSIDE, ~0ull, ~0xfffull, 1ull << 52, 1ull << 40, 0xfee00000, 0x7};
  u32 refused = 0;
  for (u32 index = 0; index < sizeof places / sizeof *places; index++)
    if (!writeMsr(HYPERCALL_PAGE, places[index])) refused++;
  return refused == sizeof places / sizeof *places ? "all refused" : "some accepted";
}

#define ATTEMPT(instruction)                                                                       \
  do {                                                                                             \
    word refused = 1;                                                                              \
    asm volatile("1: " instruction "\n"                                                            \
                 "mov $0, %0\n"                                                                    \
                 "2:\n" FIXUP("1b", "2b")                                                          \
                 : "+b"(refused)                                                                   \
                 : "a"(0), "c"(0), "d"(0)                                                          \
                 : "memory");                                                                      \
    accepted += refused == 0;                                                                      \
  } while (0)

const char *virtualization(void) {
  u32 accepted = 0;
  ATTEMPT("vmrun");
  ATTEMPT("vmload");
  ATTEMPT("vmsave");
  ATTEMPT("stgi");
  ATTEMPT("clgi");
  ATTEMPT("skinit");
  ATTEMPT("invlpga %%rax, %%ecx");
  ATTEMPT("monitor");
  ATTEMPT("mwait");
  ATTEMPT("xsetbv");
  ATTEMPT(".byte 0x0f, 0x01, 0xfd"); /* RDPRU */
  ATTEMPT("vmcall");
  return accepted == 0 ? "all refused" : "SOME ACCEPTED";
}

const char *sweepPorts(void) {
  for (u32 port = 0; port < 65536; port++) inByte((u16)port);
  for (u32 port = 0; port < 65536; port++)
    if (port >> 1 != SLEEP_CONTROL >> 1) outByte((u16)port, 0);
  return "all ports read and written";
}

static u32 sweep(u32 first, u32 count) {
  u32 readable = 0;
  for (u32 msr = first; msr < first + count; msr++) {
    u64 value = 0;
    if (readMsr(msr, &value)) readable++;
    writeMsr(msr, ~0ull);
    writeMsr(msr, value);
  }
  return readable;
}

const char *sweepMsrs(void) {
  u32 readable = sweep(0, 0x2000) + sweep(HYPERCALL_PAGE + 1, 0x1ff) + sweep(0xc0000000, 0x2000) +
                 sweep(0xc0010000, 0x2000);
  putRow("hostile sweep-msrs: readable", readable);
  return "all registers read and written";
}
