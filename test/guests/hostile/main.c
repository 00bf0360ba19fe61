/* One abuse, chosen by its name on the command line, or `survivable` for all that a guest survives,
   one after the other. Says before what must come of it, and after what came:

     survives  the guest goes on and powers off
     crashes   the hypervisor stops this guest, with a reason
     either    one of the two: the CPU may refuse what the guest tries

   In every case the neighbours keep their time. */
#include "hostile.h"

typedef struct {
  const char *name, *expected;
  abuse *act;
} row;

static const row rows[] = {
    {"triple-fault", "crashes", tripleFault},
    {"read-outside", "crashes", readOutside},
    {"write-outside", "crashes", writeOutside},
    {"execute-outside", "crashes", executeOutside},
    {"tables-outside", "crashes", tablesOutside},
    {"halt-for-ever", "powers off", haltForEver},
    {"cr0-not-write", "either", cr0NotWrite},
    {"cr0-unprotected", "either", cr0Unprotected},
    {"cr3-reserved", "either", cr3Reserved},
    {"cr4-reserved", "either", cr4Reserved},
    {"cr4-without-pae", "either", cr4WithoutPae},
    {"dr6-high", "either", dr6High},
    {"dr7-high", "either", dr7High},
    {"efer-flip", "either", eferFlip},
    {"user-hypercall", "survives", userHypercall},
    {"hypercall-pages", "survives", hypercallPages},
    {"virtualization", "survives", virtualization},
    {"sweep-ports", "survives", sweepPorts},
    {"sweep-msrs", "survives", sweepMsrs},
    {"ipi-storm", "survives", ipiStorm},
    {"hypercall-flood", "survives", hypercallFlood},
    {"bad-pointers", "survives", badPointers},
    {"cpuid-flood", "survives", cpuidFlood},
    {"outs-console", "survives", outsToConsole},
    {"outs-long", "survives", outsLong},
    {"outs-outside", "survives", outsOutside},
    {"ins-long", "survives", insLong},
    {"cache-flood", "survives", cacheFlood},
    {"fault-loop", "survives", faultLoop},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void say(const row *at, const char *verb, const char *text) {
  put("hostile ");
  put(at->name);
  put(": ");
  put(verb);
  put(" ");
  put(text);
  put("\n");
}

static void perform(const row *at) {
  say(at, "expected:", at->expected);
  say(at, "survived:", at->act());
}

void guestMain(void) {
  bool found = false;
  for (u32 index = 0; index < ROWS; index++) {
    bool wanted = hasOption("survivable") && textEqual(rows[index].expected, "survives", 9);
    if (!wanted && !hasOption(rows[index].name)) continue;
    found = true;
    perform(&rows[index]);
  }
  if (!found) put("hostile: name an abuse on the command line\n");
}
