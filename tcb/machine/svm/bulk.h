/* What gcc, the core and a service call for bulk moves. Eight bytes a step, which an emulator
   counts. Included by one file of the machine layer, and by one of the services' runtime. */
void *memcpy(void *to, const void *from, size_t bytes) {
  size_t words = bytes / 8;
  asm volatile("rep movsq; mov %3, %2; rep movsb"
               : "+&D"(to), "+&S"(from), "+&c"(words) : "r"(bytes % 8) : "memory");
  return to - bytes;
}
void *memset(void *to, int value, size_t bytes) {
  size_t words = bytes / 8;
  asm volatile("rep stosq; mov %2, %1; rep stosb" : "+&D"(to), "+&c"(words)
               : "r"(bytes % 8), "a"((u8)value * (~0ul / 255)) : "memory");
  return to - bytes;
}
void *memmove(void *to, const void *from, size_t bytes) {
  if ((u64)to - (u64)from >= bytes) return memcpy(to, from, bytes);
  while (bytes-- > 0) ((volatile u8 *)to)[bytes] = ((const u8 *)from)[bytes];
  return to;
}
