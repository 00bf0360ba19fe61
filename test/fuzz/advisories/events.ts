// Event channels.

import { type Advisory, bind, EINVAL, ENOSYS, lines, open, SELF } from "./advisory.ts";

const CROWD = 4095;
const fill = lines(...Array.from({ length: CROWD - 1 }, () => open));

export const events: readonly Advisory[] = [
  {
    xsa: "47",
    says: "state that is changed before the policy was asked",
    program: lines("d1v0 evtchn_alloc_unbound(domain=0x7ff0, remote=3)", open),
    mistake: {
      file: "event_channel.ts",
      right: "  const named = argument32(0);\n",
      wrong: "  const named = argument32(0);\n  usePort(domain, firstPort(domain));\n",
    },
  },
  {
    xsa: "188",
    says: "FIFO control blocks are refused and change nothing",
    program: lines(`d1v0 evtchn_other(operation=11, port=${SELF})`),
    answer: ENOSYS,
    mistake: {
      file: "event_channel.ts",
      right: "  if (bytes == 0) return ENOSYS;\n",
      wrong: "",
    },
  },
  {
    xsa: "221",
    says: "a poll for a port that was never allocated, or is out of range",
    program: lines("d1v0 sched_poll(ports=4096, count=1, deadline=1)"),
    answer: EINVAL,
    mistake: {
      file: "sched_op.ts",
      right: "    if (port >= PORTS) return EINVAL;\n",
      wrong: "",
    },
  },
  {
    xsa: "317",
    says: "a port allocated past the limit",
    program: lines(fill, open),
    mistake: {
      file: "event_channel.ts",
      right: "  if (full == NOWHERE) return NONE;\n",
      wrong: "",
    },
  },
  {
    xsa: "338, 342, 343",
    says: "a reset takes a port away that stays valid",
    program: lines(open, "d1v0 evtchn_reset(domain=0x7ff0)"),
    mistake: {
      file: "event_channel.ts",
      right: "lowestOpen(domain, word, column.domainConsolePort(domain))",
      wrong: "lowestOpen(domain, word, 0)",
    },
  },
  {
    xsa: "344",
    says: "a reset closes more than one port in a step",
    program: lines(open, bind, open, "d1v0 evtchn_reset(domain=0x7ff0)"),
    mistake: {
      file: "event_channel.ts",
      right: "    closePort(domain, port);\n    return resumeWith",
      wrong:
        "    closePort(domain, port);\n    closePort(domain, port + 1);\n    return resumeWith",
    },
  },
  {
    xsa: "340, 358, 359",
    says: "a port is announced before it is whole",
    program: lines(open, bind),
    mistake: {
      file: "event_channel.ts",
      right: "  setArgument32(8, port);\n  raise(domain, port);\n",
      wrong: "  raise(domain, port);\n  setArgument32(8, port);\n",
    },
  },
  {
    xsa: "496",
    says: "a virtual interrupt is taken although no port is left",
    program: lines(fill, "d1v0 evtchn_bind_virq(virq=1, vcpu=0)"),
    mistake: {
      file: "event_channel.ts",
      right: "  if (column.vcpuVirqPort(binding) != 0) return EEXIST;\n",
      wrong:
        "  if (column.vcpuVirqPort(binding) != 0) return EEXIST;\n" +
        "  column.setVcpuVirqPort(binding, 1);\n",
    },
  },
  {
    xsa: "505",
    says: "a reset that others interrupt with new ports",
    program: lines(
      open,
      "d1v0 steps=1 evtchn_reset(domain=0x7ff0)",
      "d1v1 evtchn_bind_ipi(vcpu=0)",
      "d1v0 evtchn_reset(domain=0x7ff0)",
      "d1v1 evtchn_reset(domain=0x7ff0)",
    ),
    mistake: {
      file: "event_channel.ts",
      right: "column.setDomainResetWord(domain, next & 63);",
      wrong: "column.setDomainResetWord(domain, next);",
    },
  },
];
