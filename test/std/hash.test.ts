import { describe, expect, test } from "vitest";
import { hashBytes } from "../../src/std/hash.ts";

/** HalfSipHash-1-3 written from its definition with rounds as a function: slow, and easy to compare with the paper. */
function reference(bytes: Uint8Array, k0: number, k1: number): number {
  const rotl = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
  const v = [k0 | 0, k1 | 0, 0x6c796765 ^ k0, 0x74656462 ^ k1];
  const round = (): void => {
    v[0] = (v[0]! + v[1]!) | 0;
    v[1] = rotl(v[1]!, 5) ^ v[0];
    v[0] = rotl(v[0], 16);
    v[2] = (v[2]! + v[3]!) | 0;
    v[3] = rotl(v[3]!, 8) ^ v[2];
    v[0] = (v[0] + v[3]) | 0;
    v[3] = rotl(v[3], 7) ^ v[0];
    v[2] = (v[2] + v[1]) | 0;
    v[1] = rotl(v[1], 13) ^ v[2];
    v[2] = rotl(v[2], 16);
  };
  const padded = Buffer.alloc((bytes.length & ~3) + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let at = 0; at < padded.length; at += 4) {
    v[3]! ^= padded.readInt32LE(at);
    round();
    v[0]! ^= padded.readInt32LE(at);
  }
  v[2]! ^= 0xff;
  for (let i = 0; i < 3; i++) round();
  return v[1]! ^ v[3]!;
}

describe("hashBytes", () => {
  test.each([0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 254, 255])("equals the definition for %i bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
    for (const [k0, k1] of [
      [0, 0],
      [1, 2],
      [0x03020100, 0x07060504],
      [-1, 0x7fffffff],
    ] as const) {
      expect(hashBytes(bytes, 0, length, k0, k1)).toBe(reference(bytes, k0, k1));
    }
  });

  test("reads only the given range", () => {
    const bytes = Uint8Array.from([9, 9, 1, 2, 3, 4, 5, 9, 9]);
    expect(hashBytes(bytes, 2, 7, 5, 6)).toBe(hashBytes(Uint8Array.from([1, 2, 3, 4, 5]), 0, 5, 5, 6));
  });

  test("depends on the key", () => {
    const bytes = Uint8Array.from([1, 2, 3, 4, 5]);
    expect(new Set([0, 1, 2, 3].map((key) => hashBytes(bytes, 0, 5, key, 7))).size).toBe(4);
  });
});
