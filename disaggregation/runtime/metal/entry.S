/* PVH entry: 32-bit, flat, no paging, EBX = start_info. 4 GiB are mapped one to one by 2 MiB pages,
   then C goes on in long mode. Interrupts stay off for ever: events are asked for. There is no IDT,
   so that a fault ends the domain. */
#include "memory.h"

    .section .note.pvh, "a", @note
    .long 4, 8, 18              /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .quad start

    .text
    .code32
    .globl start
start:
    cld
    mov $stackEnd, %esp
    mov %ebx, %esi
    mov $directory, %edi
    mov $0x83, %eax             /* present, writable, 2 MiB */
1:  mov %eax, (%edi)
    add $8, %edi
    add $0x200000, %eax
    jnc 1b
    mov $0x20, %eax             /* PAE */
    mov %eax, %cr4
    mov $level4, %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx       /* EFER: long mode */
    rdmsr
    or $0x100, %eax
    wrmsr
    mov %cr0, %eax
    or $0x80000000, %eax
    mov %eax, %cr0
    lgdt gdtPointer
    ljmp $8, $longMode
    .code64
longMode:
    mov %esi, %edi
    call serviceMain

    .section .rodata, "a"
    .balign 16
gdt:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdtPointer:
    .short . - gdt - 1
    .long gdt

    .data
    .balign 4096
level4:
    .quad level3 + 3
    .fill 511, 8, 0
level3:
    page = 0
    .rept 4
    .quad directory + page + 3
    page = page + 4096
    .endr
    .fill 508, 8, 0

    .bss
    .balign 4096
directory:
    .skip 4 * 4096
    .skip 16384
stackEnd:
    .section .note.GNU-stack, "", @progbits
