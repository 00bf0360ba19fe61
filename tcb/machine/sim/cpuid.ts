// The CPUID of the simulated CPU: everything that the core may ask for is there, so that what a
// guest sees is the core's choice alone.

/** EAX, EBX, ECX, EDX. */
export type CpuidAnswer = readonly [number, number, number, number];
export type CpuidSource = (leaf: number, subleaf: number) => CpuidAnswer;

const ALL = 0xffffffff;
/** "AuthenticAMD" in EBX, EDX, ECX. */
const VENDOR = [0x68747541, 0x444d4163, 0x69746e65] as const;
const [VENDOR_B, VENDOR_C, VENDOR_D] = VENDOR;

function brand(leaf: number): CpuidAnswer {
  const text = "Xenolith simulated CPU".padEnd(48, "\0");
  const word = (index: number): number =>
    Buffer.from(text, "latin1").readUInt32LE((leaf - 0x80000002) * 16 + index * 4);
  return [word(0), word(1), word(2), word(3)];
}

/** A deterministic CPU of AMD's family 17h with every feature bit set. */
export const everything: CpuidSource = (leaf, subleaf) => {
  if (leaf === 0) return [13, VENDOR_B, VENDOR_C, VENDOR_D];
  if (leaf === 1) return [0x00800f12, 0x00010800, ALL, ALL];
  if (leaf === 7) return subleaf === 0 ? [0, ALL, ALL, ALL] : [0, 0, 0, 0];
  if (leaf === 13) return subleaf === 0 ? [7, 832, 832, 0] : [0, 0, 0, 0];
  if (leaf === 0x80000000) return [0x80000021, VENDOR_B, VENDOR_C, VENDOR_D];
  if (leaf === 0x80000001) return [0x00800f12, 0, ALL, ALL];
  if (leaf >= 0x80000002 && leaf <= 0x80000004) return brand(leaf);
  if (leaf === 0x80000005) return [0xff40ff40, 0xff40ff40, 0x20080140, 0x40040140];
  if (leaf === 0x80000006) return [0x36006400, 0x56006400, 0x02006140, 0x00808140];
  if (leaf === 0x80000007) return [0, 0, 0, ALL];
  if (leaf === 0x80000008) return [0x3030, ALL, 0, 0];
  if (leaf === 0x8000000a) return [1, 0x8000, 0, ALL];
  return [0, 0, 0, 0];
};
