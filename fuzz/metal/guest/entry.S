/* Entry of the fuzzing guest: 32-bit, flat, no paging, EBX = the actor's number. The page tables
   are the ones that programs know (fuzz/world/world.ts); then guestMain(actor) in long mode. */

#define CODE 0x08
#define DATA 0x10
#define NARROW 0x18
#define PAGE_TABLES 0x10000
#define STACKS 0x190000

  .section .entry, "ax"
  .code32
  .globl start
start:
  lgdt gdtPointer
  mov $DATA, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov %cr4, %eax
  or $0x20, %eax /* PAE */
  mov %eax, %cr4
  mov $PAGE_TABLES, %eax
  mov %eax, %cr3
  mov $0xc0000080, %ecx
  rdmsr
  or $0x100, %eax /* LME */
  wrmsr
  mov %cr0, %eax
  or $0x80000000, %eax
  mov %eax, %cr0
  ljmp $CODE, $1f
  .code64
1:
  mov %ebx, %edi
  lea 1(%rdi), %eax
  shl $12, %eax
  lea STACKS(%rax), %rsp
  jmp guestMain

/* u64 narrowCall(u64 number, u64 a, u64 b, u64 c): from 32-bit code of long mode. */
  .globl narrowCall
narrowCall:
  push %rbx
  mov %edi, %eax
  mov %esi, %ebx
  xchg %rdx, %rcx
  xor %esi, %esi
  xor %edi, %edi
  ljmpl *narrow
  .code32
1:
  vmmcall
  ljmp $CODE, $2f
  .code64
2:
  mov %eax, %eax
  pop %rbx
  ret

  .balign 8
narrow:
  .long 1b
  .word NARROW
  .balign 8
gdt:
  .quad 0
  .quad 0x00af9b000000ffff
  .quad 0x00cf93000000ffff
  .quad 0x00cf9b000000ffff
gdtPointer:
  .word . - gdt - 1
  .long gdt
  .section .note.GNU-stack, "", @progbits
