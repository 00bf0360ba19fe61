// Short sequences that make something of use together: what chance alone seldom comes to. The
// generator puts them in whole, and changes them like everything else.

import { encode } from "./program.ts";
import { parseProgram } from "./text.ts";

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
  // Memory that goes and comes back.
  `d1v0 memory_decrease(list=0x20, extents=2, domain=0x7ff0)
   d1v0 memory_populate(list=0x20, extents=2, domain=0x7ff0)`,
  // Something on the console's ring.
  `d1v0 poke(cell=8, value=2)
   d1v0 evtchn_send(port=1)`,
];

/** The bytes of each. */
export const recipes: readonly Uint8Array[] = texts.map((text) => encode(parseProgram(text)));
