// [services.example]: three stock Debian guests on service domains alone: ext4 on a disk, a file
// over HTTP through the switch, and a guest in another group that reaches nobody.

import { makeToolsRoot } from "../../../scripts/debian-tools.ts";
import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";

/** What each guest says when it got what it should. */
const WANTED = {
  web: "web: serves /data, sha256 [0-9a-f]{64}",
  client: "client: 16 MiB from the web guest compare equal by sha256",
  hermit: "hermit: the web guest cannot be reached",
} as const;

export const example: Check = {
  name: "services.example",
  claim: "examples/services: ext4, HTTP and isolation between stock guests on our service domains",
  short: false,
  async run() {
    makeToolsRoot();
    const ran = await xenolith(["run", "examples/services", "--timeout", "300"], 420);
    const said = Object.entries(WANTED).map(
      ([name, text]) => [name, new RegExp(`^${name}: ${text}`, "m").test(ran.stdout)] as const,
    );
    const denials = ran.stdout.match(/avc: denied/g)?.length ?? 0;
    const figures = { code: ran.code, ...Object.fromEntries(said), denials };
    const passed = ran.code === 0 && denials === 0 && said.every(([, seen]) => seen);
    return { passed, figures, summary: JSON.stringify(figures) };
  },
};
