// Calls an answer function without a network. Query and reply lie at odd offsets inside larger buffers, which shows a
// forgotten offset or a byte written outside the reply.
import type { Answerer } from "../../../src/answer/answerer.ts";
import { KnownClient } from "../../../src/answer/client.ts";
import type { Client, ClientTransport } from "../../../src/answer/client.ts";
import type { Message, Query } from "../wire.ts";
import { readMessage, writeQuery } from "../wire.ts";

const QUERY_START = 5;
const REPLY_START = 9;
const GUARD = 0xa5;
const GUARD_SIZE = 64;

/** The reply's bytes, undefined for none; throws when a byte outside the room of `roomSize` was written. */
export function askBytes(
  answerer: Answerer,
  query: Uint8Array,
  from: Client | ClientTransport = "udp",
  roomSize = transportOf(from) === "udp" ? 1232 : 65_535,
): Buffer | undefined {
  const held = Buffer.alloc(QUERY_START + query.length + GUARD_SIZE, 0x3f);
  held.set(query, QUERY_START);
  const room = Buffer.alloc(REPLY_START + roomSize + GUARD_SIZE, GUARD);
  const size = answerer.answer(held, QUERY_START, QUERY_START + query.length, room, REPLY_START, clientFrom(from));
  if (size < 0 || size > roomSize) throw new Error(`a reply of ${size} bytes in a room of ${roomSize}`);
  const outside = Buffer.concat([room.subarray(0, REPLY_START), room.subarray(REPLY_START + roomSize)]);
  if (outside.some((byte) => byte !== GUARD)) throw new Error("a byte outside the reply's room was written");
  if (held.subarray(QUERY_START, QUERY_START + query.length).compare(query) !== 0)
    throw new Error("the query was written");
  return size === 0 ? undefined : Buffer.from(room.subarray(REPLY_START, REPLY_START + size));
}

function transportOf(from: Client | ClientTransport): ClientTransport {
  return typeof from === "string" ? from : from.transport;
}

/** A client of which nothing is known but its transport, where no more is given. */
export function clientFrom(from: Client | ClientTransport): Client {
  return typeof from === "string" ? new KnownClient(from) : from;
}

/** The reply, read by the tests' decoder; throws when there is none, or when it does not fit the question. */
export function ask(
  answerer: Answerer,
  query: Query,
  from: Client | ClientTransport = "udp",
  roomSize?: number,
): Message {
  const bytes = writeQuery(query);
  const reply = askBytes(answerer, bytes, from, roomSize);
  if (reply === undefined) throw new Error("no reply");
  const message = readMessage(reply);
  if (!message.flags.qr || message.id !== bytes.readUInt16BE(0)) throw new Error("a reply to something else");
  return message;
}

/** `rcode` and the records as `section owner ttl type rdata`, the sections in the message's order. */
export function shown(message: Message): readonly string[] {
  const lines = (section: string, records: Message["answer"]): string[] =>
    records.map(({ owner, ttl, type, rdata }) => `${section} ${owner} ${ttl} ${type} ${rdata}`);
  return [
    message.rcode,
    ...lines("answer", message.answer),
    ...lines("authority", message.authority),
    ...lines("additional", message.additional),
  ];
}
