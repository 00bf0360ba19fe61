/* Local APIC through its MSRs, and the ids of the others from the ACPI tables. */
#include "guest.h"

enum { APIC_BASE = 0x1b, X2APIC = 0x800, SPURIOUS = 0x0f };

void writeApic(u32 offset, u64 value) { writeMsr(X2APIC + offset, value); }

void enableApic(void) {
  u64 base;
  readMsr(APIC_BASE, &base);
  if ((base & 0x400) == 0) writeMsr(APIC_BASE, base | 0xc00);
  writeApic(SPURIOUS, 0x1ff);
}

typedef struct __attribute__((packed)) {
  char signature[4];
  u32 length;
  u8 rest[28];
} tableHeader;

static const tableHeader *findTable(const char *signature) {
  const u8 *rsdp = (const u8 *)(word)startInfo()->rsdp;
  if (rsdp == 0) return 0;
  const tableHeader *xsdt = (const tableHeader *)(word) * (const u64 *)(rsdp + 24);
  const u8 *end = (const u8 *)xsdt + xsdt->length;
  for (const u8 *at = (const u8 *)(xsdt + 1); at < end; at += 8) {
    u64 address = *(const u32 *)at | (u64) * (const u32 *)(at + 4) << 32;
    const tableHeader *table = (const tableHeader *)(word)address;
    if (textEqual(table->signature, signature, 4)) return table;
  }
  return 0;
}

u32 listApicIds(u32 *ids, u32 limit) {
  const tableHeader *madt = findTable("APIC");
  u32 found = 0;
  if (madt == 0) return 0;
  const u8 *end = (const u8 *)madt + madt->length;
  for (const u8 *at = (const u8 *)(madt + 1) + 8; at < end && at[1] != 0; at += at[1]) {
    if (found == limit) break;
    if (at[0] == 0 && (at[4] & 1) != 0) ids[found++] = at[3];
    if (at[0] == 9 && (at[8] & 1) != 0) ids[found++] = *(const u32 *)(at + 4);
  }
  return found;
}
