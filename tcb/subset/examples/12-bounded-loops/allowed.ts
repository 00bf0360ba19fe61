import { DOMAINS } from "./limits";
import { domainState } from "./columns";

export function living(wanted: u32): u32 {
  let found: u32 = 0;
  for (let domain: u32 = 0; domain < min<u32>(wanted, DOMAINS); domain++) {
    if (domainState(domain) != 0) found++;
  }
  let domain: u32 = 0;
  while (domain < DOMAINS && domainState(domain) != 0) domain++;
  return found + domain;
}
