// How long HTTP caches may keep a reply (RFC 8484 5.1; RFC 2308 5 for negative answers).
// Safe on any bytes: it reads nothing beyond the message and follows no compression pointer.
import { HEADER_SIZE, RCODE, TYPE } from "../dns/constants.ts";

/** Bytes of a record between its owner name and its rdata: type, class, TTL, RDLENGTH. */
const FIXED_SIZE = 10;
/** A TTL with the highest bit set counts as 0 (RFC 2181 8). */
const TTL_MAX = 0x7fff_ffff;

interface Cursor {
  readonly bytes: DataView;
  at: number;
}

/**
 * The seconds for which the reply in `message` is fresh: the lowest TTL of its answer section, for a negative answer
 * that of its SOA. Undefined without either, for an rcode that is an error, and for malformed messages.
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
  let lowest: number | undefined;
  const answers = bytes.getUint16(6);
  const records = answers + bytes.getUint16(8);
  for (let i = 0; i < records; i++) {
    const seconds = readSeconds(cursor, i >= answers);
    if (seconds === "malformed") return undefined;
    if (seconds !== undefined) lowest = Math.min(lowest ?? seconds, seconds);
  }
  return lowest;
}

/** The seconds that the record at the cursor allows; undefined if it is not an SOA in the authority section. */
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
  // MINIMUM is the last field of an SOA's rdata, so the names before it can be skipped.
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
