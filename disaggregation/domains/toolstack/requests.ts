// The requests of clients, one after the other.

import * as wire from "../../control/wire";
import { EINVAL, ENOSYS } from "../../runtime/errno";
import { hypercall, now } from "../../runtime/world";
import { askBuilder } from "./builder_relay";
import * as consoles from "./console_relay";
import { createFor } from "./creation";
import { listDomains, listVcpus, pauseDomain, resumeDomain } from "./domains";
import { endSoon } from "./ending";
import { forget, stage } from "./recipes";
import { DATA, reply } from "./reply";
import { askStore } from "./store_relay";
import { bury } from "./undertaker";

const XEN_VERSION: u32 = 17;

function describeSystem(): u32 {
  store<u64>(DATA, now());
  store<u64>(DATA, hypercall(XEN_VERSION, 0, 0, 0), 8);
  return wire.SYSTEM_BYTES;
}

/** Ends a domain for good. */
function destroy(domain: u32): i32 {
  forget(domain);
  return bury(domain);
}

/** What has no data in its answer. */
function perform(channel: u32, operation: u32, argument: u32, data: u32, bytes: u32): i32 {
  if (operation == wire.OPERATION_PAUSE) return pauseDomain(argument);
  if (operation == wire.OPERATION_UNPAUSE) return resumeDomain(argument);
  if (operation == wire.OPERATION_DESTROY) return destroy(argument);
  if (operation == wire.OPERATION_ATTACH) return consoles.attach(channel, argument);
  if (operation == wire.OPERATION_INPUT) return consoles.type(channel, data, bytes);
  if (operation == wire.OPERATION_RECIPE) return stage(channel, argument, data, bytes);
  if (operation == wire.OPERATION_END) {
    endSoon();
    return 0;
  }
  if (operation != wire.OPERATION_DETACH) return ENOSYS;
  consoles.detach(channel);
  return 0;
}

/** Carries out the request in a frame that was accepted. */
export function handleRequest(frame: u32): void {
  const channel = load<u8>(frame + wire.FIELD_CHANNEL) as u32;
  const sequence = load<u32>(frame + wire.FIELD_SEQUENCE);
  const all = load<u16>(frame + wire.FIELD_BODY_BYTES) as u32;
  if (all < wire.REQUEST_HEADER_BYTES) return reply(channel, sequence, EINVAL, 0);
  const body = frame + wire.HEADER_BYTES;
  const operation = load<u32>(body);
  const argument = load<u32>(body, 4);
  const data = body + wire.REQUEST_HEADER_BYTES;
  const bytes = all - wire.REQUEST_HEADER_BYTES;
  consoles.hear(channel);
  if (operation == wire.OPERATION_SYSTEM) return reply(channel, sequence, 0, describeSystem());
  if (operation == wire.OPERATION_LIST) return reply(channel, sequence, 0, listDomains());
  if (operation == wire.OPERATION_VCPUS) {
    const rows = listVcpus(argument);
    return reply(channel, sequence, min<i32>(rows, 0), max<i32>(rows, 0) as u32);
  }
  if (operation == wire.OPERATION_STORE) {
    askStore(channel, sequence, argument, data, bytes);
    return;
  }
  if (operation == wire.OPERATION_CREATE) return createFor(channel, sequence, argument);
  if (operation >= wire.OPERATION_HAVE && operation <= wire.OPERATION_START) {
    return askBuilder(channel, sequence, body, all);
  }
  reply(channel, sequence, perform(channel, operation, argument, data, bytes), 0);
}
