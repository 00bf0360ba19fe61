/* Where things stand in physical memory (virtual = physical). Read by C, assembler and linker.
   16 MiB is clear of what UEFI firmware keeps for itself below (OVMF: at 8 MiB). */
#define IMAGE 0x1000000
#define RODATA (IMAGE + 0x20000)
#define DATA (IMAGE + 0x30000)
/* The stack lies above a page that is never present: an overflow resets the machine. */
#define STACK_END (IMAGE + SUPERFRAME)
#define GUARD (STACK_END - 0x5000)
#define SUPERFRAME 0x200000
#define LINEAR (IMAGE + SUPERFRAME)
#define LINEAR_END (LINEAR + LINEAR_BYTES)
#define TIMER_VECTOR 0x20
#define SPURIOUS_VECTOR 0x2f
#define LOCAL_APIC 0xfee00000
