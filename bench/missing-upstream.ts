// An upstream in whose world nothing exists: NXDOMAIN with the SOA of the name's parent, to every question or to one in
// so many. Run as a program: [ONE_IN]; tells its port as JSON on standard output. RFC 2308 3 (negative answers).
import { createSocket } from "node:dgram";
import { writeRecord } from "../test/support/wire.ts";

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const HEADER_SIZE = 12;
/** Of the SOA, and its last field: how long the answer may be remembered. */
const TTL_SECONDS = 300;
/** The SOA without its owner: two roots for names, five numbers. */
const SOA_REST = makeSoa();
const POINTER_SIZE = 2;

const oneIn = Number(process.argv[2] ?? 1);
let asked = 0;

const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
socket.on("message", (query, { port, address }) => {
  if (asked++ % oneIn !== 0) return;
  const reply = formReply(query);
  if (reply !== undefined) socket.send(reply, port, address);
});
socket.bind(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: socket.address().port })}\n`);
});
process.once("SIGTERM", () => socket.close());

function makeSoa(): Buffer {
  const rdata = Buffer.alloc(22);
  for (const [i, value] of [1, 3600, 600, 86_400, TTL_SECONDS].entries()) rdata.writeUInt32BE(value, 2 + i * 4);
  return writeRecord({ owner: Buffer.alloc(0), type: "SOA", ttl: TTL_SECONDS, rdata });
}

function formReply(query: Buffer): Buffer | undefined {
  let end = HEADER_SIZE;
  while (end < query.length && query[end] !== 0) end += 1 + query[end]!;
  end += 5;
  if (end > query.length) return undefined;
  const reply = Buffer.alloc(end + POINTER_SIZE + SOA_REST.length);
  query.copy(reply, 0, 0, end);
  // QR, AA, RD as it was; RA, NXDOMAIN; one question, no answer, one authority record, nothing else.
  reply[2] = 0x84 | (query[2]! & 1);
  reply[3] = 0x83;
  reply.writeUInt16BE(1, 4);
  reply.writeUInt32BE(1, 6);
  reply.writeUInt16BE(0, 10);
  const firstLabel = query[HEADER_SIZE]!;
  // The root has no parent.
  const parent = HEADER_SIZE + (firstLabel === 0 ? 0 : 1 + firstLabel);
  reply.writeUInt16BE(0xc000 | parent, end);
  SOA_REST.copy(reply, end + POINTER_SIZE);
  return reply;
}
