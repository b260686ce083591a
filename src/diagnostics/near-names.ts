// How near a mistyped name is to one that exists: near enough to suggest it, or so near that it must be meant.
// Pure; bounded, as a namespace may have thousands of names.
import { editDistance, nearest } from "../std/nearest.ts";

const CANDIDATES_MAX = 2_000;
/** A shorter word is near to too many others. */
const LENGTH_MIN = 3;
/** Of a word of this length two letters may differ. */
const LONG_LENGTH_MIN = 8;

/** The name nearest to `word` among the first candidates, for an advice. */
export function nearestName(word: string, candidates: readonly string[]): string | undefined {
  return nearest(word, candidates.slice(0, CANDIDATES_MAX));
}

/** The name that must be meant by `word`: one letter differs, two in a long word, and not only in digits. */
export function meantName(word: string, candidates: readonly string[]): string | undefined {
  const found = nearestName(word, candidates);
  if (found === undefined || found === word || word.length < LENGTH_MIN || found.length < LENGTH_MIN) return undefined;
  if (withoutDigits(word) === withoutDigits(found)) return undefined;
  return editDistance(word, found) <= (word.length >= LONG_LENGTH_MIN ? 2 : 1) ? found : undefined;
}

function withoutDigits(name: string): string {
  return name.replaceAll(/\d+/g, "");
}
