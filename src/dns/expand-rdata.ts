// RDATA out of another server's message, with the names inside written out: the types whose names may be compressed
// (RFC 1035 3.3, RFC 3597 4), and addresses of the right size; everything else goes on byte by byte.
// Pure, and total on any bytes.
import { compressedNameEnd, readName } from "./name.ts";

/** RDATA as fixed bytes, then character strings, then names, then `rest` bytes (-1: any number). */
interface RdataShape {
  readonly fixed: number;
  readonly strings: number;
  readonly names: number;
  readonly rest: number;
}

const shape = (fixed: number, names: number, rest = 0, strings = 0): RdataShape => ({ fixed, strings, names, rest });

const SHAPES: ReadonlyMap<number, RdataShape> = new Map([
  // NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME
  ...[2, 3, 4, 5, 7, 8, 9, 12, 39].map((type) => [type, shape(0, 1)] as const),
  // A, AAAA
  [1, shape(4, 0)],
  [28, shape(16, 0)],
  // SOA
  [6, shape(0, 2, 20)],
  // MINFO, RP
  [14, shape(0, 2)],
  [17, shape(0, 2)],
  // MX, AFSDB, RT, KX
  ...[15, 18, 21, 36].map((type) => [type, shape(2, 1)] as const),
  // SIG, PX, NXT, SRV, NAPTR
  [24, shape(18, 1, -1)],
  [26, shape(2, 2)],
  [30, shape(0, 1, -1)],
  [33, shape(6, 1)],
  [35, shape(4, 1, 0, 3)],
]);

/** The RDATA of a record of `type` that lies in `message[at, end)`, a copy; undefined when its names do not fit. */
export function expandRdata(message: Uint8Array, type: number, at: number, end: number): Uint8Array | undefined {
  const layout = SHAPES.get(type);
  if (layout === undefined) return new Uint8Array(message.subarray(at, end));
  let nameAt = at + layout.fixed;
  for (let i = 0; i < layout.strings; i++) nameAt += 1 + (message[nameAt] ?? 0);
  if (nameAt > end) return undefined;
  const parts: Uint8Array[] = [message.subarray(at, nameAt)];
  for (let i = 0; i < layout.names; i++) {
    const name = readName(message, nameAt);
    const nameEnd = compressedNameEnd(message, nameAt);
    if (name === undefined || nameEnd === undefined || nameEnd > end) return undefined;
    parts.push(name);
    nameAt = nameEnd;
  }
  if (layout.rest >= 0 && end - nameAt !== layout.rest) return undefined;
  parts.push(message.subarray(nameAt, end));
  return new Uint8Array(Buffer.concat(parts));
}
