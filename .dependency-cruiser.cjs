// Which folder may import from which: the arrows of the architecture page. test/house checks them.

/** Data that both the core and TypeScript read. */
const CORE_DATA = "^tcb/core/(layout|limits|hooks)[.]ts$";
/** What npm and Node bring. */
const PACKAGES = ["npm", "npm-dev", "core"];

/** Modules of `from` import only from what matches one of `to`, and packages. */
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { pathNot: to, dependencyTypesNot: PACKAGES },
});

/** Modules of `from` import only from what matches one of `to`, and nothing of npm or Node. */
const alone = (name, from, to, comment) => ({
  ...only(name, from, to, comment),
  to: { pathNot: to },
});

module.exports = {
  forbidden: [
    alone("core-alone", "^tcb/core/", ["^tcb/core/"], "The core imports nothing but itself."),
    alone(
      "simulated-machine",
      "^tcb/machine/sim/",
      ["^tcb/machine/sim/", CORE_DATA],
      "The simulated machine knows the core's tables and nothing else.",
    ),
    only(
      "subset",
      "^tcb/subset/",
      ["^tcb/subset/", CORE_DATA],
      "The subset's checker judges the core; it needs no other wing.",
    ),
    alone(
      "specification",
      "^spec/",
      ["^spec/", "^tcb/core/(layout|limits)[.]ts$"],
      "The specification is read by itself: it sees the tables and no code.",
    ),
    only(
      "proofs",
      "^proofs/",
      ["^proofs/", "^jobs/", "^spec/", CORE_DATA],
      "A proof compares the artefact with the specification; it trusts no test and no checker.",
    ),
    only(
      "fuzz",
      "^fuzz/",
      ["^fuzz/", "^jobs/", "^spec/", "^tcb/machine/sim/", "^scripts/coverage/", CORE_DATA],
      "The fuzzer drives the artefact on the simulated machine and asks the specification.",
    ),
    only("jobs", "^jobs/", ["^jobs/"], "Work that is shared is plain data: no wing's in particular."),
    only(
      "audit",
      "^audit/",
      [
        ...["^audit/", "^spec/", "^proofs/", "^fuzz/", "^scripts/coverage/", "^xsm-policy/"],
        ...["^tcb/subset/", CORE_DATA],
      ],
      "The audit looks at what the other wings state and find; nothing looks at the audit.",
    ),
    only(
      "policy",
      "^xsm-policy/",
      ["^xsm-policy/", CORE_DATA],
      "The policy compiler knows the core's classes and limits.",
    ),
    only(
      "disaggregation",
      "^disaggregation/(?!runtime/node/)",
      ["^disaggregation/", "^xsm-policy/compiler/", "^tcb/machine/sim/", CORE_DATA],
      "Domains know the core's limits, the image builder the compiler, Node's world the machine.",
    ),
    only(
      "service-system",
      "^disaggregation/runtime/node/",
      ["^disaggregation/", "^tcb/machine/sim/", CORE_DATA],
      "A system in one process: services over the simulated machine.",
    ),
    {
      name: "programs-on-top",
      comment: "Nothing but programs and tests imports a program.",
      severity: "error",
      from: { pathNot: "^(bin|scripts|test)/|^[^/]+$" },
      to: { path: "^(bin|scripts|test)/", pathNot: "^scripts/coverage/" },
    },
    {
      name: "no-cycles-of-wings",
      comment: "Modules of a wing may need each other; a wing never needs itself through another.",
      severity: "error",
      from: { path: "^([^/]+)/" },
      to: { circular: true, via: { pathNot: "^$1/" } },
    },
    {
      name: "resolvable",
      comment: "An import that cannot be found is a mistake.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "declared",
      comment: "A package that is used stands in package.json.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(build|coverage)/|^tcb/subset/examples/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts", ".d.ts", ".js", ".mjs", ".cjs", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
