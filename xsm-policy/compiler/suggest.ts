/** "Did you mean": the known name nearest to one that is not known. */

/** Names longer than this are not compared: the cost grows with the square of the length. */
const LONGEST_COMPARED_CHARACTERS = 64;

/** How many candidates are looked at, so that one misspelling costs bounded time. */
const CANDIDATE_LIMIT_COUNT = 20_000;

/**
 * A hint naming the candidate nearest to `name`, or undefined when none is near (more than a third
 * of the letters would change).
 */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST_COMPARED_CHARACTERS) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  let seen = 0;
  for (const candidate of candidates) {
    if (seen++ === CANDIDATE_LIMIT_COUNT) break;
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === undefined ? undefined : `did you mean '${best}'?`;
}

/** Letters inserted, removed, changed or swapped to get from one name to the other. */
function editDistance(from: string, to: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        last[column] + 1,
        current[column - 1] + 1,
        last[column - 1] + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, beforeLast[column - 2] + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest >= limit) return limit;
    beforeLast = last;
    last = current;
  }
  return last[to.length];
}
