// Records of queries as messages of dnstap (dnstap.proto in https://github.com/dnstap/dnstap.pb) in frames: for each a
// CLIENT_QUERY and a CLIENT_RESPONSE with the bytes of both. Of Protocol Buffers it writes what these messages have:
// varints, fixed32 and bytes.
import type { ClientTransport } from "../answer/client.ts";
import type { QueryRecord } from "../query-log/query-record.ts";

const FAMILY = { INET: 1, INET6: 2 } as const;
const PROTOCOL: Readonly<Record<ClientTransport, number>> = { udp: 1, tcp: 2, tls: 3, https: 4 };
const MESSAGE_TYPE = { CLIENT_QUERY: 5, CLIENT_RESPONSE: 6 } as const;
/** Field numbers. */
const DNSTAP = { IDENTITY: 1, VERSION: 2, MESSAGE: 14, TYPE: 15 } as const;
const DNSTAP_MESSAGE = 1;
const MESSAGE = {
  TYPE: 1,
  SOCKET_FAMILY: 2,
  SOCKET_PROTOCOL: 3,
  QUERY_ADDRESS: 4,
  QUERY_PORT: 6,
  QUERY_TIME_SEC: 8,
  QUERY_TIME_NSEC: 9,
  QUERY_MESSAGE: 10,
  RESPONSE_TIME_SEC: 12,
  RESPONSE_TIME_NSEC: 13,
  RESPONSE_MESSAGE: 14,
} as const;
/** Types of fields on the wire. */
const WIRE = { VARINT: 0, BYTES: 2, FIXED32: 5 } as const;

/** A message of DNS, and what is told of it. */
const MESSAGE_BYTES_MAX = 65_535 + 256;
const LENGTH_SIZE = 4;

/** Who tells. */
export interface DnstapIdentity {
  readonly identity: string;
  readonly version: string;
}

export class DnstapEncoder {
  readonly #message = new FieldWriter(MESSAGE_BYTES_MAX);
  readonly #frame: FieldWriter;
  readonly #identity: Buffer;
  readonly #version: Buffer;

  constructor({ identity, version }: DnstapIdentity) {
    this.#identity = Buffer.from(identity);
    this.#version = Buffer.from(version);
    this.#frame = new FieldWriter(LENGTH_SIZE + MESSAGE_BYTES_MAX + this.#identity.length + this.#version.length + 32);
  }

  /** The frame of the query, valid until the next call. */
  encodeQuery(record: QueryRecord): Buffer {
    const message = this.#beginMessage(record, MESSAGE_TYPE.CLIENT_QUERY);
    if (record.query !== undefined) message.bytes(MESSAGE.QUERY_MESSAGE, record.query);
    return this.#toFrame();
  }

  /** The same of the response, which also has the time of its query. */
  encodeResponse(record: QueryRecord): Buffer {
    const message = this.#beginMessage(record, MESSAGE_TYPE.CLIENT_RESPONSE);
    message.time(MESSAGE.RESPONSE_TIME_SEC, MESSAGE.RESPONSE_TIME_NSEC, record.timeMs + record.durationMs);
    if (record.reply !== undefined) message.bytes(MESSAGE.RESPONSE_MESSAGE, record.reply);
    return this.#toFrame();
  }

  #beginMessage(record: QueryRecord, type: number): FieldWriter {
    const message = this.#message;
    const { addressBytes } = record;
    message.begin(0);
    message.varint(MESSAGE.TYPE, type);
    message.varint(MESSAGE.SOCKET_FAMILY, addressBytes.length === 16 ? FAMILY.INET6 : FAMILY.INET);
    message.varint(MESSAGE.SOCKET_PROTOCOL, PROTOCOL[record.transport]);
    if (addressBytes.length > 0) message.bytes(MESSAGE.QUERY_ADDRESS, addressBytes);
    message.varint(MESSAGE.QUERY_PORT, record.port);
    message.time(MESSAGE.QUERY_TIME_SEC, MESSAGE.QUERY_TIME_NSEC, record.timeMs);
    return message;
  }

  #toFrame(): Buffer {
    const frame = this.#frame;
    frame.begin(LENGTH_SIZE);
    frame.bytes(DNSTAP.IDENTITY, this.#identity);
    frame.bytes(DNSTAP.VERSION, this.#version);
    frame.bytes(DNSTAP.MESSAGE, this.#message.written);
    frame.varint(DNSTAP.TYPE, DNSTAP_MESSAGE);
    const { written } = frame;
    written.writeUInt32BE(written.length - LENGTH_SIZE);
    return written;
  }
}

/** Writes fields of Protocol Buffers one behind the other. */
class FieldWriter {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#buffer = Buffer.alloc(size);
  }

  /** Begins anew, at `at`. */
  begin(at: number): void {
    this.#at = at;
  }

  get written(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  varint(field: number, value: number): void {
    this.#varint((field << 3) | WIRE.VARINT);
    this.#varint(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint((field << 3) | WIRE.BYTES);
    this.#varint(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** A time in milliseconds as seconds and nanoseconds. */
  time(secondsField: number, nanosecondsField: number, ms: number): void {
    const seconds = Math.floor(ms / 1000);
    this.varint(secondsField, seconds);
    this.#varint((nanosecondsField << 3) | WIRE.FIXED32);
    // To the microsecond: a double has no more of a time since 1970.
    this.#at = this.#buffer.writeUInt32LE(Math.floor((ms - seconds * 1000) * 1000) * 1000, this.#at);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[this.#at++] = (rest % 0x80) | 0x80;
    this.#buffer[this.#at++] = rest;
  }
}
