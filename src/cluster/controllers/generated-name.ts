// The random parts of pod names, derived from a hash of the workload where an API server draws them at random: names
// stay the same over restarts, for any order of files and any number of pods.
// Kubernetes: apimachinery's `rand.SafeEncodeString` and `names.SimpleNameGenerator`.
import { fnv1a } from "../../std/fnv1a.ts";

/** Without vowels and the digits 0, 1 and 3, so that no words result. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_CHARACTERS = 5;
const SUFFIX_COUNT = ALPHABET.length ** SUFFIX_CHARACTERS;
/** Coprime to the count, so that suffixes are unique; far from 0 and the count, so that successive suffixes differ. */
const SUFFIX_STEP = 8_868_113;
/** A DNS label without the suffix. */
const PREFIX_CHARACTERS = 63 - SUFFIX_CHARACTERS;
const HASH_DIGITS = 10;

/** `prefix`, truncated as by an API server, and five characters for pod number `index` (from 0) of `seed`. */
export function generatedName(prefix: string, seed: string, index: number): string {
  let rest = (fnv1a(seed) + index * SUFFIX_STEP) % SUFFIX_COUNT;
  let suffix = "";
  for (let i = 0; i < SUFFIX_CHARACTERS; i++) {
    suffix += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return prefix.slice(0, PREFIX_CHARACTERS) + suffix;
}

/** Like `generatedName`, for a completion index of a Job: a long name is truncated before the index. */
export function generatedIndexedName(jobName: string, seed: string, index: number): string {
  const tail = `-${index}-`;
  return generatedName(jobName.slice(0, PREFIX_CHARACTERS - tail.length) + tail, seed, index);
}

/** Ten characters in place of a Deployment's pod template hash. Independent of the template, so that names persist. */
export function templateHash(seed: string): string {
  const digits = String(fnv1a(`${seed}#template`)).padStart(HASH_DIGITS, "0");
  return [...digits].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join("");
}
