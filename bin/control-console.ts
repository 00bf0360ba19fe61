// A guest's console through the control channel: its lines so far, then both ways until ^].

import type { ReadStream } from "node:tty";
import {
  attachConsole,
  detachConsole,
  systemInfo,
  typeAtConsole,
} from "../disaggregation/control/requests.ts";
import { findDomain } from "./control-domains.ts";
import { type ControlOptions, withControl } from "./control-target.ts";

const ESCAPE = 0x1d;
const MOST_INPUT = 256;
const RETRY_MILLISECONDS = 50;
/** The toolstack gives a console up whose client has said nothing for a minute. */
const SIGN_OF_LIFE_MILLISECONDS = 20_000;

/** Gives what is typed to `onBytes`, until ^] or the input's end; returns what undoes it. */
function readTerminal(input: ReadStream, onBytes: (bytes: Buffer) => void, onEnd: () => void) {
  const raw = input.isTTY;
  const listen = (bytes: Buffer): void => {
    const end = raw ? bytes.indexOf(ESCAPE) : -1;
    const typed = end < 0 ? bytes : bytes.subarray(0, end);
    if (typed.length > 0) onBytes(typed);
    if (end >= 0) onEnd();
  };
  if (raw) input.setRawMode(true);
  input.on("data", listen).resume();
  return (): void => {
    input.off("data", listen).pause();
    if (raw) input.setRawMode(false);
  };
}

/** Attaches to a domain's console until the user leaves it or it ends. */
export async function followConsole(options: ControlOptions, wanted: string): Promise<void> {
  await withControl(options, async (client) => {
    const { domain } = await findDomain(client, wanted);
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    client.onConsole = (output) => {
      process.stdout.write(output.bytes);
      if (output.ended) leave();
    };
    await attachConsole(client, domain);
    let sending: Promise<unknown> = Promise.resolve();
    const send = async (bytes: Buffer): Promise<void> => {
      for (let at = 0; at < bytes.length; at += MOST_INPUT) {
        const part = bytes.subarray(at, at + MOST_INPUT);
        while (!(await typed(part))) await new Promise((go) => setTimeout(go, RETRY_MILLISECONDS));
      }
    };
    const typed = (part: Buffer): Promise<boolean> =>
      typeAtConsole(client, part).then(
        () => true,
        () => false,
      );
    const restore = readTerminal(
      process.stdin,
      (bytes) => {
        sending = sending.then(() => send(bytes));
      },
      leave,
    );
    const alive = setInterval(() => systemInfo(client).catch(leave), SIGN_OF_LIFE_MILLISECONDS);
    await Promise.race([left, client.ended]);
    clearInterval(alive);
    restore();
    await detachConsole(client).catch(() => {});
  });
}
