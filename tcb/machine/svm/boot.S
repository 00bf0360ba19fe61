/* Entry from a PVH loader or GRUB (multiboot2), both in flat 32-bit mode, and the CPU's tables,
   which are constants on pages that nobody can write. */
#include "memory.h"

    .section .note.pvh, "a", @note
    .long 4, 8, 18              /* XEN_ELFNOTE_PHYS32_ENTRY; QEMU reads 8 bytes from an ELF64 */
    .asciz "Xen"
    .quad start

    .section .multiboot, "a"
    .balign 8                   /* no requests: every loader gives memory map and modules */
    .long 0xe85250d6, 0, 24, -(0xe85250d6 + 24), 0, 8

/* Stubs of 16 bytes, at IMAGE: the mask has the exceptions that push an error code. */
    .section .text.stubs, "ax"
    vector = 0
    .rept 32
    .balign 16
    .if (0x60227d00 >> vector & 1) == 0
    push $0
    .endif
    push $vector
    jmp exception
    vector = vector + 1
    .endr
    .balign 16
    push %rax                   /* TIMER_VECTOR: only ends a guest's turn, or idleness */
    mov $LOCAL_APIC + 0xb0, %eax
    movl $0, (%rax)
    pop %rax
    iretq
    .rept SPURIOUS_VECTOR - TIMER_VECTOR
    .balign 16
    iretq
    .endr

    .text
exception:
    mov %rsp, %rdi
    mov %cr2, %rsi
    call machineException

    .code32
    .globl start
start:
    cld
    mov $STACK_END, %esp
    mov %eax, %edi
    mov %ebx, %esi
    mov $0x660, %eax            /* PAE, MCE, OSFXSR, OSXMMEXCPT */
    mov %eax, %cr4
    mov $level4, %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx       /* EFER: long mode, no-execute */
    rdmsr
    or $0x900, %eax
    wrmsr
    mov $0x80010033, %eax       /* PG, WP, NE, ET, MP, PE */
    mov %eax, %cr0
    lgdt gdtPointer
    ljmp $8, $longMode
    .code64
longMode:
    xor %eax, %eax
    mov %eax, %ss
    lidt idtPointer
    call machineMain

    .section .rodata.tables, "a"
idt:
    stub = IMAGE
    .rept SPURIOUS_VECTOR + 1
    .short stub & 0xffff, 8, 0x8e00, stub >> 16
    .quad 0
    stub = stub + 16
    .endr
idtPointer:
    .short idtPointer - idt - 1
    .quad idt
gdt:                            /* 64-bit code, accessed; nothing else is ever loaded */
    .quad 0, 0x00af9b000000ffff
gdtPointer:
    .short gdtPointer - gdt - 1
    .quad gdt

/* Identity, 512 GiB; nothing is both writable and executable. Accessed and dirty bits are set. */
    .macro pages from, to, step, flags
    page = \from
    .rept ((\to) - (\from)) / (\step)
    .quad page | \flags
    page = page + (\step)
    .endr
    .endm
#define NO_EXECUTE (1 << 63)
#define DATA_PAGE (0x63 | NO_EXECUTE)
#define LARGE_PAGE (0xe3 | NO_EXECUTE)
    .balign 4096
level4:
    .quad level3 + 0x23
    .fill 511, 8, 0
level3:
    .quad level2 + 0x23
    pages 1 << 30, 1 << 39, 1 << 30, LARGE_PAGE
level2:
    pages 0, IMAGE, SUPERFRAME, LARGE_PAGE
    .quad level1 + 0x23
    pages LINEAR, 1 << 30, SUPERFRAME, LARGE_PAGE
level1:
    pages IMAGE, RODATA, 4096, 0x61
    pages RODATA, DATA, 4096, 0x61 | NO_EXECUTE
    pages DATA, GUARD, 4096, DATA_PAGE
    .quad 0
    pages GUARD + 4096, STACK_END, 4096, DATA_PAGE
