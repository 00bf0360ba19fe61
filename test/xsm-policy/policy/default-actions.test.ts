import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { compileFolder, POLICIES } from "./support.ts";

const HOOKS = path.join(import.meta.dirname, "../../../../shared/data/xen-flask/hooks.tsv");

const DOMAINS = ["dom0_t", "xenstore_t", "domU_t", "dm_t"] as const;

/** Who asks, and the label of what it asks about, by who the target is. */
interface Question {
  readonly source: (typeof DOMAINS)[number];
  readonly target: string;
  readonly isSelf: boolean;
  readonly isOwnModel: boolean;
}

const DEVICES = ["irq_t", "ioport_t", "iomem_t", "device_t"];

/** Targets of an operation, by the column of the hook table that names them. */
function questions(target: string): Question[] {
  return DOMAINS.flatMap((source) => targetsFor(source, target));
}

function targetsFor(source: Question["source"], target: string): Question[] {
  const plain = (label: string): Question => ({
    source,
    target: label,
    isSelf: false,
    isOwnModel: false,
  });
  if (target === "xen") return [plain("xen_t")];
  if (target === "domxen") return [plain("domxen_t")];
  if (/^(irq|ioport|iomem|dev)/.test(target)) return DEVICES.map(plain);
  const others = DOMAINS.filter((each) => each !== source).map(plain);
  const own = { ...plain(`${source}_self`), isSelf: true };
  const guest = { ...plain("domU_t_target"), isOwnModel: true };
  return source === "dm_t" ? [...others, own, guest] : [...others, own];
}

/** What Xen decides without a policy. */
function byDefault(action: string, { source, isSelf, isOwnModel }: Question): boolean {
  if (action === "HOOK" || source === "dom0_t") return true;
  if (action === "TARGET" && isSelf) return true;
  if (action === "XS_PRIV" && source === "xenstore_t") return true;
  return action !== "PRIV" && isOwnModel;
}

/**
 * Permissions asked under more than one default action, with the one that counts: the hypervisor
 * asks for the stricter one first, or it is the only one that a guest can reach.
 */
const MIXED: ReadonlyMap<string, string> = new Map([
  ["domain create", "PRIV"],
  ["domain getdomaininfo", "XS_PRIV"],
  ["hvm mem_sharing", "DM_PRIV"],
  ["hvm bind_irq", "PRIV"],
  ["mmu memorymap", "TARGET"],
  ["resource add", "DM_PRIV"],
  ["resource remove", "DM_PRIV"],
  ["resource add_ioport", "PRIV"],
  ["resource add_iomem", "PRIV"],
  ["resource remove_ioport", "PRIV"],
  ["resource remove_iomem", "PRIV"],
  ["resource setup", "PRIV"],
  ["resource use_iommu", "HOOK"],
  ["resource use_iommu_nointremap", "HOOK"],
  ["resource use_noiommu", "HOOK"],
]);

interface Row {
  readonly action: string;
  readonly target: string;
  readonly of: string;
  readonly permission: string;
}

/** Operations whose default action is one of the five; channels have a test of their own. */
function rows(): Row[] {
  const lines = readFileSync(HOOKS, "utf8").trim().split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, , , action, , target, of, permissions] = line.split("\t");
    if (action === "OTHER" || action === "-" || of === "event") return [];
    return permissions.split(/[ +|]/).map((permission) => ({ action, target, of, permission }));
  });
}

/** Would catch an operation that a policy allows or denies otherwise than Xen without a policy. */
describe.skipIf(!existsSync(HOOKS))("default actions (skipped without shared data)", () => {
  it.each(["dummy", "silo"])("are what the %s policy says of all operations", (name) => {
    const { may } = compileFolder(path.join(POLICIES, name));
    const different = rows().flatMap((row) => {
      const action = MIXED.get(`${row.of} ${row.permission}`) ?? row.action;
      const isSilent = name === "silo" && row.of === "grant" && action === "HOOK";
      if (isSilent) return [];
      return questions(row.target.replace(/^raw\(|\)$/g, ""))
        .filter(
          (each) =>
            may(each.source, each.target, row.of, row.permission) !== byDefault(action, each),
        )
        .map((each) => `${action} ${each.source} ${each.target} ${row.of} ${row.permission}`);
    });
    expect(different).toEqual([]);
  });
});

/** Would catch a silo with a hole, or a dummy with a wall. */
describe("communication", () => {
  const dummy = compileFolder(path.join(POLICIES, "dummy"));
  const silo = compileFolder(path.join(POLICIES, "silo"));

  /** Whether `from` may open a channel to `to`, by the label that the channel gets. */
  const opens = (policy: typeof dummy, from: string, to: string): boolean => {
    const { policy: resolved } = policy.result;
    const types = resolved!.types.map(({ name }) => name);
    const rule = resolved!.typeRules.find(
      (each) =>
        each.kind === "type_transition" &&
        each.classes.some((index) => resolved!.classes[index].name === "event") &&
        [...each.sources.keys].includes(types.indexOf(from)) &&
        [...each.targets.keys].includes(types.indexOf(to)),
    );
    const channel = types[rule?.result ?? -1] ?? "none";
    return policy.may(from, channel, "event", "create") && policy.may(channel, to, "event", "bind");
  };

  const pairs = DOMAINS.flatMap((from) =>
    [...DOMAINS, `${from}_self`].map((to) => [from, to] as const),
  );

  it.each(pairs)(
    "from %s to %s is open in the dummy, and in the silo with control only",
    (from, to) => {
      const isAllowed = [from, to].includes("dom0_t") || to === `${from}_self`;
      expect(opens(dummy, from, to)).toBe(true);
      expect(opens(silo, from, to)).toBe(isAllowed);
      for (const permission of ["map_read", "map_write", "copy", "transfer"]) {
        expect(dummy.may(from, to, "grant", permission)).toBe(true);
        expect(silo.may(from, to, "grant", permission)).toBe(isAllowed);
      }
      expect(silo.may(from, to, "argo", "send")).toBe(isAllowed);
      expect(silo.may(from, to, "grant", "unmap")).toBe(true);
    },
  );
});
