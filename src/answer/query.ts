// Parses plain questions, the ones of the fast path: opcode QUERY, one question of class IN, and no records but an OPT
// of version 0 (RFC 1035 4.1, RFC 6891 6.1). Bounds every read; leaves all other queries to the full parser.
// Allocates nothing after construction.
import { CLASS_IN, FLAG, HEADER_SIZE, MESSAGE_SIZE_MAX, TYPE, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import type { ClientTransport } from "./client.ts";
import { RequestOptions } from "./request-options.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "../dns/name.ts";

export class Query {
  /** The question's name in wire form, lower case, in the first `nameSize` bytes. */
  readonly name: Uint8Array = new Uint8Array(NAME_SIZE_MAX + 1);
  nameSize = 0;
  type = 0;
  recursionDesired = false;
  /** The AD bit: the client wants AD in the reply (RFC 6840 5.7). The CD bit: it takes unvalidated data (RFC 4035). */
  authenticData = false;
  checkingDisabled = false;
  hasOpt = false;
  dnssecOk = false;
  /** UDP size that the client advertises, bytes. */
  udpSize = 0;
  /** Where the message ends in the bytes; the bytes behind it mean nothing. */
  end = 0;
  /** The options of the OPT; none without an OPT. */
  readonly options = new RequestOptions();

  /** Largest reply over that transport, bytes; `ednsSize` limits UDP replies. */
  replySizeMax(transport: ClientTransport, ednsSize: number): number {
    if (transport !== "udp") return MESSAGE_SIZE_MAX;
    if (!this.hasOpt || this.udpSize <= UDP_SIZE_PLAIN) return UDP_SIZE_PLAIN;
    return this.udpSize < ednsSize ? this.udpSize : ednsSize;
  }

  /** Parses `bytes[start, end)` into the fields; false: it is not a plain question. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < HEADER_SIZE + 5) return false;
    if ((bytes[start + 2]! & (FLAG.QR | FLAG.OPCODE)) !== 0) return false;
    // QDCOUNT 1, ANCOUNT 0, NSCOUNT 0, ARCOUNT 0 or 1.
    if (bytes[start + 4] !== 0 || bytes[start + 5] !== 1 || bytes[start + 10] !== 0 || bytes[start + 11]! > 1)
      return false;
    if ((bytes[start + 6]! | bytes[start + 7]! | bytes[start + 8]! | bytes[start + 9]!) !== 0) return false;
    const at = this.#readName(bytes, start + HEADER_SIZE, end);
    if (at === 0 || at + 4 > end) return false;
    this.type = (bytes[at]! << 8) | bytes[at + 1]!;
    if (bytes[at + 2] !== 0 || bytes[at + 3] !== CLASS_IN) return false;
    this.recursionDesired = (bytes[start + 2]! & FLAG.RD) !== 0;
    this.authenticData = (bytes[start + 3]! & FLAG.AD) !== 0;
    this.checkingDisabled = (bytes[start + 3]! & FLAG.CD) !== 0;
    this.hasOpt = bytes[start + 11] === 1;
    this.dnssecOk = false;
    this.options.clear();
    this.end = at + 4;
    return !this.hasOpt || this.#readOpt(bytes, at + 4, end);
  }

  /** Copies the name at `at` in lower case; returns where it ends, 0 for a compressed or malformed name. */
  #readName(bytes: Uint8Array, at: number, end: number): number {
    const name = this.name;
    let size = 0;
    for (;;) {
      if (at >= end) return 0;
      const length = bytes[at++]!;
      name[size++] = length;
      if (length === 0) break;
      if (length > LABEL_SIZE_MAX || at + length > end || size + length >= NAME_SIZE_MAX) return 0;
      for (const labelEnd = at + length; at < labelEnd; at++) {
        const byte = bytes[at]!;
        name[size++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
      }
    }
    this.nameSize = size;
    return at;
  }

  #readOpt(bytes: Uint8Array, at: number, end: number): boolean {
    if (at + 11 > end || bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== TYPE.OPT) return false;
    // Extended rcode and version.
    if (bytes[at + 5] !== 0 || bytes[at + 6] !== 0) return false;
    this.udpSize = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    this.dnssecOk = (bytes[at + 7]! & 0x80) !== 0;
    const optionsEnd = at + 11 + ((bytes[at + 9]! << 8) | bytes[at + 10]!);
    if (optionsEnd > end) return false;
    this.end = optionsEnd;
    return optionsEnd === at + 11 || this.options.read(bytes, at + 11, optionsEnd);
  }
}
