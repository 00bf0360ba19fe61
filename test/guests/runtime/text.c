#include "guest.h"

u32 textLength(const char *text) {
  u32 length = 0;
  while (text[length] != 0) length++;
  return length;
}

bool textEqual(const char *a, const char *b, u32 length) {
  for (u32 index = 0; index < length; index++)
    if (a[index] != b[index]) return false;
  return true;
}

/* Divides in place by a digit's worth, 16 bits at a time: a 32-bit guest has no 64-bit division. */
static u32 takeDigit(u64 *value) {
  u64 quotient = 0;
  u32 rest = 0;
  for (int shift = 48; shift >= 0; shift -= 16) {
    u32 part = rest << 16 | (u32)(*value >> shift & 0xffff);
    quotient = quotient << 16 | part / 10;
    rest = part % 10;
  }
  *value = quotient;
  return rest;
}

void putNumber(u64 value) {
  char digits[24];
  u32 at = sizeof digits - 1;
  digits[at] = 0;
  do digits[--at] = (char)('0' + takeDigit(&value));
  while (value != 0);
  put(digits + at);
}

void putSigned(long value) {
  if (value < 0) put("-");
  putNumber((u64)(value < 0 ? -value : value));
}

void putHex(u64 value) {
  char digits[17];
  digits[16] = 0;
  for (int at = 15; at >= 0; at--, value >>= 4) digits[at] = "0123456789abcdef"[value & 15];
  put("0x");
  put(digits);
}

void putRow(const char *name, u64 value) {
  put(name);
  put(" ");
  putNumber(value);
  put("\n");
}

const startInfoLayout *startInfo(void) {
  extern u32 startInfoAddress;
  return (const startInfoLayout *)(word)startInfoAddress;
}

/* The text behind `name` and an equals sign, or an empty text; 0 where the word is not there. */
static const char *findOption(const char *name) {
  const char *at = (const char *)(word)startInfo()->commandLine;
  u32 length = textLength(name);
  if (at == 0) return 0;
  for (;;) {
    while (*at == ' ') at++;
    if (*at == 0) return 0;
    if (textEqual(at, name, length)) {
      if (at[length] == '=') return at + length + 1;
      if (at[length] == ' ' || at[length] == 0) return at + length;
    }
    while (*at != ' ' && *at != 0) at++;
  }
}

bool hasOption(const char *name) { return findOption(name) != 0; }

u64 numberOption(const char *name, u64 otherwise) {
  const char *at = findOption(name);
  if (at == 0 || *at < '0' || *at > '9') return otherwise;
  u64 value = 0;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (u64)(*at - '0');
  return value;
}
