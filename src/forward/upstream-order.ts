// The order in which the upstreams of a group are tried.
// Pure: randomness comes in as a function. Ignores whether an upstream is up.
import type { UpstreamPolicy } from "../net/upstream.ts";

/** Under `fastest`, one query in so many goes to a random upstream, so that round trip times stay current. */
const EXPLORE_ONE_IN = 50;

/** `members` in the order for the `turn`th query. `randomBelow(n)`: a random integer from 0 to n - 1. */
export function orderUpstreams<T extends { readonly rttMs: number }>(
  members: readonly T[],
  policy: UpstreamPolicy,
  turn: number,
  randomBelow: (n: number) => number,
): readonly T[] {
  switch (policy) {
    case "sequential":
      return members;
    case "round-robin":
      return members.map((_, i) => members[(turn + i) % members.length]!);
    case "random":
      return shuffle(members, randomBelow);
    case "fastest":
      if (randomBelow(EXPLORE_ONE_IN) === 0) return shuffle(members, randomBelow);
      return members.toSorted((a, b) => a.rttMs - b.rttMs);
  }
}

function shuffle<T>(members: readonly T[], randomBelow: (n: number) => number): T[] {
  const shuffled = [...members];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = randomBelow(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}
