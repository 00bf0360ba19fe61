// Short sequences that make something of use together: what chance alone seldom comes to. The
// generator puts them in whole, and changes them like everything else.

import { policies } from "../world/policy.ts";
import { encode } from "./program.ts";
import { parseProgram } from "./text.ts";

/** A line that is longer than the console's: 24 letters a call. */
const longLine = [
  ...[20, 21, 22, 23].map((cell) => `d1v0 poke(cell=${cell}, value=0x41414141)`),
  ...Array.from({ length: 14 }, () => {
    return "d1v0 console_io(operation=0, count=32, text=0x41414141, more=0x41414141)";
  }),
].join("\n");

const texts: readonly string[] = [
  // A channel, and an event over it.
  `d1v0 evtchn_alloc_unbound(domain=0x7ff0, remote=2)
   d2v0 evtchn_bind_interdomain(remote=1, port=last)
   d1v0 evtchn_unmask(port=last-1)
   d2v0 evtchn_send(port=last)`,
  // A grant that is mapped, used and given back.
  `d2v0 offer(reference=0, flags=1, domain=1, gfn=0x20)
   d1v0 grant_map(count=1, page=0x20a000, flags=2, reference=0, domain=2)
   d1v0 grant_unmap(count=1, page=last, handle=last)`,
  `d1v0 offer(reference=1, flags=1, domain=2, gfn=0x21)
   d2v0 grant_map(count=1, page=0x20b000, flags=6, reference=1, domain=1)
   d2v0 grant_copy(count=1, source=1, from=1, target=0x22, to=0x7ff0, bytes=64, flags=1)`,
  // A domain from its creation to its end.
  `d4v0 control_create(domain=5, label=2, vcpus=2, frames=1024, weight=256)
   d4v0 control_populate_superframe(domain=5, gfn=0)
   d4v0 control_reserve(domain=5)
   d4v0 control_populate(domain=5, gfn=0x204)
   d4v0 control_copy_in(domain=5, address=0x5000, source=0x1000, bytes=64)
   d4v0 control_context(domain=5, id=0, entry=0x1000, info=0x2000)
   d4v0 control_unpause(domain=5)
   d5v0 memory_add(domain=0x7ff0, space=1, index=0, gfn=0x202)`,
  `d4v0 control_pause(domain=5)
   d4v0 control_destroy(domain=5)`,
  // What a builder gives a domain for its services.
  `d4v0 control_create(domain=5, label=2, vcpus=1, frames=1024, weight=256)
   d4v0 control_populate_superframe(domain=5, gfn=0)
   d4v0 control_reserve(domain=5)
   d4v0 control_channel(domain=5, remote=1, parameter=2)
   d4v0 control_grant(domain=5, reference=1, gfn=0x20, remote=1)
   d4v0 control_ports(domain=5, first=0x2f8, last=0x2ff)
   d4v0 control_background(domain=5)
   d4v0 control_xsave(domain=5)
   d4v0 control_info(domain=5)
   d4v0 control_vcpu_info(domain=5, id=0)`,
  // What a new domain finds in its parameters, and one that there is not.
  `d4v0 control_create(domain=5, label=2, vcpus=1, frames=1024, weight=256)
   d4v0 control_populate_superframe(domain=5, gfn=0)
   d4v0 control_parameter(domain=5, index=0, value=0x200000000000020)
   d4v0 control_parameter(domain=5, index=0xffffffffffffffff, value=1)`,
  `d4v0 control_schedule(kind=1, slice=10000000)
   d4v0 control_slot(domain=1, slot=0, nanoseconds=1000000)
   d4v0 control_slot(domain=2, slot=1, nanoseconds=1000000)
   d1v0 turn(ticks=2000000)`,
  // A timer that comes due, and an upcall.
  `d1v0 evtchn_bind_virq(virq=0, vcpu=0)
   d1v0 evtchn_unmask(port=last)
   d1v0 vcpu_set_single(id=0, deadline=1, flags=0)
   d1v0 turn(ticks=20000000)
   d1v0 turn(ticks=20000000)`,
  // An event that is taken back before the guest is entered.
  `d1v0 evtchn_bind_ipi(vcpu=0)
   d1v0 evtchn_unmask(port=last)
   d1v0 evtchn_send(port=last)
   d1v0 poke(cell=10, value=0)
   d1v0 turn(ticks=1000)`,
  // An interrupt at HLT, in the shadow of STI.
  `d1v0 poke(cell=28, value=0xf4f4f4f4)
   d1v0 exit_interrupt(flags=0x202, shadow=1)
   d1v0 turn(ticks=1000)`,
  // All come to an end.
  `d1v0 sched_shutdown(reason=0)
   d2v0 sched_shutdown(reason=0)
   d3v0 sched_shutdown(reason=3)
   d4v0 sched_shutdown(reason=0)
   d4v0 turn(ticks=1000)`,
  // Another processor is started, and interrupted.
  `d1v1 sched_block()
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4500, rdx=1)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4601, rdx=1)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4040, rdx=1)
   d1v0 turn(ticks=20000000)`,
  // A domain of two processors that run is stopped, and goes on.
  `d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4500, rdx=1)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4601, rdx=1)
   d4v0 control_pause(domain=1)
   d4v0 control_resume(domain=1)
   d1v0 turn(ticks=20000000)`,
  // Memory that goes and comes back.
  `d1v0 memory_decrease(list=0x20, extents=2, domain=0x7ff0)
   d1v0 memory_populate(list=0x20, extents=2, domain=0x7ff0)`,
  // Something on the console's ring.
  `d1v0 poke(cell=8, value=2)
   d1v0 evtchn_send(port=1)`,
  // A masked event: who polls for it is woken, and who unmasks it is told.
  `d1v0 evtchn_alloc_unbound(domain=0x7ff0, remote=2)
   d2v0 evtchn_bind_interdomain(remote=1, port=last)
   d1v0 poke(cell=32, value=0xffffffff)
   d1v0 sched_poll(ports=last-1, count=1, deadline=0)
   d2v0 evtchn_send(port=last)
   d1v1 evtchn_unmask(port=last-1)`,
  // The words of a call change while it is carried out.
  ...[1, 2, 3, 4, 5, 6].map(
    (event) => `d2v0 offer(reference=0, flags=1, domain=1, gfn=0x20)
   d1v0 race(event=${event}, cell=0, value=0x20000)
   d1v0 grant_map(count=1, page=0x20a000, flags=2, reference=0, domain=2)`,
  ),
  // Two vCPUs of one domain take turns.
  `d2v0 sched_block()
   d2v1 sched_block()
   d3v0 sched_block()
   d4v0 sched_block()
   d1v0 sched_yield()
   d1v0 turn(ticks=20000000)
   d1v1 sched_yield()
   d1v0 turn(ticks=20000000)
   d1v0 turn(ticks=20000000)`,
  longLine,
  // A list of calls inside a list of calls.
  "d1v0 listed unknown(number=13, a=0x1000, b=1)",
  // What the local APIC answers is of the priority that was written, with nothing in service.
  `d2v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x808, rax=0x20)
   d2v0 exit_rdmsr(flags=0x202, info1=0, rcx=0x80a)`,
  // An NMI to itself waits while a fault is injected.
  `d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x406, rdx=0)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0xc0010055, rax=0x4040, rdx=0)
   d1v0 turn(ticks=1000)`,
  // A vector that was offered stands in its VMCB while the other processor has its turn.
  `d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4040, rdx=1)
   d1v0 turn(ticks=20000000)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4500, rdx=1)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4601, rdx=1)
   d1v0 exit_wrmsr(flags=0x202, info1=1, rcx=0x830, rax=0x4040, rdx=1)
   d1v0 exit_hlt(flags=0)
   d1v1 exit_hlt(flags=0x202)
   d2v0 sched_block()
   d2v1 sched_block()
   d4v0 sched_block()
   d1v0 turn(ticks=20000000)
   d1v0 turn(ticks=20000000)
   d1v0 turn(ticks=20000000)
   d1v0 turn(ticks=20000000)`,
  // Ports run out, in each of the ways to take one.
  ...["evtchn_bind_ipi(vcpu=0)", "evtchn_bind_virq(virq=2, vcpu=0)"].map(
    (last) => `d4v0 evtchn_bind_ipi(vcpu=0)
   d4v0 evtchn_bind_ipi(vcpu=0)
   d4v0 ${last}`,
  ),
  `d4v0 evtchn_bind_ipi(vcpu=0)
   d4v0 evtchn_alloc_unbound(domain=0x7ff0, remote=4)
   d4v0 evtchn_bind_interdomain(remote=4, port=last)`,
  // A copy that goes on for some steps, by turns of the machine.
  `d2v0 offer(reference=0, flags=1, domain=1, gfn=0x20)
   d1v0 steps=1 grant_copy(count=3, source=0, from=2, target=0x22, to=0x7ff0, bytes=64, flags=1)
   d1v0 turn(ticks=1000)
   d1v0 turn(ticks=1000)`,
];

const load = (source: number): string =>
  `d4v0 control_load_policy(source=${source}, bytes=${policies.bytes})`;
const both = (line: string): string => `d1v0 ${line}\nd2v0 ${line}`;

/** Those that take long. */
const rareTexts: readonly string[] = [
  ...Array.from({ length: policies.copies }, (_, copy) =>
    load(policies.at + copy * policies.stride),
  ),
  // Rights that are lost while they are used.
  [
    texts[0],
    "d2v0 offer(reference=0, flags=1, domain=1, gfn=0x20)",
    "d1v0 grant_map(count=1, page=0x20a000, flags=2, reference=0, domain=2)",
    load(policies.strict),
    "d1v0 grant_unmap(count=1, page=last, handle=last)",
    "d1v0 evtchn_send(port=last-1)",
    "d2v0 evtchn_send(port=last)",
    "d1v0 evtchn_close(port=last-1)",
    ...[
      "evtchn_unmask(port=last)",
      "evtchn_alloc_unbound(domain=0x7ff0, remote=2)",
      "evtchn_bind_interdomain(remote=1, port=last-1)",
      "evtchn_reset(domain=0x7ff0)",
      "memory_add(domain=0x7ff0, space=1, index=0, gfn=0x205)",
      "memory_map(capacity=3, buffer=0x5000)",
      "grant_map(count=1, page=0x20a000, flags=2, reference=0, domain=1)",
    ].map(both),
  ].join("\n"),
  // A domain that is destroyed while it runs, and while its timer is the first.
  `${texts[3]}
   d5v0 vcpu_set_single(id=0, deadline=1, flags=0)
   d5v0 sched_yield()
   d4v0 control_destroy(domain=5)`,
  // One that runs out of frames, and asks for its memory map.
  `${texts[3]}
   ${Array.from({ length: 16 }, (_, index) => {
     return `d4v0 control_region(domain=6, index=${index}, address=0, bytes=4096, type=1)`;
   }).join("\n")}
   d5v0 memory_populate(list=0x206, extents=2, domain=0x7ff0)
   d5v0 memory_map(capacity=16, buffer=0x5000)`,
  // The machine's memory goes to what a domain reserves.
  `d4v0 control_create(domain=5, label=2, vcpus=1, frames=1024, weight=256)
   d4v0 control_reserve(domain=5)
   d4v0 control_reserve(domain=5)
   d4v0 control_reserve(domain=5)
   d4v0 control_reserve(domain=5)
   d4v0 control_populate_superframe(domain=5, gfn=0)`,
  // A guest ends by each of the exits that end one, and its last line names them.
  ...["0x400", "0x7f"].map(
    (code) => `d1v0 exit_other(flags=0x202, code=${code}, info1=0, interrupted=0)
   d2v0 sched_shutdown(reason=0)
   d3v0 exit_hlt(flags=2)
   d4v0 sched_shutdown(reason=0)
   d4v0 turn(ticks=20000000)`,
  ),
  // No vCPU, no memory is left.
  `d4v0 control_create(domain=5, label=2, vcpus=32, frames=4096, weight=256)
   d4v0 control_populate_superframe(domain=5, gfn=0)
   d4v0 control_populate_superframe(domain=5, gfn=0x200)
   d4v0 control_populate_superframe(domain=5, gfn=0x400)
   d4v0 control_populate_superframe(domain=5, gfn=0x600)
   d4v0 control_populate_superframe(domain=5, gfn=0x800)`,
];

const bytesOf = (text: string): Uint8Array => encode(parseProgram(text));
const recipes = texts.map(bytesOf);
const rareRecipes = rareTexts.map(bytesOf);
/** Of so many recipes one is rare. */
const RARE_OF = 24;

/** The bytes of one of them; `below(n)` gives a number from 0 to n - 1. */
export function anyRecipe(below: (limit: number) => number): Uint8Array {
  const list = below(RARE_OF) === 0 ? rareRecipes : recipes;
  return list[below(list.length)]!;
}
