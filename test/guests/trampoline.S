/* Where a STARTUP begins: real mode at TRAMPOLINE, to which these bytes are copied; through flat
   32-bit code to long mode and otherMain(number) on a stack of its own. */

#define TRAMPOLINE 0x8000
#define HERE(label) (TRAMPOLINE + label - trampoline)
#define CODE32 0x28
#define DATA 0x10

  .section .rodata
  .code16
  .globl trampoline, trampolineEnd
trampoline:
  cli
  xor %ax, %ax
  mov %ax, %ds
  lgdtl HERE(pointer)
  mov %cr0, %eax
  or $1, %eax
  and $0x9fffffff, %eax /* CD, NW */
  mov %eax, %cr0
  ljmpl $CODE32, $otherStart
  .balign 4
pointer:
  .word 0x3f
  .long gdt
trampolineEnd:

  .text
  .code32
otherStart:
  mov $DATA, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov $1, %ebx
  lock xadd %ebx, othersStarted
  inc %ebx
  mov %ebx, %eax
  inc %eax
  shl $12, %eax
  lea otherStacks(%eax), %esp
  call enterLongMode
  .code64
  mov %ebx, %edi
  mov %ebx, %eax
  inc %eax
  shl $12, %eax
  lea otherStacks(%eax), %rsp
  and $-16, %rsp
  call otherMain
  .section .note.GNU-stack, "", @progbits
