// Records of answered queries: writes them by hand, and reads what a ring holds as plain values.
import { CAUSE, newAnswerNote } from "../../../src/answer/answer-note.ts";
import type { AnswerNote } from "../../../src/answer/answer-note.ts";
import { KnownClient } from "../../../src/answer/client.ts";
import type { ClientTransport } from "../../../src/answer/client.ts";
import { parseIp } from "../../../src/net/ip.ts";
import { QueryRecord } from "../../../src/query-log/query-record.ts";
import { TIMES } from "../../../src/query-log/record-layout.ts";
import { RingReader } from "../../../src/query-log/ring-reader.ts";
import { RingWriter } from "../../../src/query-log/ring-writer.ts";

/** An answered query; what is left out is that of an ordinary one. */
export interface AnsweredQuery {
  readonly query: Uint8Array;
  readonly reply: Uint8Array;
  readonly transport?: ClientTransport;
  readonly address?: string;
  readonly port?: number;
  readonly note?: Partial<AnswerNote>;
  readonly draw?: number;
  readonly timeMs?: number;
  readonly durationMs?: number;
  readonly hasMessages?: boolean;
}

export function writeRecord(writer: RingWriter, answered: AnsweredQuery): void {
  const { query, reply, transport = "udp", address = "10.244.1.7", port = 40_000 } = answered;
  const { note, draw = 0, timeMs = 1_700_000_000_123, durationMs = 0.25, hasMessages = false } = answered;
  const client = new KnownClient(transport, parseIp(address), port);
  const whole = { ...newAnswerNote(), cause: CAUSE.LOCAL, ...note };
  writer.times[TIMES.AT] = timeMs;
  writer.times[TIMES.DURATION] = durationMs;
  writer.write(query, 0, query.length, reply, 0, reply.length, client, whole, draw, hasMessages);
}

/** Calls `take` with the record of that answered query. */
export function withRecord<T>(answered: AnsweredQuery, take: (record: QueryRecord) => T): T {
  const ring = new SharedArrayBuffer(128 + (1 << 18));
  writeRecord(new RingWriter(ring), answered);
  let result: { readonly value: T } | undefined;
  new RingReader(ring).read(new QueryRecord(), 1, (record) => (result = { value: take(record) }));
  if (result === undefined) throw new Error("no record");
  return result.value;
}
