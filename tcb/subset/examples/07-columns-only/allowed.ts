import * as column from "./columns";
import { LINE_BYTES } from "./limits";

export function clear(domain: u32, length: u32): void {
  column.setDomainLineLength(domain, 0);
  memory.fill(column.domainLineByteBase + (domain << 8), 0, min<u32>(length, LINE_BYTES));
}
