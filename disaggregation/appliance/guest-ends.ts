// What follows when a guest ends by itself: on_poweroff, on_reboot and on_crash of xl.cfg(5).

import { problemHere, type Settings } from "./config-syntax.ts";
import { didYouMean, text } from "./config-values.ts";

const actions = ["destroy", "restart", "preserve"] as const;
export type EndAction = (typeof actions)[number];

export interface GuestEnds {
  readonly poweroff: EndAction;
  readonly reboot: EndAction;
  readonly crash: EndAction;
}

/** Actions of xl that nobody carries out here. */
const elsewhere = ["rename-restart", "coredump-destroy", "coredump-restart", "soft-reset"];

/** What xl does with a guest whose file says nothing. */
export const usualEnds: GuestEnds = { poweroff: "destroy", reboot: "restart", crash: "destroy" };

function readEnd(settings: Settings, name: string, usual: EndAction): EndAction {
  const written = text(settings, name);
  if (written === undefined) return usual;
  const found = actions.find((action) => action === written.value);
  if (found !== undefined) return found;
  if (elsewhere.includes(written.value)) {
    const advice = `use one of ${actions.join(", ")}`;
    throw problemHere(written, `${name}="${written.value}" is not supported yet; ${advice}`);
  }
  const hint = didYouMean(written.value, [...actions, ...elsewhere]);
  throw problemHere(written, `${name}: unknown action "${written.value}"${hint}`);
}

/** Reads the three keys. Throws a Problem. */
export function readEnds(settings: Settings): GuestEnds {
  return {
    poweroff: readEnd(settings, "on_poweroff", usualEnds.poweroff),
    reboot: readEnd(settings, "on_reboot", usualEnds.reboot),
    crash: readEnd(settings, "on_crash", usualEnds.crash),
  };
}
