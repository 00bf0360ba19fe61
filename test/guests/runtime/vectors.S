/* One stub for each vector: the frame that `struct frame` describes, then handleInterrupt. */

#ifdef __x86_64__
#define WORD 8
#define PUSH_ALL                                                                                   \
  push %rax; push %rcx; push %rdx; push %rbx; push %rbp; push %rsi; push %rdi;                     \
  push %r8; push %r9; push %r10; push %r11; push %r12; push %r13; push %r14; push %r15
#define POP_ALL                                                                                    \
  pop %r15; pop %r14; pop %r13; pop %r12; pop %r11; pop %r10; pop %r9; pop %r8;                    \
  pop %rdi; pop %rsi; pop %rbp; pop %rbx; pop %rdx; pop %rcx; pop %rax
#else
#define WORD 4
#define PUSH_ALL                                                                                   \
  push %eax; push %ecx; push %edx; push %ebx; push %ebp; push %esi; push %edi
#define POP_ALL                                                                                    \
  pop %edi; pop %esi; pop %ebp; pop %ebx; pop %edx; pop %ecx; pop %eax
#endif

  .text
  .altmacro
  .macro stub vector
    .balign 16
    /* Vectors 8, 10-14, 17, 21, 29 and 30 push an error code themselves. */
    .if (0x60227d00 >> \vector) & (\vector < 32) & 1
    .else
      push $0
    .endif
    push $\vector
    jmp common
  .endm

  .balign 16
  .globl vectorStubs
vectorStubs:
  .set index, 0
  .rept 256
    stub %index
    .set index, index + 1
  .endr

common:
  cld
  PUSH_ALL
#ifdef __x86_64__
  mov %rsp, %rdi
  mov %rsp, %rbx
  and $-16, %rsp
  call handleInterrupt
  mov %rbx, %rsp
  POP_ALL
  add $2 * WORD, %rsp
  iretq
#else
  push %esp
  call handleInterrupt
  add $WORD, %esp
  POP_ALL
  add $2 * WORD, %esp
  iret
#endif
  .section .note.GNU-stack, "", @progbits
