/** All advisory regressions. */

import type { Advisory } from "./advisory.ts";
import { callers } from "./callers.ts";
import { events } from "./events.ts";
import { grants } from "./grants.ts";
import { memory } from "./memory.ts";

export const advisories: readonly Advisory[] = [...grants, ...events, ...memory, ...callers];
