// `xenolith fuzz run --redis`: hands a campaign's pieces out and gathers what they find.

import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { JobBackend } from "../../jobs/backend.ts";
import { connect } from "../../jobs/connection.ts";
import { RedisBackend } from "../../jobs/redis.ts";
import { FUZZ_QUEUE, type Piece, piecesOf } from "../campaign/cluster.ts";
import type { CampaignJob } from "../campaign/jobs.ts";
import { SharedStore, shareCore } from "../campaign/shared.ts";
import { hashOf, Store } from "../campaign/store.ts";

/** Pieces of a campaign that has no end, at most. */
const PIECES_MAX = 10_000;
const MEET_MILLISECONDS = 2000;
const NAME_DIGITS = 12;

export interface Cluster {
  readonly backend: JobBackend<Piece>;
  readonly pieces: readonly Piece[];
  /** Takes in what the workers shared last, and lets go. */
  close(): Promise<void>;
}

async function gather(redis: Redis, campaign: string, store: Store): Promise<() => Promise<void>> {
  const shared = new SharedStore(redis, campaign);
  await shared.meet(store);
  let meeting: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // A Redis that restarts is met at the next time.
    meeting = meeting.then(() => shared.meet(store)).catch(() => {});
  }, MEET_MILLISECONDS);
  return async () => {
    clearInterval(timer);
    await meeting;
    await shared.meet(store);
  };
}

/**
 * Joins the cluster at a Redis with the jobs of a campaign, cut into pieces of `seconds`. Campaigns
 * of the same target and core share a corpus there; `corpus` is brought along and kept up to date.
 * @throws AddressError when there is no Redis at `address`
 */
export async function joinCluster(
  address: string,
  {
    jobs,
    core,
    corpus,
    seconds,
  }: {
    readonly jobs: readonly CampaignJob[];
    readonly core: Uint8Array;
    readonly corpus: string;
    readonly seconds: number;
  },
): Promise<Cluster> {
  const redis = await connect(address);
  redis.on("error", () => {});
  const hash = await shareCore(redis, core);
  const campaign = `${jobs[0]!.target}-${hashOf(core).slice(0, NAME_DIGITS)}`;
  const pieces = piecesOf(jobs, { campaign, core: hash, seconds, most: PIECES_MAX });
  const leave = await gather(redis, campaign, new Store(corpus));
  const backend = new RedisBackend<Piece>(redis, FUZZ_QUEUE, randomUUID());
  const close = async (): Promise<void> => {
    await leave();
    await backend.close();
    redis.disconnect();
  };
  return { backend, pieces, close };
}
