// The candidate that a mistyped word was most likely meant to be: optimal string alignment distance (insert, delete,
// replace, swap of neighbours), so that an error can say "did you mean". Knows nothing of what the words are.

/** The candidate closest to `word`, first of equals; undefined when none is close enough to be a typing mistake. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    // About a third of the letters may differ; beyond that a suggestion only misleads.
    const limit = Math.max(1, Math.ceil(Math.max(typed.length, candidate.length) / 3));
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Text to append to an error: `; did you mean X?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? "" : `; did you mean ${candidate}?`;
}

/** How many single-letter edits or swaps of neighbours lead from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  // Words of a command line are short; a pasted text is no typing mistake and need not be measured.
  if (a.length > 100 || b.length > 100) return a === b ? 0 : Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
