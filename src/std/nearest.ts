// "Did you mean": finds the candidate nearest to a mistyped word by optimal string alignment distance (insertions,
// deletions, substitutions, swaps of neighbours).

const WORD_LENGTH_MAX = 100;

/** The candidate nearest to `word`, the first of equals; undefined when none is near enough for a typing mistake. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    // Up to about a third of the letters may differ; a suggestion beyond that misleads.
    const limit = Math.max(1, Math.ceil(Math.max(typed.length, candidate.length) / 3));
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Text to append to an error: `; did you mean X?`, or empty when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? "" : `; did you mean ${candidate}?`;
}

/** The number of single-letter edits and swaps of neighbours that lead from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  // A longer word is pasted text, not a typing mistake.
  if (a.length > WORD_LENGTH_MAX || b.length > WORD_LENGTH_MAX) return a === b ? 0 : Infinity;
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
