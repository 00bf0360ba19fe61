// Jobs on a cluster: BullMQ hands them out over a Redis. A worker that dies loses its job to
// another one after a few seconds; a job that two of them carry out is done once for both.

import { type Job as Delivered, Queue, QueueEvents, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { JobBackend, JobEvents, Perform } from "./backend.ts";
import { connect } from "./connection.ts";

/** A job belongs to its worker for so long, unless the worker says that it is still there. */
const LOCK_MILLISECONDS = 6000;
/** How often somebody looks for jobs whose workers are gone. */
const STALLED_MILLISECONDS = 2000;
/** Workers may die on one job as often as they like: it is the machines that are restarted. */
const DEATHS_MAX = 1_000_000;
/** How long results are kept for whoever waits for them, in seconds. */
const KEPT_SECONDS = 24 * 3600;
const STOP_LOOK_MILLISECONDS = 1000;

type Told = { readonly kind: "progress" | "finding"; readonly value: unknown };

const stopKey = (queue: string, group: string): string => `xenolith:${queue}:${group}:stop`;

interface Envelope<Job> {
  /** The jobs that are stopped together. */
  readonly group: string;
  readonly job: Job;
}

/** Hands jobs to whoever serves the queue. */
export class RedisBackend<Job> implements JobBackend<Job> {
  readonly name = "redis";
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #queueName: string;
  readonly #group: string;
  /** Ends the wait for jobs that nobody has begun. */
  #withdraw: () => void = () => {};
  readonly #withdrawn = new Promise<void>((resolve) => {
    this.#withdraw = resolve;
  });

  /**
   * @param redis a connection that the caller ends
   * @param group a name of this run alone
   */
  constructor(redis: Redis, queue: string, group: string) {
    this.#redis = redis;
    this.#queueName = queue;
    this.#group = group;
    this.#queue = new Queue(queue, { connection: redis });
    // Each job that is waited for listens to it.
    this.#queue.setMaxListeners(0);
  }

  async run(jobs: readonly Job[], events: JobEvents): Promise<readonly unknown[]> {
    const connection = this.#redis.duplicate({ lazyConnect: false });
    // A Redis that restarts is waited for.
    connection.on("error", () => {});
    const told = new QueueEvents(this.#queueName, { connection });
    told.on("error", () => {});
    await told.waitUntilReady();
    const numbers = new Map<string, number>();
    told.on("progress", ({ jobId, data }) => {
      const number = numbers.get(jobId);
      if (number === undefined) return;
      const { kind, value } = data as Told;
      if (kind === "progress") events.progress(number, value);
      else events.finding(number, value);
    });
    try {
      const added = await Promise.all(jobs.map((job) => this.#add(job)));
      for (const [number, { id }] of added.entries()) numbers.set(id!, number);
      return await Promise.all(added.map((one) => this.#ended(one, told)));
    } finally {
      await told.close();
      connection.disconnect();
    }
  }

  /** The result of a job; of one that is withdrawn before anybody began it: undefined. */
  async #ended(job: Delivered, told: QueueEvents): Promise<unknown> {
    const removed = this.#withdrawn.then(async () => {
      // What a worker has begun cannot be removed: its result is waited for.
      const isBegun = await job.remove().then(
        () => false,
        () => true,
      );
      if (isBegun) return new Promise<never>(() => {});
      return undefined;
    });
    return Promise.race([job.waitUntilFinished(told), removed]);
  }

  #add(job: Job): Promise<Delivered> {
    const kept = { age: KEPT_SECONDS };
    const envelope: Envelope<Job> = { group: this.#group, job };
    return this.#queue.add("job", envelope, { removeOnComplete: kept, removeOnFail: kept });
  }

  /** Workers learn of it within a second or two; jobs that nobody has begun are taken back. */
  stop(): void {
    this.#withdraw();
    void this.#redis.set(stopKey(this.#queueName, this.#group), "1", "EX", KEPT_SECONDS);
  }

  /** Lets go of the queue; the connection is the caller's. */
  async close(): Promise<void> {
    await this.#queue.close();
  }
}

/** A worker that serves a queue until it is closed. */
export interface Serving {
  /** Takes no further job; resolves when the current one is done. */
  close(): Promise<void>;
}

/**
 * Serves a queue with jobs of one kind, one at a time.
 * @throws AddressError when there is no Redis at `address`
 */
export async function serve<Job>(
  address: string,
  queue: string,
  perform: Perform<Job>,
): Promise<Serving> {
  const redis = await connect(address);
  const carryOut = async (delivered: Delivered<Envelope<Job>>): Promise<unknown> => {
    const { group, job } = delivered.data;
    let end: (() => void) | undefined;
    const look = async (): Promise<void> => {
      if ((await redis.exists(stopKey(queue, group))) === 1) end?.();
    };
    const tell = (told: Told): void => {
      // Whoever lost the job meanwhile has nobody to tell.
      delivered.updateProgress(told).catch(() => {});
    };
    const timer = setInterval(() => void look(), STOP_LOOK_MILLISECONDS);
    try {
      return await perform(job, {
        progress: (value) => tell({ kind: "progress", value }),
        finding: (value) => tell({ kind: "finding", value }),
        started: (ends) => {
          end = ends;
          void look();
        },
      });
    } finally {
      clearInterval(timer);
    }
  };
  const worker = new Worker<Envelope<Job>>(queue, carryOut, {
    connection: redis,
    concurrency: 1,
    lockDuration: LOCK_MILLISECONDS,
    stalledInterval: STALLED_MILLISECONDS,
    maxStalledCount: DEATHS_MAX,
  });
  // A job that was delivered to another one meanwhile, a Redis that restarts: both pass.
  worker.on("error", () => {});
  await worker.waitUntilReady();
  return {
    close: async () => {
      await worker.close();
      redis.disconnect();
    },
  };
}
