// What the arguments of calls mean, and for each meaning the values that are worth a try: everyday
// ones, so that calls succeed and build on each other, and those near each boundary.

import {
  DOMAINS,
  GRANTS,
  HANDLES,
  HVM_PARAMETERS,
  PORTS,
  REGIONS,
  SCHEDULE_SLOTS,
  VCPUS_PER_DOMAIN,
  VIRQS,
} from "../../tcb/core/limits.ts";
import { policies } from "../world/policy.ts";

export interface Role {
  /** Everyday values. */
  readonly usual: readonly bigint[];
  /** Values near a boundary, or out of every range. */
  readonly edges: readonly bigint[];
}

const wide = (values: readonly (number | bigint)[]): bigint[] => values.map(BigInt);
const upTo = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);
const around = (limit: number): number[] => [limit - 1, limit, limit + 1];
const ALL_ONES = 0xffffffffffffffffn;
const HIGH = [0x7fffffff, 0x80000000, 0xffffffff];
const role = (usual: readonly (number | bigint)[], edges: readonly (number | bigint)[]): Role => ({
  usual: wide(usual),
  edges: wide(edges),
});

const GFN_END = 0x400000;
/** Frames below 2 MiB that belong to no structure of the world, and some behind the first table. */
const gfns = [...upTo(8, 0x20), ...upTo(8, 0x204)];

/** Places of argument structures, as offsets that the world turns into addresses. */
export const where = {
  slots: 8,
  crossing: 8,
  alias: 9,
  misaligned: 10,
  unmapped: 11,
  beyond: 12,
  nowhere: 13,
  small: 14,
  smallReadOnly: 15,
  smallAbsent: 16,
} as const;

export const roles = {
  where: role([0, 0, 0, 0, 1, 1, 2, where.alias, where.small], upTo(9, where.crossing)),
  port: role(upTo(16), [...around(PORTS), 63, 64, 127, ...HIGH]),
  domain: role([0x7ff0, 1, 2, 0x7ff0, 1, 2, 3, 4], [0, 5, 6, ...around(DOMAINS), 0x7ff1, 0xffff]),
  peer: role([1, 2, 1, 2, 3], [0, 4, 5, 63, 64, 0x7ff0, 0xffff]),
  newDomain: role([5, 6, 5, 6, 5, 1, 2, 3], [0, 4, ...around(DOMAINS), ...HIGH]),
  vcpuId: role([0, 1, 0, 1, 2], [...around(VCPUS_PER_DOMAIN), ...HIGH, 0x100000000n]),
  virq: role([0, 1, 2, 3, 4], [...around(VIRQS), 31, 32, ...HIGH]),
  reference: role(upTo(8), [511, 512, 513, ...around(GRANTS), ...HIGH, 0x100000001n]),
  handle: role(upTo(8), [...around(HANDLES), ...HIGH]),
  gfn: role(gfns, [0, 511, 512, 0x200, 0x201, 0x202, 0x203, ...around(GFN_END), ALL_ONES]),
  page: role(
    gfns.map((gfn) => gfn * 4096),
    [0, 0x20008, 0x201000, 0x202000, (GFN_END - 1) * 4096, GFN_END * 4096, ALL_ONES],
  ),
  superGfn: role([0, 0x400, 0x600, 0x800], [0x200, 1, 511, ...around(GFN_END), GFN_END - 512]),
  mapFlags: role([2, 6, 2, 6, 2], [0, 1, 3, 4, 7, 8, 16, 0x12, 0xffffffff]),
  copyFlags: role([0, 1, 2, 3, 1], [4, 8, 0xffff]),
  offset: role([0, 8, 64, 0x100], [0xfff, 0x1000, 0x1001, 0xffff]),
  length: role([0, 8, 64, 0x100], [0xfff, 0x1000, 0x1001, 0xffff]),
  entryFlags: role([1, 1, 5, 1, 5], [0, 2, 3, 9, 0x19, 0xffff]),
  count: role([1, 1, 2, 1, 3, 1], [0, 4, 0xffffffff, 0x100000001n, ALL_ONES]),
  order: role([0, 0, 0, 0], [1, 9, 31, 32, 255, 0xffffffff]),
  space: role([0, 1, 1, 1], [2, 3, 5, 0xffffffff]),
  frameIndex: role([0, 1, 2, 3], [30, 31, 32, 33, 0x8000000000000001n, ALL_ONES]),
  parameter: role([0, 0, 17, 18, 1], [38, 39, 40, ...around(HVM_PARAMETERS), ...HIGH, ALL_ONES]),
  parameterValue: role(
    [0x0200000000000020n, 0x02000000000000f3n, 0],
    [0x020000000000001fn, 0x0100000000000021n, 1, ALL_ONES],
  ),
  time: role(
    [0, 1, 1_000_000, 2_000_000, 50_000_000],
    [999_999, 0x3fffffffffffffffn, 0x4000000000000000n, 0x7fffffffffffffffn, 1n << 63n, ALL_ONES],
  ),
  ticks: role([0, 1000, 1_000_000, 20_000_000], [0xffffffff, 1n << 40n]),
  timeFlags: role([0, 0, 1], [2, 3, 0xffffffff]),
  pollCount: role([1, 1, 0], [2, 127, 128, 129, 0xffffffff]),
  reason: role([0, 1, 3], [4, 5, 6, 255, 0xffffffff]),
  bytes: role([4, 8, 20, 64], [0, 63, 65, 128, 0x7fffffff, 0x80000000, 0xffffffff]),
  label: role([2, 3, 5, 2], [0, 1, 4, 6, 7, 126, 127, 128, 129, ALL_ONES]),
  vcpus: role([1, 2], [0, ...around(VCPUS_PER_DOMAIN), ALL_ONES]),
  frames: role([1024, 2048], [0, 511, 512, 0xffffffff, 0x100000000n]),
  weight: role([256, 128], [0, 1, 65535, 65536, ALL_ONES]),
  region: role([0, 1], [...around(REGIONS), ALL_ONES]),
  guestAddress: role(
    [0x1000, 0x5000, 0x20000],
    [0, 0xfff, 0x1fc0, 0x1fd0, 0x1fd8, 0x1fe0, 0xfffff000, 0x100000000n, ALL_ONES],
  ),
  schedule: role([0, 0, 1], [2, 3, ALL_ONES]),
  slice: role([10_000_000, 1_000_000], [99_999, 100_000, 1_000_000_000, 1_000_000_001, ALL_ONES]),
  slot: role([0, 1], [2, ...around(SCHEDULE_SLOTS), ALL_ONES]),
  version: role([0, 6, 7, 9, 3], [1, 2, 4, 5, 8, 10, 11, 12, 255]),
  /** Some as a call that was resumed says them: how much is done lies above 6 bits. */
  subOperation: role(upTo(16), [31, 63, 64, 255, 0x100000004n, 0x4000000006n, ALL_ONES]),
  hypercall: role([0, 1, 13, 14, 39, 40, 55], [56, 61, 63, 64, 0xffffffff, 0x100000020n]),
  word: role([0, 1, 2, 0xff, 0x0a41, 0xf4f4f4f4], HIGH),
  /** Which word of guest memory another CPU writes. */
  cell: role([...upTo(12), ...upTo(4, 32)], upTo(28, 12)),
  eventIndex: role(upTo(6), upTo(16, 6)),
  msr: role(
    [0x10, 0x1b, 0x277, 0x80b, 0x830, 0x830, 0x83f, 0xc0000080, 0x40000000],
    [...upTo(64, 0x800), 0x7ff, 0x840, 0x8b, 0x40000000, 0xc0010055, 0xc0010056, 0xc0011029, 0],
  ),
  msrValue: role(
    [0, 0x20, 0x4500, 0x4601, 0x4040, 0x20000, 0x0007040600070406n],
    [0x40000, 0xc4500, 0x4400, 0x600, 0x500, 0x1ff, 0xd00, 0xfee00d00, 0x100000500n, ALL_ONES],
  ),
  cpuidLeaf: role([0, 1, 7, 13, ...upTo(6, 0x40000000)], [31, 32, 0x8000001f, 0x80000020, ...HIGH]),
  ioInfo: role(
    [0x00e90010, 0x00e90011, 0x00420011, 0x06050011],
    [
      0x06040010, 0x00e90021, 0x02f80021, 0x00e9001c, 0x00e90014, 0x00e9000c, 0x00e90015,
      0x03f80010, 0x00420014, 0xffffffff,
    ],
  ),
  ioPort: role([0x2f8, 0x2fb, 0x2ff, 0x3f8], [0, 0x337, 0x338, 0xffff, 0x10000, ALL_ONES]),
  /** Where policies of different worth lie in the keeper's memory. */
  policy: role(
    upTo(policies.copies).map((copy) => policies.at + copy * policies.stride),
    [0, 0x1ff000, 0x200000, 0x201000, ALL_ONES],
  ),
  policyBytes: role([policies.bytes], [...around(policies.bytes), 0, 64, 0x200000, ALL_ONES]),
  /** Bytes of a copy into guest memory. */
  copyBytes: role([64, 0x1000], [0, 8, 0xfff, 0x1001, 0xffff, 0x10000, 0x10001, ALL_ONES]),
  /** An event that the exit interrupted. */
  interrupted: role([0], [0x80000302, 0x80000b0d, 0x80000020, 0x7fffffff]),
  flags: role([0x202, 2], [0, ALL_ONES]),
  exitCode: role(
    [0x41, 0x51, 0x52, 0x61, 0x6f, 0x76, 0x89],
    [0x60, 0x62, 0x63, 0x64, 0x7a, 0x7f, 0x80, 0x82, 0x8d, 0x8e, 0x8f, 0x400, 0x401, 0, ALL_ONES],
  ),
} as const satisfies Record<string, Role>;

export type RoleName = keyof typeof roles;
