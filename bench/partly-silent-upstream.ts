// A resolver that waits in vain for dead authorities: silent about all names below a domain whose name begins with
// `slow`, such as `slow7.example`; every other name has one address. Over UDP and TCP on one port of 127.0.0.1. Run as
// a program; tells its port as JSON on standard output.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const HEADER_SIZE = 12;
/** What the domains of dead authorities begin with. */
const SLOW = "slow";
/** A pointer to the question's name, type A, class IN, 300 s, 192.0.2.1. */
const ADDRESS = Buffer.from("c00c00010001" + "0000012c0004" + "c0000201", "hex");
const LENGTH_SIZE = 2;

const server = createServer(acceptConnection).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
socket.on("message", (query, from) => {
  const reply = formReply(query);
  if (reply !== undefined) socket.send(reply, from.port, from.address);
});
socket.bind(port, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port })}\n`));
process.once("SIGTERM", () => process.exit(0));

function acceptConnection(connection: Socket): void {
  let received = Buffer.alloc(0);
  connection.on("error", () => connection.destroy());
  connection.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= LENGTH_SIZE && received.length >= LENGTH_SIZE + received.readUInt16BE(0)) {
      const end = LENGTH_SIZE + received.readUInt16BE(0);
      const reply = formReply(received.subarray(LENGTH_SIZE, end));
      received = received.subarray(end);
      if (reply === undefined) continue;
      const length = Buffer.alloc(LENGTH_SIZE);
      length.writeUInt16BE(reply.length);
      connection.write(Buffer.concat([length, reply]));
    }
  });
}

/** Undefined: silence. */
function formReply(query: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let end = HEADER_SIZE;
  for (; end < query.length && query[end] !== 0; end += 1 + query[end]!)
    labels.push(query.toString("latin1", end + 1, end + 1 + query[end]!));
  end += 5;
  if (end > query.length || labels.at(-2)?.toLowerCase().startsWith(SLOW) === true) return undefined;
  const reply = Buffer.concat([query.subarray(0, end), ADDRESS]);
  // QR, RD as it was; RA, NOERROR; one question, one answer, nothing else.
  reply[2] = 0x80 | (query[2]! & 1);
  reply[3] = 0x80;
  reply.writeUInt32BE(0x1_0001, 4);
  reply.writeUInt32BE(0, 8);
  return reply;
}
