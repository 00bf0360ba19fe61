// Written by scripts/access.ts from hooks.ts. Do not edit.
import { decide } from "./xsm";
/** caller -> xen, xenolith { version } */
export function mayVersion(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x1);
}
/** caller -> xen, version { xen_extraversion } */
export function mayVersionExtra(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x1);
}
/** caller -> xen, version { xen_compile_info } */
export function mayVersionCompileInfo(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x2);
}
/** caller -> xen, version { xen_capabilities } */
export function mayVersionCapabilities(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x4);
}
/** caller -> xen, version { xen_changeset } */
export function mayVersionChangeset(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x8);
}
/** caller -> xen, version { xen_pagesize } */
export function mayVersionPageSize(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x10);
}
/** caller -> xen, version { xen_guest_handle } */
export function mayVersionHandle(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x20);
}
/** caller -> xen, version { xen_commandline } */
export function mayVersionCommandLine(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x40);
}
/** caller -> xen, version { xen_build_id } */
export function mayVersionBuildId(source: u32, target: u32): bool {
  return decide(source, target, 11, 0x80);
}
/** caller -> self, xenolith { schedule } */
export function maySchedule(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x2);
}
/** caller -> self, xenolith { timer } */
export function mayTimer(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x4);
}
/** caller -> self, xenolith { area } */
export function mayArea(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x8);
}
/** caller -> self, xenolith { port } */
export function mayPort(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x10);
}
/** caller -> self, xenolith { memory } */
export function mayMemory(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x20);
}
/** caller -> self, xenolith { physdev } */
export function mayPhysdev(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x40);
}
/** caller -> self, xenolith { shutdown } */
export function mayShutdownSelf(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x80);
}
/** caller -> domain, domain { shutdown } */
export function mayShutdownRemote(source: u32, target: u32): bool {
  return decide(source, target, 2, 0x100000);
}
/** caller -> self, mmu { physmap } */
export function mayMapPage(source: u32, target: u32): bool {
  return decide(source, target, 5, 0x40);
}
/** caller -> self, mmu { adjust } */
export function mayAdjustMemory(source: u32, target: u32): bool {
  return decide(source, target, 5, 0x8);
}
/** caller -> self, hvm { getparam } */
export function mayGetParameter(source: u32, target: u32): bool {
  return decide(source, target, 4, 0x8);
}
/** caller -> self, hvm { setparam } */
export function maySetParameter(source: u32, target: u32): bool {
  return decide(source, target, 4, 0x4);
}
/** caller -> self, hvm { hvmctl } */
export function mayHvmControl(source: u32, target: u32): bool {
  return decide(source, target, 4, 0x20);
}
/** caller -> xen, xen { writeconsole } */
export function mayConsoleWrite(source: u32, target: u32): bool {
  return decide(source, target, 0, 0x800);
}
/** caller -> xen, xen { readconsole } */
export function mayConsoleRead(source: u32, target: u32): bool {
  return decide(source, target, 0, 0x4);
}
/** caller -> channel, event { create } */
export function mayEventCreate(source: u32, target: u32): bool {
  return decide(source, target, 8, 0x8);
}
/** channel -> domain, event { bind } */
export function mayEventBind(source: u32, target: u32): bool {
  return decide(source, target, 8, 0x1);
}
/** caller -> channel, event { send } */
export function mayEventSend(source: u32, target: u32): bool {
  return decide(source, target, 8, 0x2);
}
/** caller -> channel, event { status } */
export function mayEventStatus(source: u32, target: u32): bool {
  return decide(source, target, 8, 0x4);
}
/** caller -> self, event { reset } */
export function mayEventReset(source: u32, target: u32): bool {
  return decide(source, target, 8, 0x10);
}
/** caller -> domain, grant { map_read } */
export function mayGrantMapRead(source: u32, target: u32): bool {
  return decide(source, target, 9, 0x1);
}
/** caller -> domain, grant { map_read map_write } */
export function mayGrantMapWrite(source: u32, target: u32): bool {
  return decide(source, target, 9, 0x3);
}
/** caller -> domain, grant { unmap } */
export function mayGrantUnmap(source: u32, target: u32): bool {
  return decide(source, target, 9, 0x4);
}
/** caller -> self, grant { setup } */
export function mayGrantSetup(source: u32, target: u32): bool {
  return decide(source, target, 9, 0x10);
}
/** caller -> self, grant { query } */
export function mayGrantQuery(source: u32, target: u32): bool {
  return decide(source, target, 9, 0x40);
}
/** domain -> domain, grant { copy } */
export function mayGrantCopy(source: u32, target: u32): bool {
  return decide(source, target, 9, 0x20);
}
/** caller -> label, xenolith { create_domain } */
export function mayCreateDomain(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x100);
}
/** caller -> domain, xenolith { populate } */
export function mayPopulate(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x200);
}
/** caller -> domain, xenolith { reserve } */
export function mayReserve(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x400);
}
/** caller -> domain, xenolith { copy_in } */
export function mayCopyIn(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x800);
}
/** caller -> domain, xenolith { set_parameter } */
export function maySetDomainParameter(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x1000);
}
/** caller -> domain, xenolith { set_console } */
export function maySetConsole(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x2000);
}
/** caller -> domain, xenolith { set_context } */
export function maySetContext(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x4000);
}
/** caller -> domain, xenolith { unpause } */
export function mayUnpause(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x8000);
}
/** caller -> domain, xenolith { pause } */
export function mayPause(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x10000);
}
/** caller -> domain, xenolith { destroy } */
export function mayDestroy(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x20000);
}
/** caller -> domain, xenolith { set_channel } */
export function maySetChannel(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x1000000);
}
/** caller -> domain, xenolith { set_grant } */
export function maySetGrant(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x2000000);
}
/** caller -> domain, xenolith { assign_device } */
export function mayAssignDevice(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x800000);
}
/** caller -> domain, xenolith { get_info } */
export function mayGetInfo(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x40000);
}
/** caller -> xen, xenolith { set_schedule } */
export function maySetSchedule(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x80000);
}
/** caller -> xen, xenolith { load_policy } */
export function mayLoadPolicy(source: u32, target: u32): bool {
  return decide(source, target, 13, 0x100000);
}
