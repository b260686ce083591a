// How long a reply may be kept by HTTP caches (RFC 8484 5.1; RFC 2308 5 for negative answers).
// Safe on any bytes: it reads what the reply's own length bounds, and follows no compression pointer.
import { HEADER_SIZE, RCODE, TYPE } from "../dns/constants.ts";
import { readRecords } from "../dns/message.ts";

/** RFC 2181 8: a TTL with the highest bit set is none. */
const TTL_MAX = 0x7fff_ffff;

/**
 * The seconds for which the reply in `message` is fresh: the least TTL of its answers, and of a negative one also what
 * its SOA allows. Undefined where it says neither, or is an error, or no DNS message.
 */
export function freshnessOf(message: Uint8Array): number | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const bytes = new DataView(message.buffer, message.byteOffset, message.length);
  const rcode = bytes.getUint8(3) & 0x0f;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return undefined;

  let least: number | undefined;
  for (const { section, type, ttl, rdataAt, rdataEnd } of readRecords(message) ?? []) {
    const isSoa = section === "authority" && type === TYPE.SOA;
    if (section !== "answer" && !isSoa) continue;
    if (isSoa && rdataEnd - rdataAt < 4) return undefined;
    // MINIMUM is the last of an SOA's rdata: the names before it need no reading.
    const seconds = Math.min(validTtl(ttl), isSoa ? validTtl(bytes.getUint32(rdataEnd - 4)) : TTL_MAX);
    least = Math.min(least ?? seconds, seconds);
  }
  return least;
}

function validTtl(ttl: number): number {
  return ttl > TTL_MAX ? 0 : ttl;
}
