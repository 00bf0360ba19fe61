import { DOMAINS } from "./limits";

export function exists(domain: u32): bool {
  return domain < DOMAINS;
}
