import { domainState } from "./columns";

export function stateOf(domain: u32): u32 {
  return domainState(domain);
}
