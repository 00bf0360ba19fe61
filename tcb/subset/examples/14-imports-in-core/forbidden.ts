import { DOMAINS } from "../../spec/limits";

export function exists(domain: u32): bool {
  return domain < DOMAINS;
}
