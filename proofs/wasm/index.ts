/** From the bytes of a module to what its functions do. */
export { forgetBytes } from "./bulk.ts";
export * from "./column.ts";
export * from "./concrete.ts";
export { decodeModule } from "./decode.ts";
export { bitsOf } from "./execute.ts";
export * from "./executor.ts";
export { HostError, type HostFunction } from "./host.ts";
export { MemoryMap } from "./memory.ts";
export * from "./module.ts";
export * from "./record.ts";
export { mergeStates, type Output, SEQUENCE_WIDTH, State } from "./state.ts";
