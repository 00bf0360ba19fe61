// Loading a policy (XENOXSM1, xsm-policy/compiler/table.ts) in steps, at boot and at run time: it
// is copied part by part to where no guest can write, checked there some labels a step, and then
// takes the place of the one in force, in one step, whole or not at all.

import { CLASSES, DOMAINS, LABEL_NAME_BYTES, LABELS, POLICY_BYTES } from "../tcb/core/limits.ts";
import { EINVAL, RESUME } from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { DOMAIN_FREE } from "./states.ts";
import { INITIAL_XEN, INITIAL_XENBOOT } from "./xsm.ts";

/** "XENOXSM1", the low word first. */
const MAGIC_LOW = 0x4f4e4558;
const MAGIC_HIGH = 0x314d5358;
const VERSION = 1;

/** Bytes that a step copies, and labels that a step checks. */
const PART_BYTES = 65536;
const PART_LABELS = 16;

// Where the parts of a policy lie, and bytes of each label's part.
const LABELS_AT = 12;
const CLASSES_AT = 16;
const BYTES_AT = 24;
const INITIAL_AT = 64;
const INITIAL_SIDS = 16;
const BOOT_AT = INITIAL_AT + 4 * INITIAL_XENBOOT;
const XEN_AT = INITIAL_AT + 4 * INITIAL_XEN;
export const SELF_AT = INITIAL_AT + 4 * INITIAL_SIDS;
export const CHANNEL_AT = SELF_AT + LABELS;
const CHANNEL_BYTES = LABELS;
const CELL_BYTES = LABELS * CLASSES * 4;

const byteAt = (s: Transaction, at: Word): Word => s.row("staged", at).byte;

/** A word of the copy, its lowest byte first. */
function wordAt(s: Transaction, at: Word): Word {
  const part = (number: number, bits: number) => byteAt(s, at.add(number)).shl(bits);
  return byteAt(s, at).or(part(1, 8)).or(part(2, 16)).or(part(3, 24));
}

const fixedWord = (s: Transaction, at: number): Word => wordAt(s, s.word32(at));

const cellsAt = (labels: Word): Word => labels.mul(CHANNEL_BYTES).add(CHANNEL_AT);
const namesAt = (labels: Word): Word => labels.mul(CELL_BYTES).add(cellsAt(labels));

/** Labels of the policy in the copy, whatever it says. */
export const stagedLabels = (s: Transaction): Word => fixedWord(s, LABELS_AT).min(s.word32(LABELS));

/** Refuses a copy whose header is not one of a policy of that size. */
function requireHeader(s: Transaction, bytes: Word): void {
  const labels = fixedWord(s, LABELS_AT);
  s.clause(
    "XSM-HEADER-1",
    "A policy begins with its mark, the version, and how many classes it is of.",
  );
  s.require(fixedWord(s, 0).eq(MAGIC_LOW).and(fixedWord(s, 4).eq(MAGIC_HIGH)), EINVAL);
  s.require(fixedWord(s, 8).eq(VERSION).and(fixedWord(s, CLASSES_AT).eq(CLASSES)), EINVAL);
  s.clause(
    "XSM-HEADER-2",
    "It has a label at least, at most 128, and as many as the policy in force: domains and channels " +
      "keep theirs.",
  );
  s.require(labels.ne(0).and(labels.le(LABELS)), EINVAL);
  s.require(labels.ge(s.row("policy").labels), EINVAL);
  s.clause("XSM-HEADER-3", "Its size is what it says, and what so many labels take.");
  const size = labels.mul(LABEL_NAME_BYTES).add(namesAt(labels));
  s.require(fixedWord(s, BYTES_AT).eq(bytes).and(bytes.eq(size)), EINVAL);
  s.clause("XSM-HEADER-4", "The hypervisor and what boot builds have labels of it.");
  const isLabel = (at: number): Bool => fixedWord(s, at).lt(labels);
  s.require(isLabel(BOOT_AT).and(isLabel(XEN_AT)), EINVAL);
}

/** Do 128 bytes of the copy name labels of it? */
export function rowGood(s: Transaction, at: Word, labels: Word): Bool {
  const [good] = s.block("policy_load/rowGood", [at, labels], () => [
    s.every(LABELS, (number) => byteAt(s, at.add(number)).lt(labels)).choose(s.word32(1), 0),
  ]);
  return good!.ne(0);
}

/** Has a label that is in force the same name in the copy? */
function nameKept(s: Transaction, label: Word, labels: Word): Bool {
  const name = label.mul(LABEL_NAME_BYTES).add(namesAt(labels));
  return s.every(LABEL_NAME_BYTES, (at) =>
    byteAt(s, name.add(at)).eq(s.row("policyName", label, at).byte),
  );
}

/** Refuses the copy if one of the next labels is not as it has to be. */
function requireLabels(s: Transaction, first: Word, labels: Word): void {
  const one = (round: number, next: () => Word): Word => {
    const label = first.add(round);
    const check = (): Word => {
      s.clause(
        "XSM-LABELS-2",
        "A step looks at 16 labels: those that each gives to its channels are labels of the policy.",
      );
      s.require(rowGood(s, label.mul(CHANNEL_BYTES).add(CHANNEL_AT), labels), EINVAL);
      s.clause(
        "XSM-LABELS-3",
        "A label that is in force has the same name: domains and channels keep theirs.",
      );
      s.when(label.lt(s.row("policy").labels), () => s.require(nameKept(s, label, labels), EINVAL));
      return next();
    };
    return s.branch(label.ge(labels), () => s.word64(0), check);
  };
  s.rounds(PART_LABELS, one);
}

/** The copy takes the place of the policy in force. */
export function putInForce(s: Transaction, labels: Word): void {
  s.clause(
    "XSM-LOAD-1",
    "A copy that was checked is the policy from now on, whole: the labels of the hypervisor's own " +
      "subjects, of domains as their own targets and of channels, what is allowed, and names.",
  );
  const cells = cellsAt(labels);
  const names = namesAt(labels);
  s.setRows("policyInitial", [0], INITIAL_SIDS, (sid) => ({
    label: wordAt(s, sid.shl(2).add(INITIAL_AT)),
  }));
  s.setRows("policySelf", [0], LABELS, (label) => ({ label: byteAt(s, label.add(SELF_AT)) }));
  s.setRows("policyChannel", [0, 0], labels.mul(LABELS), (pair) => ({
    label: byteAt(s, pair.add(CHANNEL_AT)),
  }));
  s.setRows("policyCell", [0, 0, 0], labels.mul(LABELS * CLASSES), (cell) => ({
    allowed: wordAt(s, cell.shl(2).add(cells)),
  }));
  s.setRows("policyName", [0, 0], labels.mul(LABEL_NAME_BYTES), (at) => ({
    byte: byteAt(s, at.add(names)),
  }));
  const policy = s.row("policy");
  policy.set({ labels, sequence: policy.sequence.add(1), loaded: 1 });
  s.clause(
    "XSM-LOAD-2",
    "Domains keep their labels; as targets of their own they are labelled anew.",
  );
  s.setRows("domain", [0], DOMAINS, (domain) => {
    const { state, label, selfLabel } = s.row("domain", domain);
    const anew = s.row("policySelf", label).label;
    return { selfLabel: state.eq(DOMAIN_FREE).choose(selfLabel, anew) };
  });
}

/** Checks a complete copy, a part a step, then puts it in force. */
function checkCopy(s: Transaction, bytes: Word): Word {
  const stage = s.row("stage");
  const labels = stagedLabels(s);
  const first = stage.checked;
  const result = s.attempt(() => {
    s.when(first.eq(0), () => requireHeader(s, bytes));
    const done = (): Word => {
      putInForce(s, labels);
      return s.word64(0);
    };
    const more = (): Word => {
      s.clause("XSM-LABELS-1", "The labels of domains as targets of their own are labels of it.");
      s.when(first.eq(0), () => s.require(rowGood(s, s.word32(SELF_AT), labels), EINVAL));
      requireLabels(s, first, labels);
      stage.set({ checked: first.add(PART_LABELS) });
      return s.word64(RESUME);
    };
    return s.branch(first.ge(labels), done, more);
  });
  s.when(result.ne(RESUME), () => {
    s.clause(
      "XSM-LOAD-3",
      "A load that has ended, well or not, is none: the next one begins again.",
    );
    stage.set({ bytes: 0 });
  });
  return result;
}

/** One step of loading the policy of so many bytes at a machine address. */
export function loadStep(s: Transaction, source: Word, bytes: Word): Word {
  const stage = s.row("stage");
  s.clause("XSM-STAGE-1", "A policy is not empty, and no larger than one of all labels.");
  s.require(bytes.ne(0).and(bytes.le(POLICY_BYTES)), EINVAL);
  s.clause("XSM-STAGE-2", "Another source or another size begins again.");
  const isOther = stage.source.ne(source).or(stage.bytes.wide().ne(bytes));
  s.when(isOther, () => stage.set({ source, bytes: bytes.low(), copied: 0, checked: 0 }));
  const { copied } = stage;
  const size = bytes.low();
  const copy = (): Word => {
    s.clause(
      "XSM-STAGE-3",
      "A step copies the next 64 KiB, or what is left, to where no guest can write: each byte is read " +
        "once, and what is checked is what will be in force.",
    );
    const part = size.sub(copied).min(s.word32(PART_BYTES));
    s.copyIn("staged", "byte", [copied], source.add(copied.wide()), part);
    stage.set({ copied: copied.add(part) });
    return s.word64(RESUME);
  };
  return s.branch(copied.ge(size), () => checkCopy(s, size), copy);
}

/** One step of loading a policy, as the commands and boot take it. */
export function policyStep(s: Transaction, source: Word, bytes: Word): Word {
  const [answer] = s.block("policy_load/policyStep", [source, bytes], () => [
    s.attempt(() => loadStep(s, source, bytes)),
  ]);
  return answer!;
}
