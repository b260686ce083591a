// The table's hash: HalfSipHash-1-3 (J.-P. Aumasson, D. Bernstein: "SipHash: a fast short-input PRF", 32-bit variant).
// Keyed: without the key, colliding names cannot be chosen; plain multiplicative hashes have collisions for every seed.
// Uses 32-bit integers only, so it allocates nothing.

/** Hashes `bytes[start, end)` to a 32-bit integer under the key `(k0, k1)`. Hot loop: one function on purpose. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, k0: number, k1: number): number {
  let v0 = k0 | 0;
  let v1 = k1 | 0;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const length = end - start;
  const wordsEnd = start + (length & ~3);
  let at = start;
  for (; at < wordsEnd; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  let tail = (length & 0xff) << 24;
  if (at < end) tail |= bytes[at]!;
  if (at + 1 < end) tail |= bytes[at + 1]! << 8;
  if (at + 2 < end) tail |= bytes[at + 2]! << 16;
  v3 ^= tail;
  for (let round = 0; round < 4; round++) {
    // The first round is that of the tail word; three rounds of finalization follow.
    if (round === 1) {
      v0 ^= tail;
      v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
