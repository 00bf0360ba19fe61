// All acceptance checks, in the order in which they are listed.

import type { Check } from "./check.ts";
import { fresh } from "./metal/appliance.ts";
import { costs } from "./metal/costs.ts";
import { reproducible } from "./metal/reproducible.ts";
import { size } from "./metal/size.ts";
import { stranger } from "./metal/stranger.ts";

export const checks: readonly Check[] = [fresh, costs, size, stranger, reproducible];
