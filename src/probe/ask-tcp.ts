// Asks the question of a probe over a TCP connection of its own (RFC 7766 5).
// A connection that closes without a reply is an outcome like another.
import { randomInt } from "node:crypto";
import { connect } from "node:net";
import type { Outcome, Probe } from "../doctor/observation.ts";
import { MessageReader, writeFrame } from "../dns/framing.ts";
import { checkReply } from "../forward/reply-check.ts";
import { assert } from "../std/assert.ts";
import { failureOf } from "./failure-of.ts";
import { readReply, writeProbe } from "./query-message.ts";

/** Resolves with the outcome of the question, within `timeoutMs`. */
export function askTcp(probe: Probe, timeoutMs: number): Promise<readonly Outcome[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Outcome[]>();
  const [question] = probe.questions;
  assert(question !== undefined && probe.questions.length === 1, "a probe over TCP has one question");
  const query = writeProbe(question, randomInt(0x1_0000), probe);
  const reader = new MessageReader();
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  const socket = connect({ host: probe.server.host, port: probe.server.port, noDelay: true });
  const end = (outcome: Outcome): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve([outcome]);
  };
  const timer = setTimeout(() => end({ kind: "timeout", ms: elapsed() }), timeoutMs);
  socket.on("connect", () => socket.write(writeFrame(query)));
  socket.on("data", (chunk: Buffer) => {
    reader.feed(chunk);
    if (reader.next() === "more") return;
    const message = reader.bytes.slice(reader.start, reader.end);
    const isReply = checkReply(query, message, false) === "reply";
    end(isReply ? readReply(message, question.type, elapsed()) : { kind: "malformed", ms: elapsed() });
  });
  socket.on("error", (error) => end(failureOf(error, elapsed())));
  socket.on("close", () => end({ kind: "error", code: "connection closed", ms: elapsed() }));
  return promise;
}
