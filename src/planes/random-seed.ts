// Randomness for seeds of hashes and rotations.
// Not for secrets.
import { randomInt } from "node:crypto";

/** A random 32-bit integer. */
export function randomSeed(): number {
  return randomInt(0x1_0000_0000) | 0;
}
