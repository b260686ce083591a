// How long a reply may be kept by HTTP caches (RFC 8484 5.1; RFC 2308 5 for negative answers).
// Safe on any bytes: it reads what the reply's own length bounds, and follows no compression pointer.
import { HEADER_SIZE, RCODE, TYPE } from "../dns/constants.ts";

/** From a record's type to its rdata: type, class, TTL, RDLENGTH. */
const FIXED_SIZE = 10;
/** RFC 2181 8: a TTL with the highest bit set is none. */
const TTL_MAX = 0x7fff_ffff;

interface Cursor {
  readonly bytes: DataView;
  at: number;
}

/**
 * The seconds for which the reply in `message` is fresh: the least TTL of its answers, and of a negative one also what
 * its SOA allows. Undefined where it says neither, or is an error, or no DNS message.
 */
export function freshnessOf(message: Uint8Array): number | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const bytes = new DataView(message.buffer, message.byteOffset, message.length);
  const rcode = bytes.getUint8(3) & 0x0f;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return undefined;

  const cursor: Cursor = { bytes, at: HEADER_SIZE };
  for (let left = bytes.getUint16(4); left > 0; left--) {
    if (!skipName(cursor) || cursor.at + 4 > bytes.byteLength) return undefined;
    cursor.at += 4;
  }
  let least: number | undefined;
  const answers = bytes.getUint16(6);
  const records = answers + bytes.getUint16(8);
  for (let i = 0; i < records; i++) {
    const seconds = readSeconds(cursor, i >= answers);
    if (seconds === "malformed") return undefined;
    if (seconds !== undefined) least = Math.min(least ?? seconds, seconds);
  }
  return least;
}

/** What the record at the cursor allows, and on to the next; of the authority section only an SOA says anything. */
function readSeconds(cursor: Cursor, isAuthority: boolean): number | undefined | "malformed" {
  const { bytes } = cursor;
  if (!skipName(cursor) || cursor.at + FIXED_SIZE > bytes.byteLength) return "malformed";
  const type = bytes.getUint16(cursor.at);
  const ttl = readTtl(bytes, cursor.at + 4);
  const size = bytes.getUint16(cursor.at + 8);
  cursor.at += FIXED_SIZE + size;
  if (cursor.at > bytes.byteLength) return "malformed";
  if (!isAuthority) return ttl;
  if (type !== TYPE.SOA) return undefined;
  // MINIMUM is the last of an SOA's rdata: the names before it need no reading.
  return size < 4 ? "malformed" : Math.min(ttl, readTtl(bytes, cursor.at - 4));
}

function readTtl(bytes: DataView, at: number): number {
  const ttl = bytes.getUint32(at);
  return ttl > TTL_MAX ? 0 : ttl;
}

function skipName(cursor: Cursor): boolean {
  const { bytes } = cursor;
  while (cursor.at < bytes.byteLength) {
    const length = bytes.getUint8(cursor.at);
    if (length >= 0xc0) {
      cursor.at += 2;
      return true;
    }
    cursor.at += 1 + length;
    if (length === 0) return true;
  }
  return false;
}
