/* The world switch. registers: 16 words by the hardware's numbers; RAX and RSP live in the VMCB.
   Interrupts are on at VMRUN, with GIF clear, so that a host interrupt ends the guest's turn
   (V_INTR_MASKING). What VMLOAD gives the guest (FS, GS, TR, LDTR, system call MSRs) stays: the
   host uses none of it. */
#define EACH(instruction)                                                                          \
  "number = 1; .irp r, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15\n"  \
  ".ifnc \\r, rsp; " instruction "; .endif; number = number + 1; .endr\n"

static inline void runGuest(u64 vmcb, u64 *registers) {
  asm volatile("push %1; clgi; sti; vmload; mov %1, %%r15\n" EACH("mov 8 * number(%%r15), %%\\r")
               "vmrun; vmsave; pop %%rax\n" EACH("mov %%\\r, 8 * number(%%rax)") "cli; stgi"
               : "+a"(vmcb), "+S"(registers)
               :
               : "rbx", "rcx", "rdx", "rbp", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                 "r15", "cc", "memory");
}
