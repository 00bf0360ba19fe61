// The way to a Redis: its address as users write it.

import { Redis } from "ioredis";

/** An address of a Redis that cannot be used. */
export class AddressError extends Error {}

const FORMS = "redis://HOST[:PORT][/NUMBER], rediss://HOST or unix:/PATH/OF/SOCKET";
const UNIX = /^unix:(\/\S+)$/;

/** Answers may be waited for as long as it takes: a Redis that restarts is waited for. */
const patient = { maxRetriesPerRequest: null } as const;
/** The first connection is given up after so long. */
const FIRST_MILLISECONDS = 5000;

function made(address: string): Redis {
  const socket = UNIX.exec(address)?.[1];
  if (socket !== undefined) return new Redis({ ...patient, path: socket, lazyConnect: true });
  if (!/^rediss?:\/\/\S+$/.test(address)) {
    throw new AddressError(`"${address}" is no address of a Redis: it is ${FORMS}`);
  }
  return new Redis(address, { ...patient, lazyConnect: true });
}

/**
 * Connects. The caller ends it with `disconnect()`.
 * @throws AddressError when the address is none, or nobody answers there
 */
export async function connect(address: string): Promise<Redis> {
  const redis = made(address);
  let why = "nobody answered";
  const listen = (error: Error): void => {
    why = error.message;
  };
  redis.on("error", listen);
  const timer = setTimeout(() => redis.disconnect(), FIRST_MILLISECONDS);
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch {
    redis.disconnect();
    throw new AddressError(`no Redis at ${address}: ${why}; Debian has it as redis-server`);
  } finally {
    clearTimeout(timer);
  }
}
