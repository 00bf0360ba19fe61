// What is run on either hypervisor: guests, and the lines that come of them.

/** One guest. */
export interface WorkloadGuest {
  readonly name: string;
  /** Paths. */
  readonly kernel: string;
  readonly ramdisk?: string;
  readonly commandLine: string;
  readonly memoryMib: number;
  /** One, when nothing else is said. */
  readonly vcpus?: number;
  /** Xenolith only: told of XSAVE and AVX. */
  readonly xsave?: boolean;
}

/** Guests that run side by side. `domains` are their ids, in the order of `guests`: the host says
 *  which, and a guest may have to be told its peer's. */
export interface Workload {
  readonly name: string;
  readonly guests: (domains: readonly number[]) => readonly WorkloadGuest[];
  readonly count: number;
  /** Text of an appliance.cfg; Xenolith only. */
  readonly appliance?: string;
}

/** A line that a guest printed. */
export interface GuestLine {
  readonly guest: string;
  readonly text: string;
  /** Where the hypervisor stamps lines: ticks since power-on. */
  readonly tick?: bigint;
  /** Wall time since power-on. */
  readonly milliseconds: number;
}

/** The CPU of both: with SMAP, QEMU 7.2 cannot run a PV Dom0; without RDRAND, runs repeat. */
export const BENCH_CPU = "max,+svm,-smap,-rdrand,-rdseed";
/** The memory of both machines. */
export const BENCH_MEMORY_MIB = 2048;

const FIGURE = /^bench ([a-z0-9_]+) ([0-9]+)$/;

/** Figures that guests printed as `bench NAME VALUE`, and the guest's name with each. */
export function figuresOf(lines: readonly GuestLine[]): Map<string, number[]> {
  const figures = new Map<string, number[]>();
  for (const { text } of lines) {
    const [, name, value] = FIGURE.exec(text) ?? [];
    if (name === undefined) continue;
    figures.set(name, [...(figures.get(name) ?? []), Number(value)]);
  }
  return figures;
}
