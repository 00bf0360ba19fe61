// HYPERVISOR_xen_version (xen/include/public/version.h): what a guest may know of the hypervisor.
// Texts are Xen 4.17's where guests parse them, and empty where they would tell of the build.

import * as abi from "./abi.ts";
import { type Argument, argument32, openArgument, reply32 } from "./guest.ts";
import type { Question } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import * as xsm from "./xsm.ts";

const PAGE_BYTES = 4096;
const WORD_BYTES = 4;
/** Sizes of the structures that are filled. */
const EXTRA_VERSION_BYTES = 16;
const COMPILE_INFO_BYTES = 144;
const CAPABILITIES_BYTES = 1024;
const CHANGESET_BYTES = 64;
const PLATFORM_BYTES = 8;
const FEATURE_BYTES = 8;
const HANDLE_BYTES = 16;
const COMMAND_LINE_BYTES = 1024;
/** ".0", and "hvm-3.0-x86_64 ", as words. */
const EXTRA_VERSION = 0x0000302e;
const CAPABILITIES_0 = 0x2d6d7668;
const CAPABILITIES_1 = 0x2d302e33;
const CAPABILITIES_2 = 0x5f363878;
const CAPABILITIES_3 = 0x00203436;

/** Who calls, and the linear address of what is to be filled. */
interface Call {
  readonly vcpu: Word;
  readonly label: Word;
  readonly address: Word;
}

/** The caller's structure, which it must be able to write. */
function open(s: Transaction, { vcpu, address }: Call, bytes: number): Argument {
  s.clause("VERSION-3", "What is to be filled is memory that the caller can write.");
  return openArgument(s, vcpu, address, s.word32(bytes), s.truth(true), abi.EFAULT);
}

/** Words of zero from an offset to the end. */
function clear(s: Transaction, argument: Argument, from: number, words: number): void {
  s.each(words, (at) => reply32(s, argument, s.word32(at).shl(2).add(from), s.word32(0)));
}

/** What a caller gets in the place of a text that is not told. */
function nothing(s: Transaction, call: Call, bytes: number, words: number): Word {
  const argument = open(s, call, bytes);
  s.clause("VERSION-4", "Texts that would tell of the build or the host are all zero.");
  clear(s, argument, 0, words);
  return s.word64(0);
}

/** char[16]. */
function extraVersion(s: Transaction, call: Call): Word {
  const argument = open(s, call, EXTRA_VERSION_BYTES);
  s.clause("VERSION-5", 'The extra version is ".0".');
  reply32(s, argument, 0, s.word32(EXTRA_VERSION));
  clear(s, argument, WORD_BYTES, EXTRA_VERSION_BYTES / WORD_BYTES - 1);
  return s.word64(0);
}

/** char[1024]. */
function capabilities(s: Transaction, call: Call): Word {
  const argument = open(s, call, CAPABILITIES_BYTES);
  s.clause("VERSION-6", 'The capabilities are "hvm-3.0-x86_64 ".');
  clear(s, argument, 4 * WORD_BYTES, CAPABILITIES_BYTES / WORD_BYTES - 4);
  reply32(s, argument, 0, s.word32(CAPABILITIES_0));
  reply32(s, argument, 4, s.word32(CAPABILITIES_1));
  reply32(s, argument, 8, s.word32(CAPABILITIES_2));
  reply32(s, argument, 12, s.word32(CAPABILITIES_3));
  return s.word64(0);
}

/** { u32 index; u32 map }. */
function features(s: Transaction, call: Call): Word {
  const argument = open(s, call, FEATURE_BYTES);
  s.clause("VERSION-7", "Features are in word 0; all other words of features are zero.");
  const index = argument32(s, argument, 0);
  reply32(s, argument, 4, index.eq(0).choose(s.word32(abi.XEN_FEATURES), 0));
  return s.word64(0);
}

interface Operation {
  readonly value: number;
  /** What the policy is asked about this operation, besides the call as a whole. */
  readonly asks: readonly Question[];
  readonly steps: (s: Transaction, call: Call) => Word;
}

const operations: readonly Operation[] = [
  { value: abi.XENVER_version, asks: [], steps: (s) => s.word64(abi.XEN_VERSION) },
  { value: abi.XENVER_get_features, asks: [], steps: features },
  {
    value: abi.XENVER_platform_parameters,
    asks: [],
    steps: (s, call) => nothing(s, call, PLATFORM_BYTES, PLATFORM_BYTES / WORD_BYTES),
  },
  { value: abi.XENVER_extraversion, asks: [xsm.VERSION_EXTRA], steps: extraVersion },
  {
    value: abi.XENVER_compile_info,
    asks: [xsm.VERSION_COMPILE_INFO],
    steps: (s, call) => nothing(s, call, COMPILE_INFO_BYTES, COMPILE_INFO_BYTES / WORD_BYTES),
  },
  { value: abi.XENVER_capabilities, asks: [xsm.VERSION_CAPABILITIES], steps: capabilities },
  {
    value: abi.XENVER_changeset,
    asks: [xsm.VERSION_CHANGESET],
    steps: (s, call) => nothing(s, call, CHANGESET_BYTES, CHANGESET_BYTES / WORD_BYTES),
  },
  {
    value: abi.XENVER_pagesize,
    asks: [xsm.VERSION_PAGE_SIZE],
    steps: (s) => s.word64(PAGE_BYTES),
  },
  {
    value: abi.XENVER_guest_handle,
    asks: [xsm.VERSION_GUEST_HANDLE],
    steps: (s, call) => nothing(s, call, HANDLE_BYTES, HANDLE_BYTES / WORD_BYTES),
  },
  {
    value: abi.XENVER_commandline,
    asks: [xsm.VERSION_COMMAND_LINE],
    steps: (s, call) => nothing(s, call, COMMAND_LINE_BYTES, COMMAND_LINE_BYTES / WORD_BYTES),
  },
  {
    value: abi.XENVER_build_id,
    asks: [xsm.VERSION_BUILD_ID],
    steps: (s) => s.word64(abi.ENOSYS),
  },
];

/** HYPERVISOR_xen_version(operation, address). */
export function versionOp(s: Transaction, vcpu: Word, operation: Word, address: Word): Word {
  s.clause("VERSION-1", "The policy lets the caller ask about the hypervisor at all.");
  const { label } = s.row("domain", s.row("vcpu", vcpu).domain);
  xsm.authorise(s, label, xsm.labelXen(s), xsm.XENOLITH_VERSION);
  const cases = operations.map(({ value, asks, steps }) => ({
    value,
    steps: () => {
      s.clause(
        "VERSION-2",
        "For all but version, features and platform parameters, the policy lets the caller have this " +
          "text. The version is 4.17, a page has 4096 bytes, and there is no build id.",
      );
      asks.forEach((one) => {
        xsm.authorise(s, label, xsm.labelXen(s), one);
      });
      return steps(s, { vcpu, label, address });
    },
  }));
  return s.select(operation, cases, () => {
    s.clause("VERSION-8", "There is no other operation.");
    return s.word64(abi.ENOSYS);
  });
}
