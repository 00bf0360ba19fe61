// Grant tables.

import {
  type Advisory,
  ENOSYS,
  lines,
  map,
  mapReadOnly,
  OTHER,
  offer,
  PLACE,
  unmap,
} from "./advisory.ts";

const twoCopies = "grant_copy(count=2, source=0, from=2, target=0x22, to=0x7ff0, bytes=8, flags=1)";

export const grants: readonly Advisory[] = [
  {
    xsa: "18, 134",
    says: "a grant reference beyond the table, or where no table is set up",
    program: lines(map(512, PLACE), map(0xffffffff, PLACE), map(16384, PLACE)),
    mistake: {
      file: "grant_table.ts",
      right: "  if (reference >= GRANTS) return NOWHERE;\n",
      wrong: "",
    },
  },
  {
    xsa: "224",
    says: "more pins taken for a mapping than are dropped",
    program: lines(offer(0, 0x20), mapReadOnly(0, PLACE), unmap(PLACE, "last")),
    mistake: {
      file: "grant_table.ts",
      right: "  countPin(remote, reference, frame, write);\n",
      wrong:
        "  countPin(remote, reference, frame, write);\n" +
        "  if (!write) countPin(remote, reference, frame, write);\n",
    },
  },
  {
    xsa: "228",
    says: "two vCPUs get the same handle",
    program: lines(
      offer(0, 0x20),
      offer(1, 0x21),
      map(0, PLACE),
      `d1v1 grant_map(count=1, page=${OTHER}, flags=2, reference=1, domain=2)`,
    ),
    mistake: {
      file: "grant_table.ts",
      right: "  column.setHandleUsedWord(word, used);\n",
      wrong: "",
    },
  },
  {
    xsa: "230",
    says: "the in-use flags are cleared while the grant is still pinned",
    program: lines(offer(0, 0x20), map(0, PLACE), map(0, OTHER), unmap(OTHER, "last")),
    mistake: {
      file: "grant_table.ts",
      right: "(readers == 0 ? READING : 0)",
      wrong: "(readers < 2 ? READING : 0)",
    },
  },
  {
    xsa: "236",
    says: "a pin without a reference to its page",
    program: lines(offer(0, 0x20), map(0, PLACE)),
    mistake: {
      file: "p2m.ts",
      right: "  column.setLeafEntry(leafRow(domain, slot, gfn), entry);\n  addReference(frame);\n",
      wrong:
        "  column.setLeafEntry(leafRow(domain, slot, gfn), entry);\n" +
        "  if (!foreign) addReference(frame);\n",
    },
  },
  {
    xsa: "316",
    says: "a status that is neither zero nor a declared error",
    program: lines(map(3, PLACE)),
    mistake: {
      file: "grant_table.ts",
      right: "const PERMISSION_DENIED: u32 = 0xfff8;",
      wrong: "const PERMISSION_DENIED: u32 = 1;",
    },
  },
  {
    xsa: "318",
    says: "an element of a batch that is interrupted is never carried out",
    program: lines(offer(0, 0x20), `d1v0 steps=1 ${twoCopies}`, `d1v0 ${twoCopies}`),
    mistake: {
      file: "grant_table.ts",
      right: "  if (count == 1) return 0;\n",
      wrong: "  if (count <= 2) return 0;\n",
    },
  },
  {
    xsa: "380",
    says: "a dead domain's mappings are not given back, in bounded steps",
    program: lines(offer(0, 0x20), map(0, PLACE), "d4v0 control_destroy(domain=1)"),
    mistake: {
      file: "teardown.ts",
      right:
        "  if (column.handleDomain((domain << 10) | handle) != 0) releaseMapping(domain, handle);\n",
      wrong: "",
    },
  },
  {
    xsa: "394",
    says: "a counter that goes below zero when a read-only mapping is dropped",
    program: lines(offer(0, 0x20), mapReadOnly(0, PLACE), unmap(PLACE, "last")),
    mistake: { file: "grant_table.ts", right: "- (write ? 1 : 0);", wrong: "- 1;" },
  },
  {
    xsa: "448",
    says: "a copy of no bytes looks at references",
    program: lines(
      "d1v0 grant_copy(count=1, source=9, from=2, target=0x22, to=0x7ff0, bytes=0, flags=1)",
    ),
    mistake: { file: "grant_table.ts", right: "  if (bytes == 0) return OKAY;\n", wrong: "" },
  },
  {
    xsa: "500",
    says: "a pinned entry is trusted again after its owner rewrote it",
    program: lines(offer(0, 0x20), map(0, PLACE), offer(0, 0x21), map(0, OTHER)),
    mistake: {
      file: "grant_table.ts",
      right: "  if (column.grantReaders(row) != 0) return column.grantFrame(row);\n",
      wrong: "",
    },
  },
  {
    xsa: "255, 384, 486, 501",
    says: "grant version 2 is refused, and with it its status frames",
    program: lines("d1v0 grant_set_version(version=2)"),
    answer: ENOSYS,
    mistake: {
      file: "grant_table.ts",
      right: "    return wanted == 1 ? 0 : ENOSYS;\n",
      wrong: "    return wanted <= 2 ? 0 : ENOSYS;\n",
    },
  },
];
