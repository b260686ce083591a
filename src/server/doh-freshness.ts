// How long HTTP caches may keep a reply (RFC 8484 5.1; RFC 2308 5 for negative answers).
// Safe on any bytes: it reads nothing beyond the message and follows no compression pointer.
import { HEADER_SIZE, RCODE, TYPE } from "../dns/constants.ts";
import { readRecords } from "../dns/message.ts";

/** A TTL with the highest bit set counts as 0 (RFC 2181 8). */
const TTL_MAX = 0x7fff_ffff;

/**
 * The seconds for which the reply in `message` is fresh: the lowest TTL of its answer section, for a negative answer
 * that of its SOA. Undefined without either, for an rcode that is an error, and for malformed messages.
 */
export function freshnessOf(message: Uint8Array): number | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const bytes = new DataView(message.buffer, message.byteOffset, message.length);
  const rcode = bytes.getUint8(3) & 0x0f;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return undefined;

  let lowest: number | undefined;
  for (const { section, type, ttl, rdataAt, rdataEnd } of readRecords(message) ?? []) {
    const isSoa = section === "authority" && type === TYPE.SOA;
    if (section !== "answer" && !isSoa) continue;
    if (isSoa && rdataEnd - rdataAt < 4) return undefined;
    // MINIMUM is the last field of an SOA's rdata, so the names before it can be skipped.
    const seconds = Math.min(validTtl(ttl), isSoa ? validTtl(bytes.getUint32(rdataEnd - 4)) : TTL_MAX);
    lowest = Math.min(lowest ?? seconds, seconds);
  }
  return lowest;
}

function validTtl(ttl: number): number {
  return ttl > TTL_MAX ? 0 : ttl;
}
