// The key of a cache entry: owner name in lower case, type, and a byte of flags. The one place that knows its layout.
// Pure. RFC 4035 3.2 and 4.7 (DO and CD change the answer).
import { lowerName, NAME_SIZE_MAX } from "../dns/name.ts";

/** The question that an answer is kept for; `name` is in wire form. */
export interface CacheKey {
  readonly name: Uint8Array;
  readonly type: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

const DNSSEC_OK = 1;
const CHECKING_DISABLED = 2;
/** The type and the flags behind the name. */
const TAIL_SIZE = 3;
/** The largest key, bytes. */
export const CACHE_KEY_SIZE_MAX = NAME_SIZE_MAX + TAIL_SIZE;

/**
 * Writes a key to the first bytes of `into`; returns its size. `name[0, nameSize)` is in wire form, lower case.
 * Allocates nothing.
 */
export function writeCacheKey(
  into: Uint8Array,
  name: Uint8Array,
  nameSize: number,
  type: number,
  dnssecOk: boolean,
  checkingDisabled: boolean,
): number {
  for (let i = 0; i < nameSize; i++) into[i] = name[i]!;
  into[nameSize] = type >>> 8;
  into[nameSize + 1] = type;
  into[nameSize + 2] = (dnssecOk ? DNSSEC_OK : 0) | (checkingDisabled ? CHECKING_DISABLED : 0);
  return nameSize + TAIL_SIZE;
}

/** The key's bytes. */
export function cacheKeyBytes({ name, type, dnssecOk, checkingDisabled }: CacheKey): Uint8Array {
  const bytes = new Uint8Array(name.length + TAIL_SIZE);
  writeCacheKey(bytes, lowerName(name), name.length, type, dnssecOk, checkingDisabled);
  return bytes;
}

/** The key of which these are the bytes. */
export function readCacheKey(bytes: Uint8Array): CacheKey {
  const nameSize = bytes.length - TAIL_SIZE;
  const flags = bytes[nameSize + 2]!;
  return {
    name: bytes.slice(0, nameSize),
    type: (bytes[nameSize]! << 8) | bytes[nameSize + 1]!,
    dnssecOk: (flags & DNSSEC_OK) !== 0,
    checkingDisabled: (flags & CHECKING_DISABLED) !== 0,
  };
}

/** The key as text, for a `Map`. */
export function cacheKeyText(key: CacheKey): string {
  const { buffer, byteOffset, length } = cacheKeyBytes(key);
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}
