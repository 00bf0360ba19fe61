// HYPERVISOR_memory_op (xen/include/public/memory.h): what a guest may change of its own
// guest-physical map, within the memory that it was given.

import { GRANT_FRAMES, REGIONS } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { firstFree, frameUses, freeFrame, isCountable, superframeOf, takeFrame } from "./frame.ts";
import {
  type Argument,
  argument32,
  argument64,
  isLongMode,
  openArgument,
  reply32,
  reply64,
} from "./guest.ts";
import { ask } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import {
  entryOf,
  frameOf,
  hasTable,
  isGuestFrame,
  mapFrame,
  ownMapping,
  unmapFrame,
} from "./p2m.ts";
import { resumeWith } from "./resume.ts";
import { ENTRY_FOREIGN, FRAME_MEMORY, FRAME_SPECIAL } from "./states.ts";
import * as xsm from "./xsm.ts";

/** xen/xsm/flask/policy/access_vectors, class mmu. */
const MMU_PHYSMAP = ask("mmu { physmap }", xsm.MMU, 6);
const MMU_ADJUST = ask("mmu { adjust }", xsm.MMU, 3);
const XENOLITH_MEMORY = ask("xenolith { memory }", xsm.XENOLITH, 5);

/** Bytes of a region of the memory map: { u64 address; u64 bytes; u32 type }. */
const REGION_BYTES = 20;

interface Call {
  readonly domain: Word;
  readonly vcpu: Word;
  readonly argument: Argument;
  /** The caller is in 64-bit mode: pointers and longs have 8 bytes. */
  readonly long: Bool;
}

/** A field of the size of the caller's words, wherever its structure has it. */
function longField(s: Transaction, call: Call, inLongMode: number, otherwise: number): Word {
  return s.branch(
    call.long,
    () => argument64(s, call.argument, inLongMode),
    () => argument32(s, call.argument, otherwise).wide(),
  );
}

/** A field of 32 bits behind such fields. */
function shortField(s: Transaction, call: Call, inLongMode: number, otherwise: number): Word {
  return s.branch(
    call.long,
    () => argument32(s, call.argument, inLongMode),
    () => argument32(s, call.argument, otherwise),
  );
}

/** Goes on only if the field names the caller. */
function requireSelf(s: Transaction, domain: Word, field: Word): void {
  s.clause("MEMORY-SELF-1", "A domain changes and asks about its own memory only.");
  s.require(field.and(0xffff).isAmong(abi.DOMID_SELF, domain), abi.EPERM);
}

/** Goes on only if the policy lets the caller do that to itself. */
function authoriseSelf(s: Transaction, domain: Word, question: typeof MMU_ADJUST): void {
  const row = s.row("domain", domain);
  xsm.authorise(s, row.label, row.selfLabel, question);
}

/** Is the frame one that outlives its mappings? */
function isSpecial(s: Transaction, frame: Word): Bool {
  const separate = s.row("super", superframeOf(frame)).whole.eq(0);
  return separate.and(s.row("frame", frame).kind.eq(FRAME_SPECIAL));
}

/** May what stands at a guest frame be taken out? */
function isRemovable(s: Transaction, domain: Word, gfn: Word, entry: Word): Bool {
  s.clause(
    "MEMORY-REMOVABLE-1",
    "A mapping can be taken out if it is not a grant's, and shows a special frame or memory that " +
      "nothing else maps or pins.",
  );
  const word = s.branch(
    entry.has(abi.PAGE_PRESENT).not(),
    () => s.word32(1),
    () => {
      const frame = frameOf(entry);
      const alone = isSpecial(s, frame).or(frameUses(s, frame).eq(1));
      const own = entry.has(ENTRY_FOREIGN).not();
      return own
        .and(hasTable(s, domain, gfn))
        .and(alone)
        .choose(s.word32(1), 0);
    },
  );
  return word.ne(0);
}

/** Takes a mapping out; memory that is not mapped any more is free again. */
function removePage(s: Transaction, domain: Word, gfn: Word): void {
  const frame = unmapFrame(s, domain, gfn);
  const row = s.row("frame", frame);
  s.when(row.kind.eq(FRAME_MEMORY).and(row.references.eq(0)), () => {
    s.clause("MEMORY-REMOVE-1", "Memory that is taken out goes back to the caller's reservation.");
    freeFrame(s, frame, domain);
  });
}

/** Machine frame of the caller's grant table at an index, which is allocated on first use. */
export function grantTableFrame(s: Transaction, domain: Word, index: Word): Word {
  s.clause("MEMORY-GRANT-1", "A grant table has 32 frames at most.");
  s.require(index.lt(GRANT_FRAMES), abi.ENOMEM);
  const row = s.row("grantFrame", domain, index.low());
  const allocated = () => {
    s.clause(
      "MEMORY-GRANT-2",
      "A frame of the grant table is special, and taken from the reservation when first asked for.",
    );
    const free = firstFree(s, domain);
    s.require(free.exists, abi.ENOMEM);
    takeFrame(s, free.index, domain, FRAME_SPECIAL);
    row.set({ frame: free.index.add(1) });
    const owner = s.row("domain", domain);
    const frames = owner.grantFrames;
    const reached = index.low().add(1);
    owner.set({ grantFrames: frames.gt(reached).choose(frames, reached) });
    return free.index;
  };
  return s.branch(row.frame.ne(0), () => row.frame.sub(1), allocated);
}

/** { u16 domain; u32 space @4; word index @8; word gfn }: maps a special frame of the caller. */
function addToPhysmap(s: Transaction, call: Call): Word {
  const { domain, argument } = call;
  const owner = argument32(s, argument, 0);
  const space = argument32(s, argument, 4);
  const index = longField(s, call, 8, 8);
  const wide = longField(s, call, 16, 12);
  requireSelf(s, domain, owner);
  authoriseSelf(s, domain, MMU_PHYSMAP);
  s.clause("MEMORY-ADD-1", "There are two spaces: shared_info and the grant table.");
  const isShared = space.eq(abi.XENMAPSPACE_shared_info);
  s.require(isShared.or(space.eq(abi.XENMAPSPACE_grant_table)), abi.ENOSYS);
  s.clause("MEMORY-ADD-2", "The guest frame exists, and what stands there can be taken out.");
  s.require(isGuestFrame(wide), abi.EINVAL);
  const gfn = wide.low();
  const entry = entryOf(s, domain, gfn);
  s.require(hasTable(s, domain, gfn), abi.ENOMEM);
  s.require(isRemovable(s, domain, gfn, entry), abi.EBUSY);
  const shared = () => {
    s.clause("MEMORY-ADD-3", "A domain that has run has a shared_info.");
    const frame = s.row("domain", domain).sharedInfo;
    s.require(frame.ne(0), abi.EINVAL);
    return frame.sub(1);
  };
  const frame = s.branch(isShared, shared, () => grantTableFrame(s, domain, index));
  s.require(isCountable(s, frame), abi.EBUSY);
  s.clause("MEMORY-ADD-4", "The special frame stands in the place of what was there.");
  s.when(entry.has(abi.PAGE_PRESENT), () => removePage(s, domain, gfn));
  mapFrame(s, domain, gfn, ownMapping(s, frame));
  return s.word64(0);
}

/** { u16 domain; word gfn }: takes a mapping out. */
function removeFromPhysmap(s: Transaction, call: Call): Word {
  const { domain } = call;
  const owner = argument32(s, call.argument, 0);
  const wide = longField(s, call, 8, 4);
  requireSelf(s, domain, owner);
  authoriseSelf(s, domain, MMU_PHYSMAP);
  s.clause("MEMORY-REMOVE-2", "Something stands at the guest frame that can be taken out.");
  s.require(isGuestFrame(wide), abi.EINVAL);
  const gfn = wide.low();
  const entry = entryOf(s, domain, gfn);
  s.require(entry.has(abi.PAGE_PRESENT), abi.EINVAL);
  s.require(isRemovable(s, domain, gfn, entry), abi.EBUSY);
  removePage(s, domain, gfn);
  return s.word64(0);
}

/** Takes a guest frame's memory away, if it is the caller's own and plain. */
function decreaseOne(s: Transaction, domain: Word, wide: Word, done: Word): void {
  s.clause(
    "MEMORY-DECREASE-1",
    "What is given up is plain memory of the caller that can be taken out.",
  );
  s.require(isGuestFrame(wide), done);
  const gfn = wide.low();
  const entry = entryOf(s, domain, gfn);
  s.require(entry.has(abi.PAGE_PRESENT), done);
  s.require(isSpecial(s, frameOf(entry)).not(), done);
  s.require(isRemovable(s, domain, gfn, entry), done);
  removePage(s, domain, gfn);
}

/** Gives a frame of the caller's reservation to a guest frame. */
function populateOne(s: Transaction, domain: Word, wide: Word, done: Word): void {
  s.clause(
    "MEMORY-POPULATE-1",
    "Memory is given to an empty guest frame, from the caller's own reservation and within its limit.",
  );
  s.require(isGuestFrame(wide), done);
  const gfn = wide.low();
  s.require(hasTable(s, domain, gfn), done);
  s.require(entryOf(s, domain, gfn).has(abi.PAGE_PRESENT).not(), done);
  const row = s.row("domain", domain);
  s.require(row.frames.lt(row.framesLimit), done);
  const free = firstFree(s, domain);
  s.require(free.exists, done);
  s.require(isCountable(s, free.index), done);
  takeFrame(s, free.index, domain, FRAME_MEMORY);
  mapFrame(s, domain, gfn, ownMapping(s, free.index));
}

/** What a call about extents goes on with. */
interface Extents {
  readonly operation: number;
  /** Extents that are done. */
  readonly done: Word;
  /** Linear address of the argument structure. */
  readonly address: Word;
}

/** { word list; word count; u32 order; u32 flags; u16 domain }: one extent a step. */
function changeReservation(s: Transaction, call: Call, extents: Extents): Word {
  const { domain, vcpu, long } = call;
  const { operation, done, address } = extents;
  const list = longField(s, call, 0, 0);
  const count = longField(s, call, 8, 4);
  const order = shortField(s, call, 16, 8);
  requireSelf(s, domain, shortField(s, call, 24, 16));
  authoriseSelf(s, domain, MMU_ADJUST);
  s.clause(
    "MEMORY-EXTENTS-1",
    "An extent is one frame. The result is how many were done, up to the first that could not be.",
  );
  s.require(order.eq(0).and(done.lt(count)), done);
  s.require(done.le(0xffffffff), abi.EINVAL);
  const extent = list.add(long.choose(done.shl(3), done.shl(2)));
  const bytes = long.choose(s.word32(8), 4);
  const argument = openArgument(s, vcpu, extent, bytes, s.truth(false), done);
  const gfn = longField(s, { ...call, argument }, 0, 0);
  s.select(
    s.word32(operation),
    [
      {
        value: abi.XENMEM_populate_physmap,
        steps: () => {
          populateOne(s, domain, gfn, done);
          return s.word32(0);
        },
      },
    ],
    () => {
      decreaseOne(s, domain, gfn, done);
      return s.word32(0);
    },
  );
  s.clause(
    "MEMORY-EXTENTS-2",
    "Each extent is a step; how many are done stands above the operation.",
  );
  const next = done.add(1);
  return s.branch(
    next.eq(count),
    () => count,
    () => resumeWith(s, next.shl(abi.MEMOP_EXTENT_SHIFT).or(operation), address, s.word64(0)),
  );
}

/** { u16 domain }: a number about the caller's memory. */
function reservation(s: Transaction, call: Call, column: "frames" | "framesLimit"): Word {
  requireSelf(s, call.domain, argument32(s, call.argument, 0));
  s.clause(
    "MEMORY-RESERVATION-1",
    "The frames that the caller has, and the most that it may have.",
  );
  return s.row("domain", call.domain)[column].wide();
}

const regions = Array.from({ length: REGIONS }, (_, at) => at);

/** { u32 capacity, out: count; word buffer }: the memory map that the domain was told. */
function memoryMap(s: Transaction, call: Call): Word {
  const { domain, vcpu, argument } = call;
  const capacity = argument32(s, argument, 0);
  const buffer = longField(s, call, 8, 4);
  s.clause(
    "MEMORY-MAP-1",
    "The map has the regions up to the first that is empty; a buffer that holds fewer is refused.",
  );
  const count = regions.reduceRight(
    (rest, at) => s.row("region", domain, at).bytes.ne(0).choose(rest, at),
    s.word32(REGIONS),
  );
  s.require(capacity.ge(count), abi.EINVAL);
  reply32(s, argument, 0, count);
  s.require(count.ne(0), 0);
  s.clause(
    "MEMORY-MAP-2",
    "Each region is written as address, bytes and type, one behind the other.",
  );
  const size = count.mul(REGION_BYTES);
  const rows = openArgument(s, vcpu, buffer, size, s.truth(true), abi.EFAULT);
  s.each(REGIONS, (at) =>
    s.when(count.gt(at), () => {
      const region = s.row("region", domain, at);
      const place = s.word32(at).mul(REGION_BYTES);
      reply64(s, rows, place, region.address);
      reply64(s, rows, place.add(8), region.bytes);
      reply32(s, rows, place.add(16), region.type);
    }),
  );
  return s.word64(0);
}

/** Bytes of the argument of an operation in 64-bit mode and otherwise, and its steps. */
interface Operation {
  readonly value: number;
  readonly bytes: readonly [number, number];
  readonly writes: boolean;
  readonly steps: (s: Transaction, call: Call, extents: Omit<Extents, "operation">) => Word;
}

const extentOperation = (value: number): Operation => ({
  value,
  bytes: [28, 20],
  writes: false,
  steps: (s, call, rest) => changeReservation(s, call, { operation: value, ...rest }),
});

const operations: readonly Operation[] = [
  extentOperation(abi.XENMEM_populate_physmap),
  extentOperation(abi.XENMEM_decrease_reservation),
  { value: abi.XENMEM_add_to_physmap, bytes: [24, 16], writes: false, steps: addToPhysmap },
  {
    value: abi.XENMEM_remove_from_physmap,
    bytes: [16, 8],
    writes: false,
    steps: removeFromPhysmap,
  },
  { value: abi.XENMEM_memory_map, bytes: [16, 8], writes: true, steps: memoryMap },
  {
    value: abi.XENMEM_current_reservation,
    bytes: [4, 4],
    writes: false,
    steps: (s, call) => reservation(s, call, "frames"),
  },
  {
    value: abi.XENMEM_maximum_reservation,
    bytes: [4, 4],
    writes: false,
    steps: (s, call) => reservation(s, call, "framesLimit"),
  },
];

/** HYPERVISOR_memory_op(operation and extents done, address). */
export function memoryOp(s: Transaction, vcpu: Word, command: Word, address: Word): Word {
  s.clause("MEMORY-1", "The policy lets the caller use memory operations at all.");
  const domain = s.row("vcpu", vcpu).domain;
  authoriseSelf(s, domain, XENOLITH_MEMORY);
  const long = isLongMode(s, vcpu);
  const done = command.shr(abi.MEMOP_EXTENT_SHIFT);
  const cases = operations.map(({ value, bytes, writes, steps }) => ({
    value,
    steps: () => {
      const [inLongMode, otherwise] = bytes;
      const size = long.choose(s.word32(inLongMode), otherwise);
      const argument = openArgument(s, vcpu, address, size, s.truth(writes), abi.EFAULT);
      return steps(s, { domain, vcpu, argument, long }, { done, address });
    },
  }));
  return s.select(command.and(2 ** abi.MEMOP_EXTENT_SHIFT - 1), cases, () => {
    s.clause("MEMORY-2", "There is no other operation.");
    return s.word64(abi.ENOSYS);
  });
}
