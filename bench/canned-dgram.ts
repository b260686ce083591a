// A responder on node:dgram that says the same to every question: what the fallback transport is measured against.
// Run as a program; tells its port as JSON on standard output. Copies the question and appends one A record.
import { createSocket } from "node:dgram";
import { writeRecord } from "../test/support/wire.ts";

const SLOT_SIZE = 512;
/** More replies than are ever on their way at once. */
const SLOTS = 1024;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const HEADER_SIZE = 12;
/** Its owner is a pointer to the question. */
const RECORD = writeRecord({ owner: Buffer.of(0xc0, 12), type: "A", ttl: 30, rdata: Buffer.of(10, 96, 0, 1) });

const ring = Buffer.alloc(SLOT_SIZE * SLOTS);
let slot = 0;

const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
socket.on("message", (query, { port, address }) => {
  let end = HEADER_SIZE;
  while (query[end] !== 0 && end < query.length) end += 1 + query[end]!;
  end += 5;
  if (end > query.length || end + RECORD.length > SLOT_SIZE) return;
  slot = (slot + 1) % SLOTS;
  const reply = ring.subarray(slot * SLOT_SIZE, slot * SLOT_SIZE + end + RECORD.length);
  query.copy(reply, 0, 0, end);
  reply[2] = 0x84 | (query[2]! & 1);
  reply[3] = 0;
  // One question, one answer, and nothing else.
  reply.writeUInt16BE(1, 6);
  reply.writeUInt32BE(0, 8);
  RECORD.copy(reply, end);
  socket.send(reply, port, address);
});
socket.bind(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: socket.address().port })}\n`);
});
process.once("SIGTERM", () => socket.close());
