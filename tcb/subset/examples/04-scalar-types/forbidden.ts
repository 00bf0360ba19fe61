const states: StaticArray<u32> = [0, 1, 2];

export function stateOf(domain: u32): u32 {
  return states[domain];
}
