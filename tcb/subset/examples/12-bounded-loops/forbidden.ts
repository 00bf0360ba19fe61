import { domainState } from "./columns";

export function living(wanted: u32): u32 {
  let found: u32 = 0;
  for (let domain: u32 = 0; domain < wanted; domain++) {
    if (domainState(domain) != 0) found++;
  }
  let domain: u32 = 0;
  while (domainState(domain) != 0) domain++;
  return found + domain;
}
