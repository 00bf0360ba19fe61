// The keeper: watches over the service domains and makes those again that end, and holds the memory
// that has to outlive them. Nobody can speak to it: it has no channel, maps nothing, and looks at
// nothing that others write but a counter of each service.

import { nextEvent } from "../../runtime/world";
import { configure } from "./configure";
import { watchOver } from "./watch";

export function start(): void {
  configure();
}

export function turn(): u64 {
  nextEvent();
  return watchOver();
}
