// One question to a server that may be gone, refuse, or stay silent: a port that nobody has is no error here.
// Reads replies with the tests' own decoder.
import { createSocket } from "node:dgram";
import type { Endpoint } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

/** The reply over UDP; undefined where none comes in time. Throws on a reply that is malformed. */
export async function askOnce(
  server: Endpoint,
  question: { readonly name: string; readonly type: string },
  timeoutMs: number,
): Promise<Message | undefined> {
  const query = writeQuery({ name: question.name, type: question.type, opt: { size: 1232 } });
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  socket.on("error", () => undefined);
  socket.on("message", (reply, from) => {
    if (from.port === server.port && reply.readUInt16BE(0) === query.readUInt16BE(0)) resolve(reply);
  });
  socket.send(query, server.port, server.host, () => undefined);
  const reply = await promise;
  clearTimeout(timer);
  socket.close();
  return reply === undefined ? undefined : readMessage(reply);
}
