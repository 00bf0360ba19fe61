/* Where a service's image stands in its domain (virtual = physical). Read by C, assembler and
   linker. Linear memory lies behind the image, in the same two MiB if it is small. */
#define IMAGE 0x100000
#define LINEAR 0x140000
#define LINEAR_END (LINEAR + LINEAR_BYTES)
