// The parts of pods' names that an API server draws at random, drawn here from a hash of the workload instead: they are
// the same after a restart, in another order of the files, and whatever the number of pods.
// Kubernetes: apimachinery's `rand.SafeEncodeString` and `names.SimpleNameGenerator`.
import { fnv1a } from "../../std/fnv1a.ts";

/** No vowels and none of 0, 1, 3: no words come out. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_CHARACTERS = 5;
const SUFFIX_COUNT = ALPHABET.length ** SUFFIX_CHARACTERS;
/** Coprime to the count, so that no two indices meet, and far from 0 and from the count, so that neighbours differ. */
const SUFFIX_STEP = 8_868_113;
/** A host name's label, less the suffix. */
const PREFIX_CHARACTERS = 63 - SUFFIX_CHARACTERS;
const HASH_DIGITS = 10;

/** `prefix`, cut as an API server cuts it, and five characters: those of `seed`'s pod number `index` (from 0). */
export function generatedName(prefix: string, seed: string, index: number): string {
  let rest = (fnv1a(seed) + index * SUFFIX_STEP) % SUFFIX_COUNT;
  let suffix = "";
  for (let i = 0; i < SUFFIX_CHARACTERS; i++) {
    suffix += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return prefix.slice(0, PREFIX_CHARACTERS) + suffix;
}

/** As `generatedName`, for a pod of a Job's completion index: where the name is long, it is cut before the index. */
export function generatedIndexedName(jobName: string, seed: string, index: number): string {
  const tail = `-${index}-`;
  return generatedName(jobName.slice(0, PREFIX_CHARACTERS - tail.length) + tail, seed, index);
}

/** What stands for the hash of a Deployment's pod template: ten characters. Not of the template, so that names last. */
export function templateHash(seed: string): string {
  const digits = String(fnv1a(`${seed}#template`)).padStart(HASH_DIGITS, "0");
  return [...digits].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join("");
}
