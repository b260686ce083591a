// The SOA of a zone in the table's memory, without the serial, which changes with every publication.
// Layout in layout.ts; SOA RDATA as in RFC 1035 3.3.13.
import { evenWords } from "./entry.ts";
import { ZONE_SOA } from "./layout.ts";

/** The fields of an SOA but the serial; names in wire form. */
export interface ZoneSoa {
  readonly ttlSeconds: number;
  /** TTL of the SOA in negative answers. */
  readonly negativeTtlSeconds: number;
  readonly mname: Uint8Array;
  readonly rname: Uint8Array;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
  readonly minimumSeconds: number;
}

/** The record's bytes; words are in the machine's byte order. */
export function formatZoneSoa(zone: ZoneSoa): Uint8Array {
  const tail = rnameTail(zone.mname, zone.rname);
  const rname = tail === undefined ? zone.rname : zone.rname.subarray(0, tail.rnameKept);
  const bytes = new Uint8Array(evenWords(ZONE_SOA.BYTES + ((zone.mname.length + rname.length + 16 + 3) >> 2)) * 4);
  const words = new Int32Array(bytes.buffer);
  words[ZONE_SOA.TTL] = zone.ttlSeconds;
  words[ZONE_SOA.NEGATIVE_TTL] = zone.negativeTtlSeconds;
  words[ZONE_SOA.MNAME_SIZE] = zone.mname.length;
  words[ZONE_SOA.RNAME_SIZE] = rname.length;
  words[ZONE_SOA.RNAME_TAIL] = tail === undefined ? -1 : tail.mnameOffset;
  let at = ZONE_SOA.BYTES * 4;
  bytes.set(zone.mname, at);
  bytes.set(rname, (at += zone.mname.length));
  at += rname.length;
  for (const value of [zone.refreshSeconds, zone.retrySeconds, zone.expireSeconds, zone.minimumSeconds]) {
    for (let shift = 24; shift >= 0; shift -= 8) bytes[at++] = value >>> shift;
  }
  return bytes;
}

/** The rdata of the record at the word offset `at`, with this serial. */
export function readSoaRdata(words: Int32Array, bytes: Uint8Array, at: number, serial: number): Uint8Array {
  const mnameStart = (at + ZONE_SOA.BYTES) * 4;
  const rnameStart = mnameStart + words[at + ZONE_SOA.MNAME_SIZE]!;
  const timesStart = rnameStart + words[at + ZONE_SOA.RNAME_SIZE]!;
  const tail = words[at + ZONE_SOA.RNAME_TAIL]!;
  const mname = bytes.subarray(mnameStart, rnameStart);
  const rname = bytes.subarray(rnameStart, timesStart);
  const rest = tail === -1 ? new Uint8Array(0) : mname.subarray(tail);
  const serialBytes = Uint8Array.of(serial >>> 24, serial >>> 16, serial >>> 8, serial);
  return new Uint8Array(Buffer.concat([mname, rname, rest, serialBytes, bytes.subarray(timesStart, timesStart + 16)]));
}

/** Size of the record at `at`, words. */
export function zoneSoaWords(words: Int32Array, at: number): number {
  const byteSize = words[at + ZONE_SOA.MNAME_SIZE]! + words[at + ZONE_SOA.RNAME_SIZE]! + 16;
  return evenWords(ZONE_SOA.BYTES + ((byteSize + 3) >> 2));
}

/** The longest tail that RNAME shares with MNAME, to be written as a pointer (RFC 1035 4.1.4). */
function rnameTail(mname: Uint8Array, rname: Uint8Array): { rnameKept: number; mnameOffset: number } | undefined {
  for (let at = 0; rname[at] !== 0; at += 1 + rname[at]!) {
    const tail = rname.subarray(at);
    const mnameOffset = mname.length - tail.length;
    if (
      mnameOffset >= 0 &&
      Buffer.compare(tail, mname.subarray(mnameOffset)) === 0 &&
      startsLabel(mname, mnameOffset)
    ) {
      return { rnameKept: at, mnameOffset };
    }
  }
  return undefined;
}

function startsLabel(name: Uint8Array, offset: number): boolean {
  let at = 0;
  while (at < offset) at += 1 + name[at]!;
  return at === offset;
}
