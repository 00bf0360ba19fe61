// Privileged operations: what builds and governs domains (docs/boot-pack.md). Each asks the policy
// for a permission of its own, on the label of the domain that it is about. Whether that domain
// exists, is in the state that the operation wants, and may be acted on, is one refusal.

import * as limit from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { stopDomain, unpauseDomain } from "./domain.ts";
import { vcpuOf } from "./event.ts";
import {
  firstFree,
  isCountable,
  isScrubbed,
  poolFirst,
  scrub,
  takeFrame,
  takeSplit,
  takeWhole,
} from "./frame.ts";
import { ask, type Question } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import {
  createMap,
  directoryOf,
  entryOf,
  hasTable,
  isGuestFrame,
  mapFrame,
  mapSuperframe,
  ownMapping,
  translate,
} from "./p2m.ts";
import { firstClosed } from "./port.ts";
import * as state from "./states.ts";
import { TEARDOWN_DONE, TEARDOWN_GOES_ON, teardownStep } from "./teardown.ts";
import { createVcpu, freeVcpu, freeVcpus, isFreeRow, startPvh } from "./vcpu.ts";
import { writeTime } from "./vcpu_op.ts";
import * as xsm from "./xsm.ts";

/** Xenolith's own class. */
const CREATE_DOMAIN = ask("xenolith { create_domain }", xsm.XENOLITH, 8);
const POPULATE = ask("xenolith { populate }", xsm.XENOLITH, 9);
const RESERVE = ask("xenolith { reserve }", xsm.XENOLITH, 10);
const COPY_IN = ask("xenolith { copy_in }", xsm.XENOLITH, 11);
export const SET_PARAMETER = ask("xenolith { set_parameter }", xsm.XENOLITH, 12);
const SET_CONSOLE = ask("xenolith { set_console }", xsm.XENOLITH, 13);
const SET_CONTEXT = ask("xenolith { set_context }", xsm.XENOLITH, 14);
const UNPAUSE = ask("xenolith { unpause }", xsm.XENOLITH, 15);
const PAUSE = ask("xenolith { pause }", xsm.XENOLITH, 16);
const DESTROY = ask("xenolith { destroy }", xsm.XENOLITH, 17);

const SUPERFRAME_BYTES = 0x200000;
const NAME_WORD_BYTES = 8;
const WEIGHT_MOST = 65535;
const WORD_MOST = 0xffffffff;

/** A command: what is to be done, to which domain, with what. */
export interface Command {
  /** Label of who asks. */
  readonly caller: Word;
  readonly domain: Word;
  /** Seven words, whose meaning is the operation's. */
  readonly a: Word;
  readonly b: Word;
  readonly c: Word;
  readonly d: Word;
  readonly e: Word;
  readonly f: Word;
  readonly g: Word;
  /** Machine address of what a copy copies. */
  readonly source: Word;
}

/** Goes on only if the domain is in that state, and the policy lets the caller do that to it. */
export function govern(
  s: Transaction,
  { caller, domain }: Command,
  wanted: number,
  question: Question,
): void {
  s.clause(
    "CONTROL-TARGET-1",
    "The domain exists in the state that the operation is for, and the policy allows it to the caller.",
  );
  s.require(domain.lt(limit.DOMAINS), abi.EPERM);
  const row = s.row("domain", domain);
  s.require(row.state.eq(wanted), abi.EPERM);
  xsm.authorise(s, caller, row.label, question);
}

// ---- creation -----------------------------------------------------------------------------------

/** The next vCPU of a domain whose creation goes on. */
function addVcpu(s: Transaction, { domain, a: label, b: vcpus }: Command): Word {
  s.clause(
    "CONTROL-CREATE-5",
    "A domain that exists is refused, but for one that is being built under that label and has " +
      "fewer vCPUs than are asked for.",
  );
  const row = s.row("domain", domain);
  const id = row.vcpus;
  s.require(row.state.eq(state.DOMAIN_BUILDING), abi.EEXIST);
  s.require(row.label.eq(label.low()).and(id.lt(vcpus.low())), abi.EEXIST);
  s.clause("CONTROL-CREATE-6", "It gets its next vCPU, offline, in the lowest free row.");
  const free = freeVcpu(s);
  s.require(isFreeRow(s, free), abi.ENOSPC);
  createVcpu(s, free, domain, id);
  row.set({ vcpus: id.add(1) });
  return row.vcpus.lt(vcpus.low()).choose(s.word64(abi.RESUME), 0);
}

/** A domain that is being built, without vCPUs. */
function beginDomain(s: Transaction, command: Command): Word {
  const { domain, a: label, b: vcpus, c: frames, d: weight } = command;
  s.require(freeVcpus(s).ge(vcpus.low()), abi.ENOSPC);
  s.clause("CONTROL-CREATE-4", "The domain is one that is being built; its map is empty.");
  s.row("domain", domain).set({
    state: state.DOMAIN_BUILDING,
    label: label.low(),
    selfLabel: s.row("policySelf", label.low()).label,
    weight: weight.low(),
    framesLimit: frames.low(),
  });
  createMap(s, domain);
  return s.word64(abi.RESUME);
}

/** Create (label, vCPUs, frames, weight, name in three words). */
export function createDomain(s: Transaction, command: Command): Word {
  const { caller, domain, a: label, b: vcpus, c: frames, d: weight } = command;
  s.clause("CONTROL-CREATE-1", "The policy lets the caller create domains of that label.");
  s.require(label.lt(s.row("policy").labels.wide()), abi.EPERM);
  xsm.authorise(s, caller, label.low(), CREATE_DOMAIN);
  s.clause("CONTROL-CREATE-2", "The domain's number is one that can be given, and not 0.");
  s.require(domain.ne(0).and(domain.lt(limit.DOMAINS)), abi.EINVAL);
  s.clause("CONTROL-CREATE-3", "It has 1 to 32 vCPUs, for which there are rows, and a weight.");
  s.require(vcpus.ne(0).and(vcpus.le(limit.VCPUS_PER_DOMAIN)), abi.EINVAL);
  s.require(weight.ne(0).and(weight.le(WEIGHT_MOST)).and(frames.le(WORD_MOST)), abi.EINVAL);
  const result = s.branch(
    s.row("domain", domain).state.ne(state.DOMAIN_FREE),
    () => addVcpu(s, command),
    () => beginDomain(s, command),
  );
  s.when(result.eq(0), () => nameDomain(s, command));
  return result;
}

/** The 24 bytes of a domain's name. */
function nameDomain(s: Transaction, { domain, e, f, g }: Command): void {
  s.clause("CONTROL-NAME-1", "Its name is 24 bytes, the lowest of each word first.");
  [e, f, g].forEach((word, at) => {
    const first = s.word32(at).shl(3);
    s.setRows("domainName", [domain, first], NAME_WORD_BYTES, (byte) => ({
      byte: word.shr(byte.shl(3).wide()).and(0xff).low(),
    }));
  });
}

// ---- memory -------------------------------------------------------------------------------------

/** Populate superframe (gfn): 2 MiB of zeros. */
export function populateSuperframe(s: Transaction, command: Command): Word {
  const { domain, a: gfn } = command;
  govern(s, command, state.DOMAIN_BUILDING, POPULATE);
  s.clause("CONTROL-SUPERFRAME-1", "The guest frame is a multiple of 512 with nothing behind it.");
  s.require(isGuestFrame(gfn).and(gfn.and(511).eq(0)), abi.EINVAL);
  s.require(s.row("directory", domain, gfn.low().shr(9)).entry.eq(0), abi.EEXIST);
  s.clause(
    "CONTROL-SUPERFRAME-2",
    "It gets the pool's lowest superframe, within the domain's limit.",
  );
  const row = s.row("domain", domain);
  const frames = row.frames.add(limit.FRAMES_PER_SUPERFRAME);
  s.require(frames.le(row.framesLimit), abi.ENOMEM);
  const free = poolFirst(s);
  s.require(free.exists, abi.ENOMEM);
  return s.branch(
    isScrubbed(s, free.index),
    () => {
      takeWhole(s, free.index, domain);
      row.set({ frames });
      mapSuperframe(s, domain, gfn.low(), free.index);
      return s.word64(0);
    },
    () => {
      scrub(s, free.index);
      s.clause("CONTROL-SUPERFRAME-3", "The call is made again until the superframe is zero.");
      return s.word64(abi.RESUME);
    },
  );
}

/** Reserve: a superframe's frames join the domain's free ones. */
export function reserve(s: Transaction, command: Command): Word {
  govern(s, command, state.DOMAIN_BUILDING, RESERVE);
  s.clause("CONTROL-RESERVE-1", "The pool's lowest superframe joins the domain's reservation.");
  const free = poolFirst(s);
  s.require(free.exists, abi.ENOMEM);
  takeSplit(s, free.index, command.domain);
  return s.word64(0);
}

/** A free frame of the domain at an empty guest frame. */
function place(s: Transaction, domain: Word, wide: Word, kind: number): Word {
  s.clause("CONTROL-PLACE-1", "The guest frame is empty, and has or can get a last-level table.");
  s.require(isGuestFrame(wide), abi.EINVAL);
  const gfn = wide.low();
  s.require(entryOf(s, domain, gfn).has(abi.PAGE_PRESENT).not(), abi.EEXIST);
  s.require(hasTable(s, domain, gfn), abi.ENOMEM);
  const free = firstFree(s, domain);
  s.require(free.exists, abi.ENOMEM);
  s.require(isCountable(s, free.index), abi.ENOMEM);
  takeFrame(s, free.index, domain, kind);
  mapFrame(s, domain, gfn, ownMapping(s, free.index));
  return free.index;
}

/** Populate (gfn): a frame of zeros. */
export function populate(s: Transaction, command: Command): Word {
  govern(s, command, state.DOMAIN_BUILDING, POPULATE);
  place(s, command.domain, command.a, state.FRAME_MEMORY);
  return s.word64(0);
}

/** Copy in (guest-physical target, -, bytes). */
export function copyInto(s: Transaction, command: Command): Word {
  const { domain, a: target, c: bytes, source } = command;
  govern(s, command, state.DOMAIN_BUILDING, COPY_IN);
  s.clause("CONTROL-COPY-1", "At most 2 MiB are copied into memory that the domain has.");
  s.require(bytes.ne(0).and(bytes.le(SUPERFRAME_BYTES)), abi.EINVAL);
  const last = target.add(bytes).sub(1);
  const first = translate(s, domain, target, s.truth(true));
  const end = translate(s, domain, last, s.truth(true));
  s.require(first.ne(abi.NOWHERE).and(end.ne(abi.NOWHERE)), abi.ENOENT);
  s.clause("CONTROL-COPY-2", "The area is one piece of machine memory: inside one leaf.");
  const oneEntry = target.shr(21).eq(last.shr(21));
  s.require(oneEntry.and(end.sub(first).eq(bytes.sub(1))), abi.EINVAL);
  const entry = directoryOf(s, domain, target);
  const onePage = target.shr(12).eq(last.shr(12));
  s.require(onePage.or(entry.has(abi.PAGE_LARGE)), abi.EINVAL);
  s.machine.copy(first, source, bytes.low());
  return s.word64(0);
}

// ---- what a domain finds when it starts ---------------------------------------------------------

/** Parameter (index, value). */
export function setDomainParameter(s: Transaction, command: Command): Word {
  const { domain, a: index, b: value } = command;
  govern(s, command, state.DOMAIN_BUILDING, SET_PARAMETER);
  s.clause("CONTROL-PARAMETER-1", "The parameter is one of the ABI's.");
  s.require(index.lt(abi.HVM_PARAMS), abi.EINVAL);
  s.row("domainParameter", domain, index.low()).set({ value });
  return s.word64(0);
}

/** Region (index, address, bytes, type) of the memory map. */
export function setRegion(s: Transaction, command: Command): Word {
  const { domain, a: index, b: address, c: bytes, d: type } = command;
  govern(s, command, state.DOMAIN_BUILDING, SET_PARAMETER);
  s.clause("CONTROL-REGION-1", "A region of the memory map is not empty; there are 16.");
  const fits = index.lt(limit.REGIONS).and(bytes.ne(0)).and(type.le(WORD_MOST));
  s.require(fits, abi.EINVAL);
  s.row("region", domain, index.low()).set({ address, bytes, type: type.low() });
  return s.word64(0);
}

/** XSAVE: the domain's vCPUs are told of XSAVE and AVX. */
export function allowXsave(s: Transaction, command: Command): Word {
  govern(s, command, state.DOMAIN_BUILDING, SET_PARAMETER);
  s.clause("CONTROL-XSAVE-1", "From then on CPUID tells the domain of XSAVE and AVX.");
  s.row("domain", command.domain).set({ xsave: 1 });
  return s.word64(0);
}

/** Console (gfn): a frame for the ring, a port for its kicks. */
export function setConsole(s: Transaction, command: Command): Word {
  const { domain, a: gfn } = command;
  govern(s, command, state.DOMAIN_BUILDING, SET_CONSOLE);
  s.clause("CONTROL-CONSOLE-1", "A domain has one console; it needs a port and a special frame.");
  const row = s.row("domain", domain);
  s.require(row.consoleFrame.eq(0), abi.EEXIST);
  const port = firstClosed(s, domain);
  s.require(port.exists, abi.ENOSPC);
  const frame = place(s, domain, gfn, state.FRAME_SPECIAL);
  s.clause("CONTROL-CONSOLE-2", "The domain's parameters tell where its console is.");
  const nobody = { peerDomain: 0, peerPort: 0, vcpu: 0, virq: 0 };
  s.row("port", domain, port.index).set({
    state: abi.PORT_console,
    ...nobody,
    label: row.selfLabel,
  });
  row.set({ consoleFrame: frame.add(1), consolePort: port.index });
  s.row("domainParameter", domain, abi.HVM_PARAM_CONSOLE_PFN).set({ value: gfn });
  const told = s.row("domainParameter", domain, abi.HVM_PARAM_CONSOLE_EVTCHN);
  told.set({ value: port.index.wide() });
  return s.word64(0);
}

/** Context (vCPU number, entry, start info). */
export function setContext(s: Transaction, command: Command): Word {
  const { domain, a: id, b: entry, c: info } = command;
  govern(s, command, state.DOMAIN_BUILDING, SET_CONTEXT);
  s.clause("CONTROL-CONTEXT-1", "The vCPU is one that is offline; entry and info are 32-bit.");
  const narrow = entry.le(WORD_MOST).and(info.le(WORD_MOST));
  s.require(id.lt(limit.VCPUS_PER_DOMAIN).and(narrow), abi.EINVAL);
  const vcpu = vcpuOf(s, domain, id.low());
  s.require(vcpu.exists, abi.ENOENT);
  const row = s.row("vcpu", vcpu.row);
  s.require(row.state.eq(state.VCPU_OFFLINE), abi.EBUSY);
  s.clause("CONTROL-CONTEXT-2", "It is runnable once its domain runs, and counts as online.");
  startPvh(s, vcpu.row, entry, info);
  row.set({ state: state.VCPU_RUNNABLE });
  const owner = s.row("domain", domain);
  owner.set({ online: owner.online.add(1).and(0xff) });
  return s.word64(0);
}

// ---- running ------------------------------------------------------------------------------------

/** shared_info: the wall clock, and each vCPU's first vcpu_info. */
function openShared(s: Transaction, domain: Word, frame: Word): void {
  s.clause("CONTROL-SHARED-1", "The shared_info tells the time at which the machine started.");
  s.row("domain", domain).set({ sharedInfo: frame.add(1) });
  const shared = frame.wide().shl(12);
  const seconds = s.row("boot").wallSeconds;
  s.machine.store32(shared.add(abi.SHARED_wc_version), 2);
  s.machine.store32(shared.add(abi.SHARED_wc_sec), seconds.low());
  s.machine.store32(shared.add(abi.SHARED_wc_sec_hi), seconds.shr(32).low());
  s.clause("CONTROL-SHARED-2", "Each vCPU's vcpu_info lies in it, with the clock's factors.");
  s.each(limit.VCPUS_PER_DOMAIN, (id) => {
    const vcpu = vcpuOf(s, domain, s.word32(id));
    s.when(vcpu.exists, () => {
      const info = shared.add(s.word64(id).mul(abi.VCPU_INFO_BYTES));
      s.row("vcpu", vcpu.row).set({ info });
      writeTime(s, info.add(abi.VCPU_INFO_time));
    });
  });
}

/** Unpause: a domain that was built runs. */
export function unpause(s: Transaction, command: Command): Word {
  govern(s, command, state.DOMAIN_BUILDING, UNPAUSE);
  s.clause(
    "CONTROL-UNPAUSE-1",
    "The domain gets a special frame of its own as shared_info, and runs.",
  );
  const free = firstFree(s, command.domain);
  s.require(free.exists, abi.ENOMEM);
  takeFrame(s, free.index, command.domain, state.FRAME_SPECIAL);
  openShared(s, command.domain, free.index);
  unpauseDomain(s, command.domain);
  return s.word64(0);
}

/** Pause: a running domain stops until it is resumed. */
export function pause(s: Transaction, command: Command): Word {
  govern(s, command, state.DOMAIN_RUNNING, PAUSE);
  stopDomain(s, command.domain, state.DOMAIN_PAUSED);
  return s.word64(0);
}

/** Resume: a paused domain goes on. */
export function resumePaused(s: Transaction, command: Command): Word {
  govern(s, command, state.DOMAIN_PAUSED, UNPAUSE);
  unpauseDomain(s, command.domain);
  return s.word64(0);
}

/** Destroy: one step of it. */
export function destroy(s: Transaction, { caller, domain }: Command): Word {
  s.clause("CONTROL-DESTROY-1", "Any domain but 0 can be destroyed, if the policy allows it.");
  s.require(domain.ne(0).and(domain.lt(limit.DOMAINS)), abi.EPERM);
  const row = s.row("domain", domain);
  s.require(row.state.ne(state.DOMAIN_FREE), abi.EPERM);
  xsm.authorise(s, caller, row.label, DESTROY);
  s.clause("CONTROL-DESTROY-2", "A domain that is being destroyed never runs again.");
  s.when(row.state.ne(state.DOMAIN_DYING), () => stopDomain(s, domain, state.DOMAIN_DYING));
  const [step] = s.block("teardown/teardownStep", [domain], () => [
    s.attempt(() => teardownStep(s, domain)),
  ]);
  s.clause(
    "CONTROL-DESTROY-3",
    "The call is made again until the row is free, or others hold memory.",
  );
  const more = step!.eq(TEARDOWN_GOES_ON).choose(s.word64(abi.RESUME), step!);
  return step!.eq(TEARDOWN_DONE).choose(s.word64(0), more);
}
