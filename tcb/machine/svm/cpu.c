/* The CPU: what Xenolith needs of it, SVM, and the main loop. */
#include "machine.h"
#include "vmrun.h"

#define EFER 0xc0000080
#define EFER_SVME (1 << 12)
#define VM_CR 0xc0010114
#define VM_HSAVE_PA 0xc0010117
#define EXIT_INTERRUPT 0x60

static u8 hostState[4096] __attribute__((aligned(4096)));
static w2c_core core;

static void require(u32 features, u32 wanted, const char *complaint) {
  if ((features & wanted) != wanted) refuse(complaint, features);
}

static void startSvm(void) {
  require(CPUID(0x80000001, 0, 2), 1 << 2, "this CPU has no SVM (AMD-V); QEMU: -cpu max,+svm:");
  require(CPUID(0x8000000a, 0, 3), 1, "this CPU has no nested paging:");
  require(CPUID(0x80000001, 0, 3), 3 << 26, "this CPU has no 1 GiB pages or no RDTSCP:");
  require(CPUID(1, 0, 2), 1 << 26, "this CPU has no XSAVE:");
  require(~readMsr(VM_CR), 1 << 4, "the firmware has disabled SVM (AMD-V):");
  writeMsr(EFER, readMsr(EFER) | EFER_SVME);
  writeMsr(VM_HSAVE_PA, (u64)hostState);
}

u32 IMPORT(cpuid, u32 leaf, u32 subleaf, u32 index) {
  u32 r[4];
  asm volatile("cpuid" : "=a"(*r), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(subleaf));
  return r[index & 3];
}

/* Runs the vCPU until it exits. A host interrupt that ended its turn is taken here, before the
   core looks at the time: one that comes later stays pending and ends the next turn at once. */
static void enterGuest(u32 vcpu) {
  if (vcpu >= VCPUS) refuse("the core chose a vCPU that does not exist:", vcpu);
  runGuest((u64)&COLUMN(VMCB_INTERCEPT_CR, u8, vcpu), &COLUMN(GPR_VALUE, u64, vcpu * 16));
  if (COLUMN(VMCB_EXIT_CODE, u64, vcpu) == EXIT_INTERRUPT) asm volatile("sti; nop; cli");
}

_Noreturn void machineMain(u32 magic, u32 information) {
  startConsole();
  startSvm();
  startState();
  wasm2c_core_instantiate(&core, 0);
  readLoader(magic, information);
  startClock();
  while (w2c_core_boot(&core)) continue;
  for (;;) {
    u32 vcpu = w2c_core_selectVcpu(&core, 0);
    if (vcpu == NOBODY) {
      asm volatile("sti; hlt; cli" : : : "memory");
    } else {
      enterGuest(vcpu);
      /* A call that goes on by a short step would bring the guest back at once. */
      do COLUMN(CALL_SHORT, u32, 0) = 0, w2c_core_handleExit(&core, vcpu);
      while (COLUMN(CALL_SHORT, u32, 0) != 0);
    }
  }
}
