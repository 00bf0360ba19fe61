// Campaigns over many machines: a campaign is cut into pieces of some seconds, which workers take
// one after another. What a piece keeps or finds is shared at once; a worker that dies costs the
// time of its piece.

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { JobListener } from "../../jobs/backend.ts";
import type { CampaignJob } from "./jobs.ts";
import type { JobResult } from "./perform.ts";
import { saveReached } from "./reached.ts";
import { SharedStore, sharedCore } from "./shared.ts";
import { type Finding, Store } from "./store.ts";
import type { CampaignThread } from "./threads.ts";

/** The queue of campaigns' pieces. */
export const FUZZ_QUEUE = "xenolith-fuzz";

/** A piece of a campaign as it is handed out: nothing in it is of one machine. */
export interface Piece
  extends Omit<CampaignJob, "kind" | "root" | "module" | "corpus" | "wasm" | "native" | "known"> {
  readonly kind: "piece";
  /** Whose corpus it adds to. */
  readonly campaign: string;
  /** Hash of the shared core. */
  readonly core: string;
}

/** Cuts jobs into pieces of at most `seconds`; a campaign without an end has `most` of them. */
export function piecesOf(
  jobs: readonly CampaignJob[],
  {
    campaign,
    core,
    seconds,
    most,
  }: {
    readonly campaign: string;
    readonly core: string;
    readonly seconds: number;
    readonly most: number;
  },
): Piece[] {
  const rounds = Math.max(...jobs.map((job) => Math.ceil(job.seconds / seconds) || most));
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    jobs.flatMap((job): Piece[] => {
      const left = job.seconds === 0 ? seconds : job.seconds - round * seconds;
      if (left <= 0) return [];
      const { target, engine, ofCpu, untilFound, guided } = job;
      const share = { target, engine, ofCpu, untilFound, guided };
      const seed = job.seed + round * jobs.length;
      return [{ ...share, kind: "piece", campaign, core, seed, seconds: Math.min(left, seconds) }];
    }),
  );
}

/** Where a worker works. */
export interface Place {
  readonly root: string;
  readonly thread: CampaignThread;
  /** The worker's own folder: it survives the worker, and the next one goes on from it. */
  readonly folder: string;
  /** The module that a target comes from, if it is not of this wing. */
  readonly moduleOf: (target: string) => string | undefined;
}

async function coreFile(redis: Redis, folder: string, core: string): Promise<string> {
  const path = join(folder, `${core}.wasm`);
  if (existsSync(path)) return path;
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, await sharedCore(redis, core));
  renameSync(partial, path);
  return path;
}

/** Carries out a piece in a thread; its result once everything that it kept is shared. */
export async function performPiece(
  redis: Redis,
  piece: Piece,
  listener: JobListener,
  place: Place,
): Promise<JobResult> {
  const corpus = join(place.folder, piece.campaign);
  mkdirSync(corpus, { recursive: true });
  const wasm = await coreFile(redis, place.folder, piece.core);
  const module = place.moduleOf(piece.target);
  const store = new Store(corpus);
  const shared = new SharedStore(redis, piece.campaign);
  await shared.meet(store);
  const { campaign: _campaign, core: _core, ...same } = piece;
  const known = await shared.known();
  const own = { root: place.root, corpus, wasm, known, ...(module !== undefined && { module }) };
  const job: CampaignJob = { ...same, kind: "campaign", ...own };
  listener.started(() => place.thread.end());
  const result = await place.thread.run(job, {
    progress: (figures) => listener.progress(figures),
    // What fails to be shared now is shared when the folder meets the others' corpus again.
    input: ({ bytes, features }) => void shared.addInput(bytes, features).catch(() => {}),
    finding: (finding) => {
      void shared.addFinding(finding as Finding).catch(() => {});
      listener.finding(finding);
    },
  });
  saveReached(corpus, [result as JobResult]);
  await shared.meet(store);
  return { ...(result as JobResult), counters: [], clauses: [] };
}
