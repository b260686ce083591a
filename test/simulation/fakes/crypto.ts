// The randomness of node:crypto, from the seed.
import { world } from "../world.ts";

export function randomInt(low: number, high?: number): number {
  const [from, to] = high === undefined ? [0, low] : [low, high];
  return from + world().random.below(to - from);
}

export const randomBytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => randomInt(256)));

/** No simulated upstream has TLS; these are there for whoever imports them. */
export const { createHash, createPrivateKey, X509Certificate } = process.getBuiltinModule("node:crypto");
