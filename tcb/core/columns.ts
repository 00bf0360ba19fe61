// Written by scripts/columns.ts from layout.ts. Do not edit.
export const LINEAR_BYTES: u32 = 0x3400000;
export const vmcbInterceptCrBase: u32 = 0x57000;
export const gprValueBase: u32 = 0x157040;
export const stateWordBase: u32 = 0x160000;
export const iopmWordBase: u32 = 0x1a1000;
export const msrpmWordBase: u32 = 0x2a2000;
export const nestedRootEntryBase: u32 = 0xf39000;
export const nestedPointerEntryBase: u32 = 0xf7a000;
export const directoryEntryBase: u32 = 0xfbb000;
export const leafEntryBase: u32 = 0x13bc000;
export const scratchByteBase: u32 = 0x3219000;
export const domainLineByteBase: u32 = 0x229c0;
export const policyCellAllowedBase: u32 = 0x2e0a900;
export const policyNameByteBase: u32 = 0x3215140;
export const policySelfLabelBase: u32 = 0x310aa40;
export const policyChannelLabelBase: u32 = 0x310ab00;
export const stagedByteBase: u32 = 0x310f000;
export const superFreeWordBase: u32 = 0x2b81c0;
export const domainNameByteBase: u32 = 0x18100;
export const domainParameterValueBase: u32 = 0x18940;
export const domainExitCountBase: u32 = 0x20980;
export const grantFrameFrameBase: u32 = 0x2586480;
export const apicRegisterBase: u32 = 0x420c0;
export const vcpuTimeSpentBase: u32 = 0x3c040;
export const vcpuVirqPortBase: u32 = 0x3e080;
export const frameKindBase: u32 = 0x338200;
export const frameReferencesBase: u32 = 0x738240;
export function bootPackAddress(): u64 { return load<u64>(0x10000); }
export function setBootPackAddress(value: u64): void { store<u64>(0x10000, value); }
export function bootPackBytes(): u64 { return load<u64>(0x10080); }
export function setBootPackBytes(value: u64): void { store<u64>(0x10080, value); }
export function bootTscKilohertz(): u64 { return load<u64>(0x10100); }
export function setBootTscKilohertz(value: u64): void { store<u64>(0x10100, value); }
export function bootWallSeconds(): u64 { return load<u64>(0x10180); }
export function setBootWallSeconds(value: u64): void { store<u64>(0x10180, value); }
export function bootRanges(): u32 { return load<u32>(0x10200) as u32; }
export function setBootRanges(value: u32): void { store<u32>(0x10200, value as u32); }
export function bootCommand(): u32 { return load<u32>(0x10280) as u32; }
export function setBootCommand(value: u32): void { store<u32>(0x10280, value as u32); }
export function bootCommands(): u32 { return load<u32>(0x10300) as u32; }
export function setBootCommands(value: u32): void { store<u32>(0x10300, value as u32); }
export function bootRange(): u32 { return load<u32>(0x10380) as u32; }
export function setBootRange(value: u32): void { store<u32>(0x10380, value as u32); }
export function bootSuperframe(): u32 { return load<u32>(0x10400) as u32; }
export function setBootSuperframe(value: u32): void { store<u32>(0x10400, value as u32); }
export function bootFinished(): u32 { return load<u8>(0x10480) as u32; }
export function setBootFinished(value: u32): void { store<u8>(0x10480, value as u8); }
export function rangeAddress(row: u32): u64 { return load<u64>((row & 0x1f) << 3, 0x10500); }
export function setRangeAddress(row: u32, value: u64): void { store<u64>((row & 0x1f) << 3, value, 0x10500); }
export function rangeBytes(row: u32): u64 { return load<u64>((row & 0x1f) << 3, 0x10640); }
export function setRangeBytes(row: u32, value: u64): void { store<u64>((row & 0x1f) << 3, value, 0x10640); }
export function cpuStateOwner(row: u32): u32 { return load<u32>((row & 0x7) << 2, 0x10780) as u32; }
export function setCpuStateOwner(row: u32, value: u32): void { store<u32>((row & 0x7) << 2, value as u32, 0x10780); }
export function cpuCurrent(row: u32): u32 { return load<u32>((row & 0x7) << 2, 0x10800) as u32; }
export function setCpuCurrent(row: u32, value: u32): void { store<u32>((row & 0x7) << 2, value as u32, 0x10800); }
export function cpuEnteredAt(row: u32): u64 { return load<u64>((row & 0x7) << 3, 0x10880); }
export function setCpuEnteredAt(row: u32, value: u64): void { store<u64>((row & 0x7) << 3, value, 0x10880); }
export function cpuSliceEnd(row: u32): u64 { return load<u64>((row & 0x7) << 3, 0x10900); }
export function setCpuSliceEnd(row: u32, value: u64): void { store<u64>((row & 0x7) << 3, value, 0x10900); }
export function cpuFlush(row: u32): u32 { return load<u8>((row & 0x7), 0x10980) as u32; }
export function setCpuFlush(row: u32, value: u32): void { store<u8>((row & 0x7), value as u8, 0x10980); }
export function cpuReschedule(row: u32): u32 { return load<u8>((row & 0x7), 0x10a00) as u32; }
export function setCpuReschedule(row: u32, value: u32): void { store<u8>((row & 0x7), value as u8, 0x10a00); }
export function clockMultiplier(): u32 { return load<u32>(0x10a80) as u32; }
export function setClockMultiplier(value: u32): void { store<u32>(0x10a80, value as u32); }
export function clockShift(): u32 { return load<u8>(0x10b00) as u32; }
export function setClockShift(value: u32): void { store<u8>(0x10b00, value as u8); }
export function clockTicksPerNanosecond(): u64 { return load<u64>(0x10b80); }
export function setClockTicksPerNanosecond(value: u64): void { store<u64>(0x10b80, value); }
export function clockBootTicks(): u64 { return load<u64>(0x10c00); }
export function setClockBootTicks(value: u64): void { store<u64>(0x10c00, value); }
export function clockArmed(): u64 { return load<u64>(0x10c80); }
export function setClockArmed(value: u64): void { store<u64>(0x10c80, value); }
export function domainState(row: u32): u32 { return load<u8>((row & 0x3f), 0x10d00) as u32; }
export function setDomainState(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x10d00); }
export function domainReason(row: u32): u32 { return load<u8>((row & 0x3f), 0x10d80) as u32; }
export function setDomainReason(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x10d80); }
export function domainLabel(row: u32): u32 { return load<u8>((row & 0x3f), 0x10e00) as u32; }
export function setDomainLabel(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x10e00); }
export function domainSelfLabel(row: u32): u32 { return load<u8>((row & 0x3f), 0x10e80) as u32; }
export function setDomainSelfLabel(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x10e80); }
export function domainVcpus(row: u32): u32 { return load<u8>((row & 0x3f), 0x10f00) as u32; }
export function setDomainVcpus(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x10f00); }
export function domainOnline(row: u32): u32 { return load<u8>((row & 0x3f), 0x10f80) as u32; }
export function setDomainOnline(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x10f80); }
export function domainWeight(row: u32): u32 { return load<u16>((row & 0x3f) << 1, 0x11000) as u32; }
export function setDomainWeight(row: u32, value: u32): void { store<u16>((row & 0x3f) << 1, value as u16, 0x11000); }
export function domainXsave(row: u32): u32 { return load<u8>((row & 0x3f), 0x110c0) as u32; }
export function setDomainXsave(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x110c0); }
export function domainBackground(row: u32): u32 { return load<u8>((row & 0x3f), 0x11140) as u32; }
export function setDomainBackground(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x11140); }
export function domainFrames(row: u32): u32 { return load<u32>((row & 0x3f) << 2, 0x111c0) as u32; }
export function setDomainFrames(row: u32, value: u32): void { store<u32>((row & 0x3f) << 2, value as u32, 0x111c0); }
export function domainFramesLimit(row: u32): u32 { return load<u32>((row & 0x3f) << 2, 0x11300) as u32; }
export function setDomainFramesLimit(row: u32, value: u32): void { store<u32>((row & 0x3f) << 2, value as u32, 0x11300); }
export function domainSharedInfo(row: u32): u32 { return load<u32>((row & 0x3f) << 2, 0x11440) as u32; }
export function setDomainSharedInfo(row: u32, value: u32): void { store<u32>((row & 0x3f) << 2, value as u32, 0x11440); }
export function domainCallbackVector(row: u32): u32 { return load<u8>((row & 0x3f), 0x11580) as u32; }
export function setDomainCallbackVector(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x11580); }
export function domainConsolePort(row: u32): u32 { return load<u16>((row & 0x3f) << 1, 0x11600) as u32; }
export function setDomainConsolePort(row: u32, value: u32): void { store<u16>((row & 0x3f) << 1, value as u16, 0x11600); }
export function domainConsoleFrame(row: u32): u32 { return load<u32>((row & 0x3f) << 2, 0x116c0) as u32; }
export function setDomainConsoleFrame(row: u32, value: u32): void { store<u32>((row & 0x3f) << 2, value as u32, 0x116c0); }
export function domainGrantFrames(row: u32): u32 { return load<u8>((row & 0x3f), 0x11800) as u32; }
export function setDomainGrantFrames(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x11800); }
export function domainTables(row: u32): u64 { return load<u64>((row & 0x3f) << 3, 0x11880); }
export function setDomainTables(row: u32, value: u64): void { store<u64>((row & 0x3f) << 3, value, 0x11880); }
export function domainResetWord(row: u32): u32 { return load<u8>((row & 0x3f), 0x11ac0) as u32; }
export function setDomainResetWord(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x11ac0); }
export function domainTeardownStage(row: u32): u32 { return load<u8>((row & 0x3f), 0x11b40) as u32; }
export function setDomainTeardownStage(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x11b40); }
export function domainTeardownRow(row: u32): u32 { return load<u32>((row & 0x3f) << 2, 0x11bc0) as u32; }
export function setDomainTeardownRow(row: u32, value: u32): void { store<u32>((row & 0x3f) << 2, value as u32, 0x11bc0); }
export function domainDenials(row: u32): u64 { return load<u64>((row & 0x3f) << 3, 0x11d00); }
export function setDomainDenials(row: u32, value: u64): void { store<u64>((row & 0x3f) << 3, value, 0x11d00); }
export function domainLineLength(row: u32): u32 { return load<u16>((row & 0x3f) << 1, 0x11f40) as u32; }
export function setDomainLineLength(row: u32, value: u32): void { store<u16>((row & 0x3f) << 1, value as u16, 0x11f40); }
export function regionAddress(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x12000); }
export function setRegionAddress(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x12000); }
export function regionBytes(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x14040); }
export function setRegionBytes(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x14040); }
export function regionType(row: u32): u32 { return load<u32>((row & 0x3ff) << 2, 0x16080) as u32; }
export function setRegionType(row: u32, value: u32): void { store<u32>((row & 0x3ff) << 2, value as u32, 0x16080); }
export function domainVcpuRow(row: u32): u32 { return load<u16>((row & 0x7ff) << 1, 0x170c0) as u32; }
export function setDomainVcpuRow(row: u32, value: u32): void { store<u16>((row & 0x7ff) << 1, value as u16, 0x170c0); }
export function domainNameByte(row: u32): u32 { return load<u8>((row & 0x7ff), 0x18100) as u32; }
export function setDomainNameByte(row: u32, value: u32): void { store<u8>((row & 0x7ff), value as u8, 0x18100); }
export function domainParameterValue(row: u32): u64 { return load<u64>((row & 0xfff) << 3, 0x18940); }
export function setDomainParameterValue(row: u32, value: u64): void { store<u64>((row & 0xfff) << 3, value, 0x18940); }
export function domainExitCount(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x20980); }
export function setDomainExitCount(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x20980); }
export function domainLineByte(row: u32): u32 { return load<u8>((row & 0x3fff), 0x229c0) as u32; }
export function setDomainLineByte(row: u32, value: u32): void { store<u8>((row & 0x3fff), value as u8, 0x229c0); }
export function domainFreeWord(row: u32): u64 { return load<u64>((row & 0x1fff) << 3, 0x26a00); }
export function setDomainFreeWord(row: u32, value: u64): void { store<u64>((row & 0x1fff) << 3, value, 0x26a00); }
export function domainFreeSummaryWord(row: u32): u64 { return load<u64>((row & 0x7f) << 3, 0x36a40); }
export function setDomainFreeSummaryWord(row: u32, value: u64): void { store<u64>((row & 0x7f) << 3, value, 0x36a40); }
export function domainFreeTopWord(row: u32): u64 { return load<u64>((row & 0x3f) << 3, 0x36e80); }
export function setDomainFreeTopWord(row: u32, value: u64): void { store<u64>((row & 0x3f) << 3, value, 0x36e80); }
export function vcpuDomain(row: u32): u32 { return load<u8>((row & 0xff), 0x370c0) as u32; }
export function setVcpuDomain(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x370c0); }
export function vcpuId(row: u32): u32 { return load<u8>((row & 0xff), 0x37200) as u32; }
export function setVcpuId(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x37200); }
export function vcpuState(row: u32): u32 { return load<u8>((row & 0xff), 0x37340) as u32; }
export function setVcpuState(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x37340); }
export function vcpuInfo(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x37480); }
export function setVcpuInfo(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x37480); }
export function vcpuInfoRegistered(row: u32): u32 { return load<u8>((row & 0xff), 0x37cc0) as u32; }
export function setVcpuInfoRegistered(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x37cc0); }
export function vcpuRunstateArea(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x37e00); }
export function setVcpuRunstateArea(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x37e00); }
export function vcpuTimeArea(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x38640); }
export function setVcpuTimeArea(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x38640); }
export function vcpuRunstate(row: u32): u32 { return load<u8>((row & 0xff), 0x38e80) as u32; }
export function setVcpuRunstate(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x38e80); }
export function vcpuRunstateSince(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x38fc0); }
export function setVcpuRunstateSince(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x38fc0); }
export function vcpuDeadline(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x39800); }
export function setVcpuDeadline(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x39800); }
export function vcpuPeriod(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x3a040); }
export function setVcpuPeriod(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x3a040); }
export function vcpuPeriodicNext(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x3a880); }
export function setVcpuPeriodicNext(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x3a880); }
export function vcpuPollPort(row: u32): u32 { return load<u16>((row & 0xff) << 1, 0x3b0c0) as u32; }
export function setVcpuPollPort(row: u32, value: u32): void { store<u16>((row & 0xff) << 1, value as u16, 0x3b0c0); }
export function vcpuPolling(row: u32): u32 { return load<u8>((row & 0xff), 0x3b300) as u32; }
export function setVcpuPolling(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x3b300); }
export function vcpuPollDeadline(row: u32): u64 { return load<u64>((row & 0xff) << 3, 0x3b440); }
export function setVcpuPollDeadline(row: u32, value: u64): void { store<u64>((row & 0xff) << 3, value, 0x3b440); }
export function vcpuNmi(row: u32): u32 { return load<u8>((row & 0xff), 0x3bc80) as u32; }
export function setVcpuNmi(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x3bc80); }
export function vcpuAttention(row: u32): u32 { return load<u8>((row & 0xff), 0x3bdc0) as u32; }
export function setVcpuAttention(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x3bdc0); }
export function vcpuAwaitsStartup(row: u32): u32 { return load<u8>((row & 0xff), 0x3bf00) as u32; }
export function setVcpuAwaitsStartup(row: u32, value: u32): void { store<u8>((row & 0xff), value as u8, 0x3bf00); }
export function vcpuTimeSpent(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x3c040); }
export function setVcpuTimeSpent(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x3c040); }
export function vcpuVirqPort(row: u32): u32 { return load<u16>((row & 0x1fff) << 1, 0x3e080) as u32; }
export function setVcpuVirqPort(row: u32, value: u32): void { store<u16>((row & 0x1fff) << 1, value as u16, 0x3e080); }
export function apicRegister(row: u32): u32 { return load<u32>((row & 0x3fff) << 2, 0x420c0) as u32; }
export function setApicRegister(row: u32, value: u32): void { store<u32>((row & 0x3fff) << 2, value as u32, 0x420c0); }
export function apicRequestWord(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x52100); }
export function setApicRequestWord(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x52100); }
export function apicServiceWord(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x54140); }
export function setApicServiceWord(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x54140); }
export function runnableWord(row: u32): u64 { return load<u64>((row & 0x3) << 3, 0x56180); }
export function setRunnableWord(row: u32, value: u64): void { store<u64>((row & 0x3) << 3, value, 0x56180); }
export function timerGroupDeadline(row: u32): u64 { return load<u64>((row & 0xf) << 3, 0x56200); }
export function setTimerGroupDeadline(row: u32, value: u64): void { store<u64>((row & 0xf) << 3, value, 0x56200); }
export function timersDeadline(): u64 { return load<u64>(0x562c0); }
export function setTimersDeadline(value: u64): void { store<u64>(0x562c0, value); }
export function timersGroup(): u32 { return load<u8>(0x56340) as u32; }
export function setTimersGroup(value: u32): void { store<u8>(0x56340, value as u8); }
export function slotDomain(row: u32): u32 { return load<u8>((row & 0x3f), 0x563c0) as u32; }
export function setSlotDomain(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x563c0); }
export function slotNanoseconds(row: u32): u64 { return load<u64>((row & 0x3f) << 3, 0x56440); }
export function setSlotNanoseconds(row: u32, value: u64): void { store<u64>((row & 0x3f) << 3, value, 0x56440); }
export function scheduleKind(): u32 { return load<u8>(0x56680) as u32; }
export function setScheduleKind(value: u32): void { store<u8>(0x56680, value as u8); }
export function scheduleSlots(): u32 { return load<u8>(0x56700) as u32; }
export function setScheduleSlots(value: u32): void { store<u8>(0x56700, value as u8); }
export function scheduleSlot(): u32 { return load<u8>(0x56780) as u32; }
export function setScheduleSlot(value: u32): void { store<u8>(0x56780, value as u8); }
export function scheduleSlotEnd(): u64 { return load<u64>(0x56800); }
export function setScheduleSlotEnd(value: u64): void { store<u64>(0x56800, value); }
export function scheduleLast(): u32 { return load<u16>(0x56880) as u32; }
export function setScheduleLast(value: u32): void { store<u16>(0x56880, value as u16); }
export function scheduleSliceNanoseconds(): u64 { return load<u64>(0x56900); }
export function setScheduleSliceNanoseconds(value: u64): void { store<u64>(0x56900, value); }
export function vmcbInterceptCr(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57000) as u32; }
export function setVmcbInterceptCr(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57000); }
export function vmcbInterceptDr(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57004) as u32; }
export function setVmcbInterceptDr(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57004); }
export function vmcbInterceptException(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57008) as u32; }
export function setVmcbInterceptException(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57008); }
export function vmcbIntercept1(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x5700c) as u32; }
export function setVmcbIntercept1(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x5700c); }
export function vmcbIntercept2(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57010) as u32; }
export function setVmcbIntercept2(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57010); }
export function vmcbIopmAddress(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57040); }
export function setVmcbIopmAddress(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57040); }
export function vmcbMsrpmAddress(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57048); }
export function setVmcbMsrpmAddress(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57048); }
export function vmcbTscOffset(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57050); }
export function setVmcbTscOffset(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57050); }
export function vmcbAsid(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57058) as u32; }
export function setVmcbAsid(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57058); }
export function vmcbTlbControl(row: u32): u32 { return load<u8>((row & 0xff) << 12, 0x5705c) as u32; }
export function setVmcbTlbControl(row: u32, value: u32): void { store<u8>((row & 0xff) << 12, value as u8, 0x5705c); }
export function vmcbInterruptControl(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57060); }
export function setVmcbInterruptControl(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57060); }
export function vmcbInterruptState(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57068); }
export function setVmcbInterruptState(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57068); }
export function vmcbExitCode(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57070); }
export function setVmcbExitCode(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57070); }
export function vmcbExitInfo1(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57078); }
export function setVmcbExitInfo1(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57078); }
export function vmcbExitInfo2(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57080); }
export function setVmcbExitInfo2(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57080); }
export function vmcbExitInterrupt(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57088); }
export function setVmcbExitInterrupt(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57088); }
export function vmcbNestedControl(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57090); }
export function setVmcbNestedControl(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57090); }
export function vmcbEventInjection(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x570a8); }
export function setVmcbEventInjection(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x570a8); }
export function vmcbNestedCr3(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x570b0); }
export function setVmcbNestedCr3(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x570b0); }
export function vmcbEsSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57400) as u32; }
export function setVmcbEsSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57400); }
export function vmcbEsAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57402) as u32; }
export function setVmcbEsAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57402); }
export function vmcbEsLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57404) as u32; }
export function setVmcbEsLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57404); }
export function vmcbEsBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57408); }
export function setVmcbEsBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57408); }
export function vmcbCsSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57410) as u32; }
export function setVmcbCsSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57410); }
export function vmcbCsAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57412) as u32; }
export function setVmcbCsAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57412); }
export function vmcbCsLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57414) as u32; }
export function setVmcbCsLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57414); }
export function vmcbCsBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57418); }
export function setVmcbCsBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57418); }
export function vmcbSsSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57420) as u32; }
export function setVmcbSsSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57420); }
export function vmcbSsAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57422) as u32; }
export function setVmcbSsAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57422); }
export function vmcbSsLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57424) as u32; }
export function setVmcbSsLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57424); }
export function vmcbSsBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57428); }
export function setVmcbSsBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57428); }
export function vmcbDsSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57430) as u32; }
export function setVmcbDsSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57430); }
export function vmcbDsAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57432) as u32; }
export function setVmcbDsAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57432); }
export function vmcbDsLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57434) as u32; }
export function setVmcbDsLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57434); }
export function vmcbDsBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57438); }
export function setVmcbDsBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57438); }
export function vmcbFsSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57440) as u32; }
export function setVmcbFsSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57440); }
export function vmcbFsAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57442) as u32; }
export function setVmcbFsAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57442); }
export function vmcbFsLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57444) as u32; }
export function setVmcbFsLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57444); }
export function vmcbFsBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57448); }
export function setVmcbFsBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57448); }
export function vmcbGsSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57450) as u32; }
export function setVmcbGsSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57450); }
export function vmcbGsAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57452) as u32; }
export function setVmcbGsAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57452); }
export function vmcbGsLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57454) as u32; }
export function setVmcbGsLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57454); }
export function vmcbGsBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57458); }
export function setVmcbGsBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57458); }
export function vmcbGdtrSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57460) as u32; }
export function setVmcbGdtrSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57460); }
export function vmcbGdtrAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57462) as u32; }
export function setVmcbGdtrAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57462); }
export function vmcbGdtrLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57464) as u32; }
export function setVmcbGdtrLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57464); }
export function vmcbGdtrBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57468); }
export function setVmcbGdtrBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57468); }
export function vmcbLdtrSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57470) as u32; }
export function setVmcbLdtrSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57470); }
export function vmcbLdtrAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57472) as u32; }
export function setVmcbLdtrAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57472); }
export function vmcbLdtrLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57474) as u32; }
export function setVmcbLdtrLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57474); }
export function vmcbLdtrBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57478); }
export function setVmcbLdtrBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57478); }
export function vmcbIdtrSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57480) as u32; }
export function setVmcbIdtrSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57480); }
export function vmcbIdtrAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57482) as u32; }
export function setVmcbIdtrAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57482); }
export function vmcbIdtrLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57484) as u32; }
export function setVmcbIdtrLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57484); }
export function vmcbIdtrBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57488); }
export function setVmcbIdtrBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57488); }
export function vmcbTrSelector(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57490) as u32; }
export function setVmcbTrSelector(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57490); }
export function vmcbTrAttributes(row: u32): u32 { return load<u16>((row & 0xff) << 12, 0x57492) as u32; }
export function setVmcbTrAttributes(row: u32, value: u32): void { store<u16>((row & 0xff) << 12, value as u16, 0x57492); }
export function vmcbTrLimit(row: u32): u32 { return load<u32>((row & 0xff) << 12, 0x57494) as u32; }
export function setVmcbTrLimit(row: u32, value: u32): void { store<u32>((row & 0xff) << 12, value as u32, 0x57494); }
export function vmcbTrBase(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57498); }
export function setVmcbTrBase(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57498); }
export function vmcbCpl(row: u32): u32 { return load<u8>((row & 0xff) << 12, 0x574cb) as u32; }
export function setVmcbCpl(row: u32, value: u32): void { store<u8>((row & 0xff) << 12, value as u8, 0x574cb); }
export function vmcbEfer(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x574d0); }
export function setVmcbEfer(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x574d0); }
export function vmcbCr4(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57548); }
export function setVmcbCr4(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57548); }
export function vmcbCr3(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57550); }
export function setVmcbCr3(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57550); }
export function vmcbCr0(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57558); }
export function setVmcbCr0(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57558); }
export function vmcbDr7(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57560); }
export function setVmcbDr7(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57560); }
export function vmcbDr6(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57568); }
export function setVmcbDr6(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57568); }
export function vmcbRflags(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57570); }
export function setVmcbRflags(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57570); }
export function vmcbRip(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57578); }
export function setVmcbRip(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57578); }
export function vmcbRsp(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x575d8); }
export function setVmcbRsp(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x575d8); }
export function vmcbRax(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x575f8); }
export function setVmcbRax(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x575f8); }
export function vmcbCr2(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57640); }
export function setVmcbCr2(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57640); }
export function vmcbPat(row: u32): u64 { return load<u64>((row & 0xff) << 12, 0x57668); }
export function setVmcbPat(row: u32, value: u64): void { store<u64>((row & 0xff) << 12, value, 0x57668); }
export function gprValue(row: u32): u64 { return load<u64>((row & 0xfff) << 3, 0x157040); }
export function setGprValue(row: u32, value: u64): void { store<u64>((row & 0xfff) << 3, value, 0x157040); }
export function stateWord(row: u32): u64 { return load<u64>((row & 0x7fff) << 3, 0x160000); }
export function setStateWord(row: u32, value: u64): void { store<u64>((row & 0x7fff) << 3, value, 0x160000); }
export function iopmWord(row: u32): u64 { return load<u64>((row & 0x1ffff) << 3, 0x1a1000); }
export function setIopmWord(row: u32, value: u64): void { store<u64>((row & 0x1ffff) << 3, value, 0x1a1000); }
export function msrpmWord(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x2a2000); }
export function setMsrpmWord(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x2a2000); }
export function superOwner(row: u32): u32 { return load<u8>((row & 0x1fff), 0x2a4040) as u32; }
export function setSuperOwner(row: u32, value: u32): void { store<u8>((row & 0x1fff), value as u8, 0x2a4040); }
export function superWhole(row: u32): u32 { return load<u8>((row & 0x1fff), 0x2a6080) as u32; }
export function setSuperWhole(row: u32, value: u32): void { store<u8>((row & 0x1fff), value as u8, 0x2a6080); }
export function superReferences(row: u32): u32 { return load<u16>((row & 0x1fff) << 1, 0x2a80c0) as u32; }
export function setSuperReferences(row: u32, value: u32): void { store<u16>((row & 0x1fff) << 1, value as u16, 0x2a80c0); }
export function superUses(row: u32): u32 { return load<u32>((row & 0x1fff) << 2, 0x2ac100) as u32; }
export function setSuperUses(row: u32, value: u32): void { store<u32>((row & 0x1fff) << 2, value as u32, 0x2ac100); }
export function superFreeSummary(row: u32): u32 { return load<u8>((row & 0x1fff), 0x2b4140) as u32; }
export function setSuperFreeSummary(row: u32, value: u32): void { store<u8>((row & 0x1fff), value as u8, 0x2b4140); }
export function superScrubbed(row: u32): u32 { return load<u8>((row & 0x1fff), 0x2b6180) as u32; }
export function setSuperScrubbed(row: u32, value: u32): void { store<u8>((row & 0x1fff), value as u8, 0x2b6180); }
export function superFreeWord(row: u32): u64 { return load<u64>((row & 0xffff) << 3, 0x2b81c0); }
export function setSuperFreeWord(row: u32, value: u64): void { store<u64>((row & 0xffff) << 3, value, 0x2b81c0); }
export function frameKind(row: u32): u32 { return load<u8>((row & 0x3fffff), 0x338200) as u32; }
export function setFrameKind(row: u32, value: u32): void { store<u8>((row & 0x3fffff), value as u8, 0x338200); }
export function frameReferences(row: u32): u32 { return load<u16>((row & 0x3fffff) << 1, 0x738240) as u32; }
export function setFrameReferences(row: u32, value: u32): void { store<u16>((row & 0x3fffff) << 1, value as u16, 0x738240); }
export function poolWord(row: u32): u64 { return load<u64>((row & 0x7f) << 3, 0xf38280); }
export function setPoolWord(row: u32, value: u64): void { store<u64>((row & 0x7f) << 3, value, 0xf38280); }
export function poolSummaryWord(row: u32): u64 { return load<u64>((row & 0x1) << 3, 0xf386c0); }
export function setPoolSummaryWord(row: u32, value: u64): void { store<u64>((row & 0x1) << 3, value, 0xf386c0); }
export function poolTopWord(): u64 { return load<u64>(0xf38740); }
export function setPoolTopWord(value: u64): void { store<u64>(0xf38740, value); }
export function nestedRootEntry(row: u32): u64 { return load<u64>((row & 0x7fff) << 3, 0xf39000); }
export function setNestedRootEntry(row: u32, value: u64): void { store<u64>((row & 0x7fff) << 3, value, 0xf39000); }
export function nestedPointerEntry(row: u32): u64 { return load<u64>((row & 0x7fff) << 3, 0xf7a000); }
export function setNestedPointerEntry(row: u32, value: u64): void { store<u64>((row & 0x7fff) << 3, value, 0xf7a000); }
export function directoryEntry(row: u32): u64 { return load<u64>((row & 0x7ffff) << 3, 0xfbb000); }
export function setDirectoryEntry(row: u32, value: u64): void { store<u64>((row & 0x7ffff) << 3, value, 0xfbb000); }
export function leafEntry(row: u32): u64 { return load<u64>((row & 0x1fffff) << 3, 0x13bc000); }
export function setLeafEntry(row: u32, value: u64): void { store<u64>((row & 0x1fffff) << 3, value, 0x13bc000); }
export function tableOwnerDirectory(row: u32): u32 { return load<u16>((row & 0xfff) << 1, 0x23bc040) as u32; }
export function setTableOwnerDirectory(row: u32, value: u32): void { store<u16>((row & 0xfff) << 1, value as u16, 0x23bc040); }
export function portState(row: u32): u32 { return load<u8>((row & 0x3ffff), 0x23be080) as u32; }
export function setPortState(row: u32, value: u32): void { store<u8>((row & 0x3ffff), value as u8, 0x23be080); }
export function portPeerDomain(row: u32): u32 { return load<u8>((row & 0x3ffff), 0x23fe0c0) as u32; }
export function setPortPeerDomain(row: u32, value: u32): void { store<u8>((row & 0x3ffff), value as u8, 0x23fe0c0); }
export function portPeerPort(row: u32): u32 { return load<u16>((row & 0x3ffff) << 1, 0x243e100) as u32; }
export function setPortPeerPort(row: u32, value: u32): void { store<u16>((row & 0x3ffff) << 1, value as u16, 0x243e100); }
export function portVcpu(row: u32): u32 { return load<u8>((row & 0x3ffff), 0x24be140) as u32; }
export function setPortVcpu(row: u32, value: u32): void { store<u8>((row & 0x3ffff), value as u8, 0x24be140); }
export function portVirq(row: u32): u32 { return load<u8>((row & 0x3ffff), 0x24fe180) as u32; }
export function setPortVirq(row: u32, value: u32): void { store<u8>((row & 0x3ffff), value as u8, 0x24fe180); }
export function portLabel(row: u32): u32 { return load<u8>((row & 0x3ffff), 0x253e1c0) as u32; }
export function setPortLabel(row: u32, value: u32): void { store<u8>((row & 0x3ffff), value as u8, 0x253e1c0); }
export function portUsedWord(row: u32): u64 { return load<u64>((row & 0xfff) << 3, 0x257e200); }
export function setPortUsedWord(row: u32, value: u64): void { store<u64>((row & 0xfff) << 3, value, 0x257e200); }
export function portFullWord(row: u32): u64 { return load<u64>((row & 0x3f) << 3, 0x2586240); }
export function setPortFullWord(row: u32, value: u64): void { store<u64>((row & 0x3f) << 3, value, 0x2586240); }
export function grantFrameFrame(row: u32): u32 { return load<u32>((row & 0x7ff) << 2, 0x2586480) as u32; }
export function setGrantFrameFrame(row: u32, value: u32): void { store<u32>((row & 0x7ff) << 2, value as u32, 0x2586480); }
export function grantFrame(row: u32): u32 { return load<u32>((row & 0xfffff) << 2, 0x25884c0) as u32; }
export function setGrantFrame(row: u32, value: u32): void { store<u32>((row & 0xfffff) << 2, value as u32, 0x25884c0); }
export function grantReaders(row: u32): u32 { return load<u16>((row & 0xfffff) << 1, 0x2988500) as u32; }
export function setGrantReaders(row: u32, value: u32): void { store<u16>((row & 0xfffff) << 1, value as u16, 0x2988500); }
export function grantWriters(row: u32): u32 { return load<u16>((row & 0xfffff) << 1, 0x2b88540) as u32; }
export function setGrantWriters(row: u32, value: u32): void { store<u16>((row & 0xfffff) << 1, value as u16, 0x2b88540); }
export function handleDomain(row: u32): u32 { return load<u8>((row & 0xffff), 0x2d88580) as u32; }
export function setHandleDomain(row: u32, value: u32): void { store<u8>((row & 0xffff), value as u8, 0x2d88580); }
export function handleWritable(row: u32): u32 { return load<u8>((row & 0xffff), 0x2d985c0) as u32; }
export function setHandleWritable(row: u32, value: u32): void { store<u8>((row & 0xffff), value as u8, 0x2d985c0); }
export function handleReference(row: u32): u32 { return load<u16>((row & 0xffff) << 1, 0x2da8600) as u32; }
export function setHandleReference(row: u32, value: u32): void { store<u16>((row & 0xffff) << 1, value as u16, 0x2da8600); }
export function handleGfn(row: u32): u32 { return load<u32>((row & 0xffff) << 2, 0x2dc8640) as u32; }
export function setHandleGfn(row: u32, value: u32): void { store<u32>((row & 0xffff) << 2, value as u32, 0x2dc8640); }
export function handleUsedWord(row: u32): u64 { return load<u64>((row & 0x3ff) << 3, 0x2e08680); }
export function setHandleUsedWord(row: u32, value: u64): void { store<u64>((row & 0x3ff) << 3, value, 0x2e08680); }
export function handleFullWord(row: u32): u32 { return load<u16>((row & 0x3f) << 1, 0x2e0a6c0) as u32; }
export function setHandleFullWord(row: u32, value: u32): void { store<u16>((row & 0x3f) << 1, value as u16, 0x2e0a6c0); }
export function policyLoaded(): u32 { return load<u8>(0x2e0a780) as u32; }
export function setPolicyLoaded(value: u32): void { store<u8>(0x2e0a780, value as u8); }
export function policyLabels(): u32 { return load<u8>(0x2e0a800) as u32; }
export function setPolicyLabels(value: u32): void { store<u8>(0x2e0a800, value as u8); }
export function policySequence(): u32 { return load<u32>(0x2e0a880) as u32; }
export function setPolicySequence(value: u32): void { store<u32>(0x2e0a880, value as u32); }
export function policyCellAllowed(row: u32): u32 { return load<u32>((row & 0x3ffff) << 2, 0x2e0a900) as u32; }
export function setPolicyCellAllowed(row: u32, value: u32): void { store<u32>((row & 0x3ffff) << 2, value as u32, 0x2e0a900); }
export function policyCellDenied(row: u32): u32 { return load<u32>((row & 0x3ffff) << 2, 0x2f0a940) as u32; }
export function setPolicyCellDenied(row: u32, value: u32): void { store<u32>((row & 0x3ffff) << 2, value as u32, 0x2f0a940); }
export function policyCellSeen(row: u32): u32 { return load<u32>((row & 0x3ffff) << 2, 0x300a980) as u32; }
export function setPolicyCellSeen(row: u32, value: u32): void { store<u32>((row & 0x3ffff) << 2, value as u32, 0x300a980); }
export function policyInitialLabel(row: u32): u32 { return load<u32>((row & 0xf) << 2, 0x310a9c0) as u32; }
export function setPolicyInitialLabel(row: u32, value: u32): void { store<u32>((row & 0xf) << 2, value as u32, 0x310a9c0); }
export function policySelfLabel(row: u32): u32 { return load<u8>((row & 0x7f), 0x310aa40) as u32; }
export function setPolicySelfLabel(row: u32, value: u32): void { store<u8>((row & 0x7f), value as u8, 0x310aa40); }
export function policyChannelLabel(row: u32): u32 { return load<u8>((row & 0x3fff), 0x310ab00) as u32; }
export function setPolicyChannelLabel(row: u32, value: u32): void { store<u8>((row & 0x3fff), value as u8, 0x310ab00); }
export function stageSource(): u64 { return load<u64>(0x310eb40); }
export function setStageSource(value: u64): void { store<u64>(0x310eb40, value); }
export function stageBytes(): u32 { return load<u32>(0x310ebc0) as u32; }
export function setStageBytes(value: u32): void { store<u32>(0x310ebc0, value as u32); }
export function stageCopied(): u32 { return load<u32>(0x310ec40) as u32; }
export function setStageCopied(value: u32): void { store<u32>(0x310ec40, value as u32); }
export function stageChecked(): u32 { return load<u32>(0x310ecc0) as u32; }
export function setStageChecked(value: u32): void { store<u32>(0x310ecc0, value as u32); }
export function stagedByte(row: u32): u32 { return load<u8>(row, 0x310f000) as u32; }
export function setStagedByte(row: u32, value: u32): void { store<u8>(row, value as u8, 0x310f000); }
export function policyNameByte(row: u32): u32 { return load<u8>((row & 0x1fff), 0x3215140) as u32; }
export function setPolicyNameByte(row: u32, value: u32): void { store<u8>((row & 0x1fff), value as u8, 0x3215140); }
export function denialSource(row: u32): u32 { return load<u8>((row & 0x3f), 0x3217180) as u32; }
export function setDenialSource(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x3217180); }
export function denialTarget(row: u32): u32 { return load<u8>((row & 0x3f), 0x3217200) as u32; }
export function setDenialTarget(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x3217200); }
export function denialClass(row: u32): u32 { return load<u8>((row & 0x3f), 0x3217280) as u32; }
export function setDenialClass(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x3217280); }
export function denialPermission(row: u32): u32 { return load<u8>((row & 0x3f), 0x3217300) as u32; }
export function setDenialPermission(row: u32, value: u32): void { store<u8>((row & 0x3f), value as u8, 0x3217300); }
export function denialRingNext(): u32 { return load<u32>(0x3217380) as u32; }
export function setDenialRingNext(value: u32): void { store<u32>(0x3217380, value as u32); }
export function cpuidRowEax(row: u32): u32 { return load<u32>((row & 0x7f) << 2, 0x3217400) as u32; }
export function setCpuidRowEax(row: u32, value: u32): void { store<u32>((row & 0x7f) << 2, value as u32, 0x3217400); }
export function cpuidRowEbx(row: u32): u32 { return load<u32>((row & 0x7f) << 2, 0x3217640) as u32; }
export function setCpuidRowEbx(row: u32, value: u32): void { store<u32>((row & 0x7f) << 2, value as u32, 0x3217640); }
export function cpuidRowEcx(row: u32): u32 { return load<u32>((row & 0x7f) << 2, 0x3217880) as u32; }
export function setCpuidRowEcx(row: u32, value: u32): void { store<u32>((row & 0x7f) << 2, value as u32, 0x3217880); }
export function cpuidRowEdx(row: u32): u32 { return load<u32>((row & 0x7f) << 2, 0x3217ac0) as u32; }
export function setCpuidRowEdx(row: u32, value: u32): void { store<u32>((row & 0x7f) << 2, value as u32, 0x3217ac0); }
export function argumentFirst(): u64 { return load<u64>(0x3217d00); }
export function setArgumentFirst(value: u64): void { store<u64>(0x3217d00, value); }
export function argumentSecond(): u64 { return load<u64>(0x3217d80); }
export function setArgumentSecond(value: u64): void { store<u64>(0x3217d80, value); }
export function argumentBoundary(): u32 { return load<u32>(0x3217e00) as u32; }
export function setArgumentBoundary(value: u32): void { store<u32>(0x3217e00, value as u32); }
export function commandOperation(): u32 { return load<u32>(0x3217e80) as u32; }
export function setCommandOperation(value: u32): void { store<u32>(0x3217e80, value as u32); }
export function commandDomain(): u32 { return load<u32>(0x3217f00) as u32; }
export function setCommandDomain(value: u32): void { store<u32>(0x3217f00, value as u32); }
export function commandA(): u64 { return load<u64>(0x3217f80); }
export function setCommandA(value: u64): void { store<u64>(0x3217f80, value); }
export function commandB(): u64 { return load<u64>(0x3218000); }
export function setCommandB(value: u64): void { store<u64>(0x3218000, value); }
export function commandC(): u64 { return load<u64>(0x3218080); }
export function setCommandC(value: u64): void { store<u64>(0x3218080, value); }
export function commandD(): u64 { return load<u64>(0x3218100); }
export function setCommandD(value: u64): void { store<u64>(0x3218100, value); }
export function commandE(): u64 { return load<u64>(0x3218180); }
export function setCommandE(value: u64): void { store<u64>(0x3218180, value); }
export function commandF(): u64 { return load<u64>(0x3218200); }
export function setCommandF(value: u64): void { store<u64>(0x3218200, value); }
export function commandG(): u64 { return load<u64>(0x3218280); }
export function setCommandG(value: u64): void { store<u64>(0x3218280, value); }
export function callFirst(): u64 { return load<u64>(0x3218300); }
export function setCallFirst(value: u64): void { store<u64>(0x3218300, value); }
export function callSecond(): u64 { return load<u64>(0x3218380); }
export function setCallSecond(value: u64): void { store<u64>(0x3218380, value); }
export function callThird(): u64 { return load<u64>(0x3218400); }
export function setCallThird(value: u64): void { store<u64>(0x3218400, value); }
export function callShort(): u32 { return load<u32>(0x3218480) as u32; }
export function setCallShort(value: u32): void { store<u32>(0x3218480, value as u32); }
export function scratchByte(row: u32): u32 { return load<u8>((row & 0xfff), 0x3219000) as u32; }
export function setScratchByte(row: u32, value: u32): void { store<u8>((row & 0xfff), value as u8, 0x3219000); }
