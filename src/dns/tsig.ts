// TSIG (RFC 8945). This server has no keys, so every signed query gets BADKEY (5.2.1).
// Pure; verifies no signatures.
import { CLASS_ANY, TSIG_ERROR, TYPE } from "./constants.ts";
import { nameEnd } from "./name.ts";

/** The fields of a query's TSIG record that the reply's repeats. */
export interface Tsig {
  /** Without compression. */
  readonly keyName: Uint8Array;
  /** Name of the algorithm, without compression. */
  readonly algorithm: Uint8Array;
  /** Time signed and fudge, 8 bytes. */
  readonly time: Uint8Array;
}

/** Size of time signed and fudge, bytes. */
const TIME_SIZE = 8;
/** Size of original id, error and other length, bytes. */
const TAIL_SIZE = 6;

/** Reads the TSIG record with the owner name `message[start, ownerEnd)`; undefined: malformed. */
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

/** The unsigned TSIG record with the error BADKEY, for the reply to the query with this id. */
export function badKeyRecord({ keyName, algorithm, time }: Tsig, id: number): Uint8Array {
  const rdataSize = algorithm.length + TIME_SIZE + 2 + TAIL_SIZE;
  const head = [0, TYPE.TSIG, 0, CLASS_ANY, 0, 0, 0, 0, rdataSize >> 8, rdataSize & 0xff];
  const tail = [0, 0, id >> 8, id & 0xff, 0, TSIG_ERROR.BADKEY, 0, 0];
  return Uint8Array.from([...keyName, ...head, ...algorithm, ...time, ...tail]);
}
