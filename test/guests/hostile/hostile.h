/* Abuses of the guest's own powers. Each is a row in main.c; `act` returns a word on how it was
   survived, or never returns. */
#pragma once
#include "../runtime/xen.h"

typedef const char *abuse(void);

/* crash.c: ends the guest, and it alone */
abuse tripleFault, readOutside, writeOutside, executeOutside, tablesOutside, haltForEver;
/* state.c: register states that VMRUN refuses; a CPU that is strict refuses them earlier */
abuse cr0NotWrite, cr0Unprotected, cr3Reserved, cr4Reserved, cr4WithoutPae, dr6High, dr7High,
    eferFlip;
/* probe.c: refusals, by the manual or by Xen's interface */
abuse userHypercall, hypercallPages, virtualization, sweepPorts, sweepMsrs;
/* flood.c: too much of what is allowed */
abuse ipiStorm, hypercallFlood, badPointers, cpuidFlood, outsToConsole, outsLong, outsOutside,
    insLong, cacheFlood, faultLoop;

/* An address that is in the identity map of every test guest, and behind none's memory. */
#define OUTSIDE 0xd0000000ul
