// A record of an answered query as its readers see it: a view of the ring, which is moved from record to record.
// Readers copy what they keep. Texts are made on demand, once for all readers.
import type { Cause } from "../answer/answer-note.ts";
import type { ClientTransport } from "../answer/client.ts";
import { formatName } from "../dns/name.ts";
import { formatIp } from "../net/ip.ts";
import { padded, RECORD, RECORD_BIT, TRANSPORTS } from "./record-layout.ts";
import type { ReplyClass } from "./record-layout.ts";

export class QueryRecord {
  #words: Int32Array = new Int32Array(0);
  #doubles: Float64Array = new Float64Array(0);
  #bytes: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** The word at which the record begins. */
  #at = 0;
  #name: string | undefined;
  #address: string | undefined;

  /** Moves the view to the record at byte `at` of a ring. */
  attach(words: Int32Array, doubles: Float64Array, bytes: Buffer<ArrayBufferLike>, at: number): void {
    this.#words = words;
    this.#doubles = doubles;
    this.#bytes = bytes;
    this.#at = at >> 2;
    this.#name = undefined;
    this.#address = undefined;
  }

  /** Bytes of the record in the ring. */
  get size(): number {
    return this.#word(RECORD.SIZE);
  }

  /** The random number by which the query was sampled; see `Demand`. */
  get draw(): number {
    return this.#word(RECORD.DRAW);
  }

  /** When the query came, milliseconds since 1970. */
  get timeMs(): number {
    return this.#doubles[(this.#at + RECORD.TIME) >> 1]!;
  }

  /** From the query to the answer, milliseconds. */
  get durationMs(): number {
    return this.#doubles[(this.#at + RECORD.DURATION) >> 1]!;
  }

  get id(): number {
    return this.#word(RECORD.ID) & 0xffff;
  }

  /** The client's port; 0 for an unknown one. */
  get port(): number {
    return this.#word(RECORD.ID) >>> 16;
  }

  /** The client's address, as `Client.readAddress` gives it. */
  get addressBytes(): Uint8Array {
    const at = (this.#at + RECORD.ADDRESS) * 4;
    return this.#bytes.subarray(at, at + ((this.#word(RECORD.SIZES) >>> 8) & 0xff));
  }

  /** The client's address in canonical form; empty for an unknown one. */
  get address(): string {
    this.#address ??= this.addressBytes.length === 0 ? "" : formatIp(this.addressBytes);
    return this.#address;
  }

  get transport(): ClientTransport {
    return TRANSPORTS[(this.#word(RECORD.KIND) >>> 16) & 0xff]!;
  }

  /** Whether the query has a question that can be read. Without one there are no name, type and class. */
  get hasQuestion(): boolean {
    return this.#has(RECORD_BIT.HAS_QUESTION);
  }

  /** The question's name in wire form, lower case; empty without a question. */
  get nameBytes(): Uint8Array {
    return this.#bytes.subarray(this.#nameAt, this.#nameAt + this.#nameSize);
  }

  /** The question's name as text with a final dot, lower case; empty without a question. */
  get name(): string {
    this.#name ??= this.#nameSize === 0 ? "" : formatName(this.#bytes, this.#nameAt);
    return this.#name;
  }

  get type(): number {
    return this.#word(RECORD.TYPE) & 0xffff;
  }

  get class(): number {
    return this.#word(RECORD.TYPE) >>> 16;
  }

  /** Bytes 2 and 3 of the query's header, the first one in the upper half. */
  get queryFlags(): number {
    const flags = this.#word(RECORD.FLAGS);
    return ((flags & 0xff) << 8) | ((flags >>> 8) & 0xff);
  }

  /** The same of the reply. */
  get replyFlags(): number {
    const flags = this.#word(RECORD.FLAGS) >>> 16;
    return ((flags & 0xff) << 8) | (flags >>> 8);
  }

  get querySize(): number {
    return this.#word(RECORD.QUERY_SIZE) & 0xffff;
  }

  get replySize(): number {
    return this.#word(RECORD.REPLY_SIZE) & 0xffff;
  }

  /** Records in the answer section. */
  get answers(): number {
    return this.#word(RECORD.REPLY_SIZE) >>> 16;
  }

  get hasOpt(): boolean {
    return this.#has(RECORD_BIT.HAS_OPT);
  }

  get dnssecOk(): boolean {
    return this.#has(RECORD_BIT.DNSSEC_OK);
  }

  /** The size of UDP replies that the query's OPT offers. */
  get udpSize(): number {
    return this.#word(RECORD.QUERY_SIZE) >>> 16;
  }

  /** All 12 bits. */
  get rcode(): number {
    return this.#word(RECORD.RCODE) & 0xffff;
  }

  /** Code of the extended error; undefined: none. */
  get ede(): number | undefined {
    const ede = (this.#word(RECORD.RCODE) >>> 16) - 1;
    return ede < 0 ? undefined : ede;
  }

  get replyClass(): ReplyClass {
    return (this.#word(RECORD.KIND) >>> 24) as ReplyClass;
  }

  get cause(): Cause {
    return ((this.#word(RECORD.KIND) >>> 8) & 0xff) as Cause;
  }

  /** The query's bytes; undefined: they were not wanted. */
  get query(): Uint8Array | undefined {
    return this.#message(0, this.querySize);
  }

  get reply(): Uint8Array | undefined {
    return this.#message(this.querySize, this.replySize);
  }

  #word(field: number): number {
    return this.#words[this.#at + field]!;
  }

  #has(bit: number): boolean {
    return (this.#word(RECORD.KIND) & bit) !== 0;
  }

  get #nameSize(): number {
    return this.#word(RECORD.SIZES) & 0xff;
  }

  get #nameAt(): number {
    return (this.#at + RECORD.NAME) * 4;
  }

  #message(from: number, size: number): Uint8Array | undefined {
    if (!this.#has(RECORD_BIT.HAS_MESSAGES)) return undefined;
    const at = this.#nameAt + padded(this.#nameSize) + from;
    return this.#bytes.subarray(at, at + size);
  }
}
