// Callers, vCPUs and control operations.

import { type Advisory, EINVAL, EPERM, lines, open } from "./advisory.ts";

export const callers: readonly Advisory[] = [
  {
    xsa: "20",
    says: "a periodic timer whose next deadline overflows",
    program: lines("d1v0 vcpu_set_periodic(period=0xffffffffffffffff)"),
    answer: EINVAL,
    mistake: {
      file: "vcpu_op.ts",
      right: "  if (period < PERIOD_MIN || period > 0x3fffffffffffffff) return EINVAL;\n",
      wrong: "  if (period < PERIOD_MIN) return EINVAL;\n",
    },
  },
  {
    xsa: "296, 327",
    says: "a vcpu_info that is not aligned, or crosses its frame",
    program: lines("d1v0 vcpu_register_info(gfn=0x20, offset=4)"),
    answer: -6n,
    mistake: { file: "vcpu_op.ts", right: "(offset & 7) != 0 || ", wrong: "" },
  },
  {
    xsa: "111, 454",
    says: "the high halves of a 32-bit caller's registers count",
    program: lines(open, "d1v0 dirty evtchn_status(domain=0x7ff0, port=1)"),
    answer: 0n,
    mistake: {
      file: "hypercall.ts",
      right: "    number &= 0xffffffff;\n",
      wrong: "",
    },
  },
  {
    xsa: "76",
    says: "a hypercall from ring 3",
    program: lines("d1v0 user evtchn_bind_ipi(vcpu=0)"),
    answer: EPERM,
    mistake: {
      file: "hypercall.ts",
      right: "  if (column.vmcbCpl(vcpu) == 0) {\n",
      wrong: "  if (column.vmcbCpl(vcpu) < 4) {\n",
    },
  },
  {
    xsa: "213",
    says: "an element that ends a multicall early",
    program: lines("d1v0 listed steps=1 evtchn_bind_ipi(vcpu=9)", "d1v0 evtchn_bind_ipi(vcpu=0)"),
    mistake: {
      file: "hypercall.ts",
      right: "  store64(entry + 8, answer as u64);\n",
      wrong: "  if (answer < 0) return answer;\n  store64(entry + 8, answer as u64);\n",
    },
  },
  {
    xsa: "77, 127, 492, 499",
    says: "a control operation without the policy's word for it",
    program: lines("d1v0 control_pause(domain=2)"),
    answer: EPERM,
    mistake: {
      file: "control.ts",
      right: "!inState(domain, DOMAIN_RUNNING) || !mayPause(caller, column.domainLabel(domain))",
      wrong: "!inState(domain, DOMAIN_RUNNING)",
    },
  },
];
