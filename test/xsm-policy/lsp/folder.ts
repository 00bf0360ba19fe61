/** A folder of modules to edit: two kinds of guests, and what they may do to each other. */

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const FILES: Readonly<Record<string, string>> = {
  "modules.conf": "base = on\nguests = on\n",
  users: "user u roles { r };\n",
  initial_sid_contexts: "sid xen u:object_r:xen_t\nsid dom0 u:object_r:xen_t\n",
  "base.te": `attribute guests;
type xen_t;
role r;
role r types guests;
allow guests xen_t:version xen_pagesize;
allow { guests -b_t } xen_t:version xen_changeset;
`,
  "base.if": `# new_guest(type)
#   Declares a guest and the label of its channels.
interface(\`new_guest', \`
	type $1, guests;
	type $1_channel;
	allow $1 $1_channel:event { create send };
	allow $1_channel $1:event bind;
')

interface(\`never_called', \`
	allow a_t $1:grant copy;
')
`,
  "guests.te": `# Two guests.
new_guest(a_t)
new_guest(b_t)

bool sharing true;
if (sharing) {
	allow a_t b_t:grant map_read;
}
allow a_t b_t_channel:event send;
`,
  "goals.assert": "# a keeps out of b\nneverallow a_t b_t:grant map_write;\n",
  "guests.expect": "expect allow a_t b_t grant map_read when sharing;\n",
};

/** Writes the folder, with other files in place of some. */
export function writePolicy(other: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(path.join(tmpdir(), "xenolith-lsp-"));
  for (const [name, text] of Object.entries({ ...FILES, ...other })) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}
