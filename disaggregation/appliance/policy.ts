// The policy of an appliance as the table that the core loads, made for the labels of its guests.

import { ContextError, contextFromText } from "../../xsm-policy/compiler/context-text.ts";
import { contextText } from "../../xsm-policy/compiler/mls.ts";
import type { AccessRelation } from "../../xsm-policy/compiler/relation.ts";
import { buildTable, encodeTable, TableError } from "../../xsm-policy/compiler/table.ts";
import { problemHere } from "./config-syntax.ts";
import type { Placed } from "./config-values.ts";
import type { GuestConfig } from "./guest-config.ts";
import { Problem } from "./problem.ts";
import { type ServiceName, serviceTypes } from "./service-config.ts";

/** A policy table, and where in it each guest's label stands. */
export interface Policy {
  readonly bytes: Uint8Array;
  readonly labelOf: (guest: GuestConfig) => number;
  /** The texts of the table's labels, and the one of a guest that names none. */
  readonly labels?: readonly string[];
  readonly usualLabel?: string | undefined;
}

/** Makes the policy of an appliance from what its file names, if it names any. Throws a Problem
 *  for a policy that does not compile, breaks what it promises, or lacks a guest's label. */
export type PolicyMaker = (
  named: Placed<string> | undefined,
  guests: readonly GuestConfig[],
) => Policy;

/** Label of a guest that runs with no other, in the policy that we ship. */
const ALONE_LABEL = "system_u:system_r:alone_t";

/** Initial SID whose context a guest without `seclabel` gets, as in Xen. */
const USUAL_SID = "domU";

/** The table of a sound policy for some guests. `name` is the policy's, for errors. */
export function tableFor(
  relation: AccessRelation,
  name: string,
  guests: readonly GuestConfig[],
): Policy {
  const labels = new Map(guests.map((guest) => [guest, labelText(relation, name, guest)]));
  try {
    const usualLabel = usualText(relation.policy);
    // With a builder, guests come that are not here yet.
    const grows = guests.some(({ service }) => service?.service === "builder");
    const later = grows && usualLabel !== undefined ? [usualLabel] : [];
    const table = buildTable(relation, [...new Set([...labels.values(), ...later])]);
    const labelOf = (guest: GuestConfig): number => table.names.indexOf(labels.get(guest) ?? "");
    return { bytes: encodeTable(table), labelOf, labels: table.names, usualLabel };
  } catch (error) {
    if (error instanceof TableError) throw new Problem(`${name}: ${error.message}`);
    throw error;
  }
}

/** The label of a guest that names none. */
function usualText(policy: AccessRelation["policy"]): string | undefined {
  const context = policy.initialSids.find((sid) => sid.name === USUAL_SID)?.context;
  return context && contextText(policy, context);
}

/** The label of a guest, as the policy writes it. */
function labelText({ policy }: AccessRelation, name: string, guest: GuestConfig): string {
  const known = (text: string): string => contextText(policy, contextFromText(policy, text));
  try {
    if (guest.label !== undefined) return known(guest.label.value);
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    throw problemHere(guest.label!, `the policy has no such label: ${error.message}`);
  }
  if (guest.service !== undefined) return serviceLabel(known, name, guest.service.service);
  if (guest.alone === true && hasContext(known, ALONE_LABEL)) return ALONE_LABEL;
  const usual = usualText(policy);
  if (usual !== undefined) return usual;
  const why = `${name} gives the initial SID ${USUAL_SID} no context to use instead`;
  throw new Problem(`${guest.file}: seclabel is missing, and ${why}`);
}

/** The label of a service whose file names none. */
function serviceLabel(known: (text: string) => string, policy: string, name: ServiceName): string {
  const label = `system_u:system_r:${serviceTypes[name]}`;
  if (hasContext(known, label)) return label;
  throw new Problem(
    `${policy}: the policy has no ${serviceTypes[name]}, the ${name} service's type`,
  );
}

function hasContext(known: (text: string) => string, text: string): boolean {
  try {
    return known(text) === text;
  } catch (error) {
    if (error instanceof ContextError) return false;
    throw error;
  }
}
