/* PVH entry: 32-bit, flat, no paging, EBX = start_info. A 64-bit guest identity-maps 4 GiB by 2 MiB
   pages (user-accessible, so that ring 3 tests need no tables of their own) and goes on in long
   mode. Then guestMain, and power-off when it returns. */

#define CODE 0x08
#define DATA 0x10

  .section .note.Xen, "a", @note
  .balign 4
  .long 4, NOTE_BYTES, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
  .asciz "Xen"
  .long start
#if NOTE_BYTES == 8
  .long 0
#endif

  .text
  .code32
  .globl start
start:
  cld
  mov $stackTop, %esp
  mov %ebx, startInfoAddress
  lgdt gdtPointer
  mov $DATA, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov %cr4, %eax
  or $0x600, %eax /* OSFXSR, OSXMMEXCPT */
  mov %eax, %cr4
#ifdef __x86_64__
  call mapIdentity
  call enterLongMode /* returns in 64-bit code */
  .code64
  mov $stackTop, %esp
  call startRuntime
  call guestMain
#else
  ljmp $CODE, $1f
1:
  call startRuntime
  call guestMain
#endif
  call powerOff

#ifdef __x86_64__
  .code32
mapIdentity:
  mov $pageDirectory, %edi
  mov $0x87, %eax /* present, writable, user, 2 MiB */
  mov $2048, %ecx
1:
  mov %eax, (%edi)
  add $0x200000, %eax
  add $8, %edi
  loop 1b
  mov $pageDirectory + 7, %eax
  mov $pagePointers, %edi
  mov $4, %ecx
2:
  mov %eax, (%edi)
  add $0x1000, %eax
  add $8, %edi
  loop 2b
  movl $pagePointers + 7, pageRoot
  ret

/* From flat 32-bit code to 64-bit code at the return address; the other vCPUs come here as well. */
  .globl enterLongMode
enterLongMode:
  mov %cr4, %eax
  or $0x620, %eax /* PAE, OSFXSR, OSXMMEXCPT */
  mov %eax, %cr4
  mov $pageRoot, %eax
  mov %eax, %cr3
  mov $0xc0000080, %ecx
  rdmsr
  or $0x100, %eax /* LME */
  wrmsr
  mov %cr0, %eax
  or $0x80000000, %eax
  mov %eax, %cr0
  pop %eax
  ljmp $CODE, $1f
  .code64
1:
  mov %eax, %eax
  jmp *%rax
#endif

  .data
  .balign 16
  .globl gdt
gdt:
  .quad 0
#ifdef __x86_64__
  .quad 0x00af9b000000ffff /* 08: 64-bit code */
#else
  .quad 0x00cf9b000000ffff /* 08: 32-bit code */
#endif
  .quad 0x00cf93000000ffff /* 10: data */
  .quad 0x00cff3000000ffff /* 18: user data */
  .quad 0x00affb000000ffff /* 20: user 64-bit code */
  .quad 0x00cf9b000000ffff /* 28: 32-bit code, on the way from real mode */
  .quad 0, 0               /* 30: task state, filled where it is needed */
  .globl gdtPointer
gdtPointer:
  .word . - gdt - 1
  .long gdt
  .long 0

  .bss
  .globl startInfoAddress
startInfoAddress:
  .skip 8
  .balign 4096
  .globl pageRoot
pageRoot:
  .skip 4096
pagePointers:
  .skip 4096
pageDirectory:
  .skip 4 * 4096
  .skip 16384
  .globl stackTop
stackTop:
  .section .note.GNU-stack, "", @progbits
