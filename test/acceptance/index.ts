// All acceptance checks, in the order in which they are listed.

import { gaps } from "./audit/gaps.ts";
import { links } from "./audit/links.ts";
import { same } from "./audit/same.ts";
import { site } from "./audit/site.ts";
import { walk as auditWalk } from "./audit/walk.ts";
import type { Check } from "./check.ts";
import { fuzzAdvisories } from "./fuzz/advisories.ts";
import { fuzzBugs } from "./fuzz/bugs.ts";
import { fuzzCluster } from "./fuzz/cluster.ts";
import { fuzzCoverage } from "./fuzz/coverage.ts";
import { fuzzMetal } from "./fuzz/metal.ts";
import { fuzzMutants } from "./fuzz/mutants.ts";
import { fuzzPromote } from "./fuzz/promote.ts";
import { fuzzSpeed } from "./fuzz/speed.ts";
import { fresh } from "./metal/appliance.ts";
import { boot } from "./metal/boot.ts";
import { costs } from "./metal/costs.ts";
import { fair } from "./metal/fair.ts";
import { log } from "./metal/log.ts";
import { reproducible } from "./metal/reproducible.ts";
import { size } from "./metal/size.ts";
import { stranger } from "./metal/stranger.ts";
import { badInput } from "./policy/badinput.ts";
import { defects } from "./policy/defects.ts";
import { differential } from "./policy/differential.ts";
import { enforced } from "./policy/enforced.ts";
import { reload } from "./policy/reload.ts";
import { speed } from "./policy/speed.ts";
import { xen } from "./policy/xen.ts";
import { mutants } from "./proofs/mutants.ts";
import { opcodes } from "./proofs/opcodes.ts";
import { robust } from "./proofs/robust.ts";
import { walk } from "./proofs/walk.ts";
import { all, scope, second, time } from "./proofs/whole.ts";
import { appliance } from "./services/appliance.ts";
import { clients } from "./services/clients.ts";
import { metalPrivilege } from "./services/privilege.ts";
import { restart } from "./services/restart.ts";
import { soak } from "./services/soak.ts";
import { servicesSpeed } from "./services/speed.ts";
import { suite } from "./suite.ts";

const hostile = suite(
  "metal.hostile",
  "each abuse by a hostile guest ends as stated while a neighbour keeps counting time",
  ["test/guests/hostile.test.ts"],
);
const tlb = suite(
  "metal.tlb",
  "a TLB that keeps every stale translation catches planted missing flushes",
  ["test/tcb/machine/sim"],
);

const bounds = suite(
  "audit.bounds",
  "no measured step of the core executes more instructions than its bound",
  ["test/proofs/bounds"],
);

const domains = "test/disaggregation/domains";
const hostileFronts = suite(
  "services.hostile",
  "a hostile client loses its own device or ring alone, within bounded work, whatever it writes",
  [
    ...["block", "network", "xenstore", "console"].map(
      (name) => `${domains}/${name}/hostile.test.ts`,
    ),
    ...["block", "network"].map((name) => `${domains}/${name}/property.test.ts`),
  ],
);
const stockFronts = suite(
  "services.stock",
  "stock Debian guests use disks and the switch on the metal, under the policy that we ship",
  [`${domains}/metal/services.test.ts`],
);
const store = suite(
  "services.store",
  "the store answers as its model, and each advisory of Xen's xenstored is played against it",
  [`${domains}/xenstore`],
);
const storeTools = suite(
  "services.tools",
  "Debian's xenstore-utils work in a guest on the metal, its console carried by our service",
  [`${domains}/metal/store-tools.test.ts`],
);
const privilege = suite(
  "services.privilege",
  "xenstore, console, block and network work with the rules of their domain.te, and without none",
  [`${domains}/privilege`],
);

export const checks: readonly Check[] = [
  fresh,
  costs,
  boot,
  size,
  fair,
  hostile,
  stranger,
  log,
  reproducible,
  tlb,
  xen,
  differential,
  speed,
  defects,
  enforced,
  reload,
  badInput,
  fuzzSpeed,
  fuzzMutants,
  fuzzBugs,
  fuzzCoverage,
  fuzzPromote,
  fuzzAdvisories,
  fuzzCluster,
  fuzzMetal,
  all,
  time,
  robust,
  mutants,
  opcodes,
  second,
  walk,
  scope,
  gaps,
  links,
  same,
  site,
  auditWalk,
  bounds,
  appliance,
  clients,
  restart,
  servicesSpeed,
  soak,
  metalPrivilege,
  hostileFronts,
  stockFronts,
  store,
  storeTools,
  privilege,
];
