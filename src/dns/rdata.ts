// RDATA of the record types that this server makes, as bytes. Names inside are never compressed here (RFC 2782
// forbids it for SRV targets, RFC 3597 4 for all newer types).
import { assert } from "../std/assert.ts";

/** SRV (RFC 2782): priority, weight, port, target; `target` in wire form. */
export function srvRdata(priority: number, weight: number, port: number, target: Uint8Array): Uint8Array {
  const rdata = new Uint8Array(SRV_TARGET_OFFSET + target.length);
  writeUint16(rdata, 0, priority);
  writeUint16(rdata, 2, weight);
  writeUint16(rdata, 4, port);
  rdata.set(target, SRV_TARGET_OFFSET);
  return rdata;
}

/** Where the target begins in SRV RDATA, bytes. */
export const SRV_TARGET_OFFSET = 6;

/** TXT (RFC 1035 3.3.14) of one character string; ASCII, at most 255 bytes. */
export function txtRdata(text: string): Uint8Array {
  assert(text.length <= 255, "a TXT character string holds 255 bytes");
  return Uint8Array.from([text.length, ...Buffer.from(text, "latin1")]);
}

function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
