// How long HTTP caches may keep a reply (RFC 8484 5.1; RFC 2308 5 for negative answers).
// Allocates nothing: every reply passes here. Safe on any bytes: it reads nothing beyond the message, and follows no
// compression pointer.
import { HEADER_SIZE, RCODE, TYPE } from "../dns/constants.ts";
import { compressedNameEnd } from "../dns/name.ts";

/** Type, class, TTL and RDLENGTH. */
const RECORD_FIELDS_SIZE = 10;
/** A TTL with the highest bit set counts as 0 (RFC 2181 8). */
const TTL_MAX = 0x7fff_ffff;

/**
 * The seconds for which the reply in `message` is fresh: the lowest TTL of its answer section, for a negative answer
 * that of its SOA. Undefined without either, for an rcode that is an error, and for malformed messages.
 */
export function freshnessOf(message: Uint8Array): number | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const rcode = message[3]! & 0x0f;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return undefined;
  let at = HEADER_SIZE;
  for (let i = read16(message, 4); i > 0; i--) {
    const end = compressedNameEnd(message, at);
    if (end === undefined || end + 4 > message.length) return undefined;
    at = end + 4;
  }
  const answers = read16(message, 6);
  const records = answers + read16(message, 8);
  let lowest: number | undefined;
  for (let i = 0; i < records; i++) {
    const end = compressedNameEnd(message, at);
    if (end === undefined || end + RECORD_FIELDS_SIZE > message.length) return undefined;
    const isSoa = read16(message, end) === TYPE.SOA;
    const ttl = read32(message, end + 4);
    const rdataSize = read16(message, end + 8);
    at = end + RECORD_FIELDS_SIZE + rdataSize;
    if (at > message.length) return undefined;
    const isAnswer = i < answers;
    if (!isAnswer && !isSoa) continue;
    if (!isAnswer && rdataSize < 4) return undefined;
    // MINIMUM is the last field of an SOA's rdata, so the names before it can be skipped.
    const seconds = Math.min(validTtl(ttl), isAnswer ? TTL_MAX : validTtl(read32(message, at - 4)));
    lowest = Math.min(lowest ?? seconds, seconds);
  }
  return lowest;
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function read32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function validTtl(ttl: number): number {
  return ttl > TTL_MAX ? 0 : ttl;
}
