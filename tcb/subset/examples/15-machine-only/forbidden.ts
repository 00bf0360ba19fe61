@external("machine", "halt") declare function halt(code: u32): void;

export function end(): void {
  halt(0);
}
