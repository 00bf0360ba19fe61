// tcb/core/machine.ts
@external("machine", "halt") export declare function halt(code: u32): void;
