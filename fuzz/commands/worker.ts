// `xenolith fuzz worker`: takes pieces of campaigns from a Redis until it is told to leave.

import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import type { Redis } from "ioredis";
import { AddressError, connect } from "../../jobs/connection.ts";
import { serve } from "../../jobs/redis.ts";
import { FUZZ_QUEUE, type Piece, performPiece } from "../campaign/cluster.ts";
import { SharedStore } from "../campaign/shared.ts";
import { Store } from "../campaign/store.ts";
import { CampaignThread } from "../campaign/threads.ts";
import { compileForSpeed } from "../compile.ts";
import { EXIT_FINDING, moduleOf, root } from "./common.ts";

interface Options {
  readonly redis: string;
  readonly folder: string;
}

const EXAMPLES = `
Examples:
  xenolith fuzz worker --redis redis://192.0.2.7
  xenolith fuzz worker --redis unix:/run/redis/redis.sock --folder /var/tmp/second-worker

Workers of one machine need a folder each. Ctrl-C once: the worker ends its piece and leaves.
"xenolith fuzz run --redis URL" hands pieces out. Exit codes: 0 left, 1 no Redis, 2 wrong usage`;

/** What an earlier worker kept here and could not share any more is shared now. */
async function shareLeftovers(redis: Redis, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    await new SharedStore(redis, entry.name).meet(new Store(join(folder, entry.name)));
  }
}

async function work({ redis: address, folder }: Options): Promise<void> {
  const redis = await connect(address);
  // BullMQ and ioredis tell of each lost connection; they come back by themselves.
  redis.on("error", () => {});
  await shareLeftovers(redis, resolve(folder));
  const thread = new CampaignThread(compileForSpeed(root));
  const place = { root, thread, folder: resolve(folder), moduleOf };
  const serving = await serve<Piece>(address, FUZZ_QUEUE, async (piece, listener) => {
    process.stderr.write(`fuzz: ${piece.target}, seed ${piece.seed}, ${piece.seconds} s\n`);
    return performPiece(redis, piece, listener, place);
  });
  process.stderr.write(`fuzz: waiting for pieces of campaigns at ${address}\n`);
  await new Promise<void>((leave) => {
    process.once("SIGINT", leave);
    process.once("SIGTERM", leave);
  });
  process.stderr.write("fuzz: leaving after this piece\n");
  await serving.close();
  await thread.close();
  redis.disconnect();
}

export function workerCommand(): Command {
  const command = new Command("worker")
    .description("take pieces of campaigns from a Redis, for a cluster")
    .requiredOption("--redis <url>", "where campaigns are handed out")
    .option("--folder <dir>", "the worker's own folder", join(root, "build/fuzz/worker"))
    .addHelpText("after", EXAMPLES);
  return command.action(async (options: Options) => {
    await work(options).catch((error: unknown) => {
      if (!(error instanceof AddressError)) throw error;
      command.error(`fuzz: ${error.message}`, { exitCode: EXIT_FINDING });
    });
  });
}
