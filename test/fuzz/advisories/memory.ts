// A domain's own memory.

import { type Advisory, EINVAL, EPERM, lines, map, offer, PLACE } from "./advisory.ts";

const LARGE_DONE = 0x4000000006n;
export const memory: readonly Advisory[] = [
  {
    xsa: "29, 212",
    says: "a list whose end wraps around",
    program: lines(
      "d1v0 long memory_populate(list=0x20, extents=0xffffffffffffffff, domain=0x7ff0)",
      `d1v0 long memory_other(operation=${LARGE_DONE}, word=0x1100)`,
    ),
    answer: EINVAL,
    mistake: {
      file: "memory_op.ts",
      right: "  if (done > 0xffffffff) return EINVAL;\n",
      wrong: "",
    },
  },
  {
    xsa: "31, 158",
    says: "extents of any order",
    program: lines("d1v0 memory_populate(list=0x20a, extents=1, order=9, domain=0x7ff0)"),
    mistake: {
      file: "memory_op.ts",
      right: "  if (order != 0 || done >= count) return done as i64;\n",
      wrong: "  if (done >= count) return done as i64;\n",
    },
  },
  {
    xsa: "159",
    says: "memory for a domain that is dying",
    program: lines(
      "d4v0 steps=1 control_destroy(domain=1)",
      "d4v0 steps=1 control_populate(domain=1, gfn=0x20a)",
      "d4v0 control_destroy(domain=1)",
      "d4v0 control_populate(domain=2, gfn=0x20a)",
    ),
    answer: EPERM,
    mistake: {
      file: "control.ts",
      right: "  return inState(domain, DOMAIN_BUILDING);\n",
      wrong: "  return domain < DOMAINS && column.domainState(domain) != DOMAIN_FREE;\n",
    },
  },
  {
    xsa: "222",
    says: "a frame is freed that somebody still maps",
    program: lines(
      offer(0, 0x20),
      map(0, PLACE),
      "d2v0 memory_decrease(list=0x20, extents=1, domain=0x7ff0)",
    ),
    mistake: {
      file: "memory_op.ts",
      right: "  return isSpecial(frame) || frameUses(frame) == 1;\n",
      wrong: "  return isSpecial(frame) || frameUses(frame) != 0;\n",
    },
  },
  {
    xsa: "231",
    says: "a node from the guest's flags means something",
    program: lines(
      "d1v0 memory_decrease(list=0x20, extents=1, domain=0x7ff0)",
      "d1v0 memory_populate(list=0x20, extents=1, flags=0xffffffff, domain=0x7ff0)",
    ),
    answer: 1n,
    mistake: {
      file: "memory_op.ts",
      right: "  const order = argument32(long ? 16 : 8);\n",
      wrong: "  const order = argument32(long ? 16 : 8) | argument32(long ? 20 : 12);\n",
    },
  },
  {
    xsa: "277",
    says: "the same frame number is removed again and again",
    program: lines(
      ...Array.from({ length: 3 }, () => "d1v0 memory_remove(domain=0x7ff0, gfn=0x20)"),
    ),
    answer: EINVAL,
    mistake: {
      file: "memory_op.ts",
      right:
        "  if ((entry & ENTRY_PRESENT) == 0) return EINVAL;\n" +
        "  if (!removable(domain, gfn as u32, entry)) return EBUSY;\n  removePage",
      wrong: "  if (!removable(domain, gfn as u32, entry)) return EBUSY;\n  removePage",
    },
  },
  {
    xsa: "252, 284, 287",
    says: "a free frame that is still counted",
    program: lines("d1v0 memory_decrease(list=0x20, extents=1, domain=0x7ff0)"),
    mistake: {
      file: "p2m.ts",
      right: "  column.setLeafEntry(row, 0);\n  dropReference(frame);\n  flushAll();\n",
      wrong: "  column.setLeafEntry(row, 0);\n  flushAll();\n",
    },
  },
  {
    xsa: "346, 355",
    says: "a freed frame that a translation still leads to",
    program: lines("d1v0 memory_decrease(list=0x20, extents=1, domain=0x7ff0)"),
    mistake: {
      file: "p2m.ts",
      right: "  column.setLeafEntry(row, 0);\n  dropReference(frame);\n  flushAll();\n",
      wrong: "  column.setLeafEntry(row, 0);\n  dropReference(frame);\n",
    },
  },
  {
    xsa: "502",
    says: "a grant of a domain that is being taken apart",
    program: lines(offer(0, 0x20), "d4v0 steps=1 control_destroy(domain=2)", map(0, PLACE)),
    mistake: {
      file: "grant_table.ts",
      right: "state < DOMAIN_RUNNING || state == DOMAIN_DYING",
      wrong: "state < DOMAIN_RUNNING",
    },
  },
];
