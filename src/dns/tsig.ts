// TSIG (RFC 8945): this server holds no keys, so whoever signs a query is told that his key is not known (5.2.1).
// Pure; verifies nothing.
import { CLASS_ANY, TSIG_ERROR, TYPE } from "./constants.ts";
import { nameEnd } from "./name.ts";

/** What of a query's TSIG record comes back in the reply's. */
export interface Tsig {
  /** The key's name, uncompressed. */
  readonly keyName: Uint8Array;
  /** The algorithm's name, uncompressed. */
  readonly algorithm: Uint8Array;
  /** When it was signed, and by how much that may be off: 8 bytes. */
  readonly time: Uint8Array;
}

/** Time signed and fudge. */
const TIME_SIZE = 8;
/** Original id, error, other length. */
const TAIL_SIZE = 6;

/** Reads the TSIG whose owner stands in `message[start, ownerEnd)`; undefined when it is malformed. */
export function readTsig(message: Uint8Array, start: number, ownerEnd: number, recordEnd: number): Tsig | undefined {
  const view = new DataView(message.buffer, message.byteOffset, recordEnd);
  if (nameEnd(message, start) !== ownerEnd || view.getUint16(ownerEnd + 2) !== CLASS_ANY) return undefined;
  const rdata = ownerEnd + 10;
  const time = nameEnd(message, rdata);
  if (time === undefined || time + TIME_SIZE + 2 + TAIL_SIZE > recordEnd) return undefined;
  const macSize = view.getUint16(time + TIME_SIZE);
  const tail = time + TIME_SIZE + 2 + macSize;
  if (tail + TAIL_SIZE > recordEnd || tail + TAIL_SIZE + view.getUint16(tail + 4) !== recordEnd) return undefined;
  return {
    keyName: new Uint8Array(message.subarray(start, ownerEnd)),
    algorithm: new Uint8Array(message.subarray(rdata, time)),
    time: new Uint8Array(message.subarray(time, time + TIME_SIZE)),
  };
}

/** The record, without a signature, that says BADKEY to the query of that id. */
export function badKeyRecord({ keyName, algorithm, time }: Tsig, id: number): Uint8Array {
  const rdataSize = algorithm.length + TIME_SIZE + 2 + TAIL_SIZE;
  const head = [0, TYPE.TSIG, 0, CLASS_ANY, 0, 0, 0, 0, rdataSize >> 8, rdataSize & 0xff];
  const tail = [0, 0, id >> 8, id & 0xff, 0, TSIG_ERROR.BADKEY, 0, 0];
  return Uint8Array.from([...keyName, ...head, ...algorithm, ...time, ...tail]);
}
