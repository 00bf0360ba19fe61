// Mistakes that Xen's xenstored made, by the number of the advisory: for each the test that plays
// it (test/disaggregation/domains/xenstore/advisories.test.ts), and a mistake of the same kind for
// our store, with which that test must fail.

import type { Mistake } from "../variant.ts";

export interface StoreAdvisory {
  /** XSA numbers. */
  readonly xsa: string;
  /** The test's name. */
  readonly test: string;
  readonly mistake: Mistake;
}

const advisory = (
  xsa: string,
  test: string,
  file: string,
  right: string,
  wrong = "",
): StoreAdvisory => ({ xsa, test, mistake: { file, right, wrong } });

export const storeAdvisories: readonly StoreAdvisory[] = [
  advisory(
    "38",
    "XSA-38: indices that cannot be end that client's connection alone",
    "connections.ts",
    "  if (waiting > RING_BYTES) {\n    refuse(domain, ERROR_INDEX);\n    return false;\n  }\n",
  ),
  advisory(
    "38 (lengths)",
    "XSA-38: a length beyond the limit ends the connection, until it is begun anew",
    "connections.ts",
    "if (load<u32>(requestHeader(domain), 12) <= PAYLOAD_LIMIT) return true;",
    "if (load<u32>(requestHeader(domain), 12) <= 0xffffffff) return true;",
  ),
  advisory(
    "72",
    "XSA-72: no answer is larger than a message",
    "answers.ts",
    "  if (bytes > PAYLOAD_LIMIT) return TOO_LONG;\n",
  ),
  advisory(
    "115",
    "XSA-115: an event tells a path only to who may read it or its parent",
    "watches.ts",
    "    if (sees) queue(watch, path, bytes);",
    "    queue(watch, path, bytes);",
  ),
  advisory(
    "206",
    "XSA-206: a privileged transaction is not starved by a domain that keeps writing",
    "fairness.ts",
    "  if (conflicts < CONFLICTS_LIMIT) return;\n",
    "  if (conflicts <= CONFLICTS_LIMIT + 1) return;\n",
  ),
  advisory(
    "322",
    "XSA-322 and XSA-417: a number's next domain inherits nothing of the last",
    "lives.ts",
    "    if (there && names(one, domain)) forgetIn(one, domain);\n",
  ),
  advisory(
    "417",
    "XSA-322 and XSA-417: a number's next domain inherits nothing of the last",
    "lives.ts",
    "  if (record.ownerOf(one) == domain) {\n",
    "  if (record.ownerOf(one) == domain && record.permissionsOf(one) > 9) {\n",
  ),
  advisory(
    "324",
    "XSA-324: no event is larger than a message",
    "requests.ts",
    "  if (fieldBytes > TOKEN_LIMIT) return EINVAL;\n",
  ),
  advisory(
    "326 (answers)",
    "XSA-326: requests without reading the answers stop that domain alone",
    "main.ts",
    "  if (!isQuiet(domain)) return sendOn(domain);\n",
    "  if (!isQuiet(domain)) sendOn(domain);\n",
  ),
  advisory(
    "326 (quotas)",
    "XSA-326: watches, events, nodes and transactions have a quota each",
    "watches.ts",
    "  if (countOf(domain, COUNT_WATCHES) >= WATCHES_A_DOMAIN) return false;\n",
  ),
  advisory(
    "326 (events)",
    "XSA-326: events that nobody reads are bounded, and none is lost for good",
    "watches.ts",
    "  if (countOf(domain, COUNT_EVENTS) >= EVENTS_A_DOMAIN) return false;\n" +
      "  return countOf(domain, COUNT_EVENT_BLOCKS) + blocks <= EVENT_BLOCKS_A_DOMAIN;\n",
    "  return true;\n",
  ),
  advisory(
    "416",
    "XSA-416: half a request costs its own buffer and nothing more",
    "connections.ts",
    "  return REQUEST + domain * MESSAGE_BYTES;\n",
    "  return REQUEST;\n",
  ),
  advisory(
    "418",
    "XSA-418: a deep tree is removed without recursion",
    "tree.ts",
    "    if (isBelow(one, space, path, bytes)) removeOne(one, space, true);\n",
    // The end of a stack that has a frame for each level.
    "    if (isBelow(one, space, path, bytes)) {\n" +
      "      if (record.pathBytes(one) > bytes + 1024) unreachable();\n" +
      "      removeOne(one, space, true);\n    }\n",
  ),
  advisory(
    "421 (nodes)",
    "XSA-421: what is made and removed in one transaction leaves nothing, and no quota",
    "transactions.ts",
    "    if (changed && record.exists(one)) {\n",
    "    if (changed) {\n",
  ),
  advisory(
    "421 (quota)",
    "XSA-421: a transaction does not make more nodes than its domain may have",
    "room.ts",
    "    return countOf(owner, COUNT_NODES) + addedIn(space, owner) + records <= NODES_A_DOMAIN;\n",
    "    return true;\n",
  ),
  advisory(
    "440",
    "XSA-440: many conflicts at once end as conflicts",
    "transactions.ts",
    "  if (fate == OK && !isCurrent(space)) fate = EAGAIN;\n",
  ),
  advisory(
    "481",
    "XSA-481: the home of no domain is no path",
    "paths.ts",
    "  return last != SLASH;\n",
    "  return true;\n",
  ),
  advisory(
    "484",
    "XSA-484: a reset inside a transaction ends it",
    "lives.ts",
    "  abandonAll(domain);\n",
  ),
];
