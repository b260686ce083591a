// Reads a query's bytes into fields, for the plain questions that the data plane answers by itself: opcode QUERY,
// one question of class IN, nothing else but at most one OPT of version 0 (RFC 1035 4.1, RFC 6891 6.1).
// Allocates nothing; bounds every read; judges nothing: what is not plain is left to the full parser.
import { CLASS_IN, DNSSEC_OK, FLAG, HEADER_SIZE, MESSAGE_SIZE_MAX, TYPE, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import type { ClientTransport } from "./client.ts";
import { RequestOptions } from "./request-options.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "../dns/name.ts";

export class Query {
  /** The question's name in wire form, lower case, in the first `nameSize` bytes. */
  readonly name: Uint8Array = new Uint8Array(NAME_SIZE_MAX + 1);
  nameSize = 0;
  labelCount = 0;
  type = 0;
  recursionDesired = false;
  /** The client wants to hear whether the answer was validated (RFC 6840 5.7), and what was not (RFC 4035 3.2.2). */
  authenticData = false;
  checkingDisabled = false;
  hasOpt = false;
  dnssecOk = false;
  /** The client's UDP size, bytes, as it says. */
  udpSize = 0;
  /** Where its last record ends in the bytes it was read from; more may follow, and means nothing. */
  end = 0;
  /** What the OPT's options ask for; nothing without an OPT. */
  readonly options = new RequestOptions();

  /** Largest reply over that transport, bytes, where UDP replies have at most `ednsSize`. */
  replySizeMax(transport: ClientTransport, ednsSize: number): number {
    if (transport !== "udp") return MESSAGE_SIZE_MAX;
    if (!this.hasOpt || this.udpSize <= UDP_SIZE_PLAIN) return UDP_SIZE_PLAIN;
    return this.udpSize < ednsSize ? this.udpSize : ednsSize;
  }

  /** True when the query in `bytes[start, end)` is a plain question; the fields then describe it. */
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

  /** Copies the name at `at`, folding A-Z; returns where it ends, 0 when it is no plain name. */
  #readName(bytes: Uint8Array, at: number, end: number): number {
    const name = this.name;
    let size = 0;
    let labels = 0;
    for (;;) {
      if (at >= end) return 0;
      const length = bytes[at++]!;
      name[size++] = length;
      if (length === 0) break;
      if (length > LABEL_SIZE_MAX || at + length > end || size + length >= NAME_SIZE_MAX) return 0;
      labels++;
      for (const labelEnd = at + length; at < labelEnd; at++) {
        const byte = bytes[at]!;
        name[size++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
      }
    }
    this.nameSize = size;
    this.labelCount = labels;
    return at;
  }

  #readOpt(bytes: Uint8Array, at: number, end: number): boolean {
    if (at + 11 > end || bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== TYPE.OPT) return false;
    // Extended rcode and version.
    if (bytes[at + 5] !== 0 || bytes[at + 6] !== 0) return false;
    this.udpSize = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    this.dnssecOk = (bytes[at + 7]! & DNSSEC_OK) !== 0;
    const optionsEnd = at + 11 + ((bytes[at + 9]! << 8) | bytes[at + 10]!);
    if (optionsEnd > end) return false;
    this.end = optionsEnd;
    return optionsEnd === at + 11 || this.options.read(bytes, at + 11, optionsEnd);
  }
}
