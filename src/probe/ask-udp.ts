// Asks the questions of a probe over UDP from one socket, one right after the other, as glibc asks for A and AAAA. Each
// question is sent once: a lost packet is what the doctor looks for.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import type { Outcome, Probe } from "../doctor/observation.ts";
import { checkReply } from "../forward/reply-check.ts";
import { canonicalIp } from "../net/ip.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import { failureOf } from "./failure-of.ts";
import { readReply, writeProbe } from "./query-message.ts";

/** Ids of the questions of one socket are this far apart, and so never equal. */
const ID_STEP = 7;

/** Resolves with the outcome of each question, within `timeoutMs`. */
export function askUdp(probe: Probe, timeoutMs: number): Promise<readonly Outcome[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Outcome[]>();
  const first = randomInt(0x8000);
  const queries = probe.questions.map((question, i) => writeProbe(question, first + i * ID_STEP, probe));
  const outcomes: Outcome[] = [];
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  const socket = createSocket(probe.server.host.includes(":") ? "udp6" : "udp4");
  const end = (rest: Outcome): void => {
    clearTimeout(timer);
    socket.removeAllListeners().on("error", () => undefined);
    socket.close();
    resolve(queries.map((_, i) => outcomes[i] ?? rest));
  };
  const timer = setTimeout(() => end({ kind: "timeout", ms: elapsed() }), timeoutMs);
  const settle = (index: number, outcome: Outcome): void => {
    outcomes[index] ??= outcome;
    if (queries.every((_, i) => outcomes[i] !== undefined)) end(outcome);
  };
  socket.on("error", (error) => end(failureOf(error, elapsed())));
  socket.on("message", (message, from) => {
    queries.forEach((query, i) => {
      const match = checkReply(query, message, false);
      if (match === "malformed") settle(i, { kind: "malformed", ms: elapsed() });
      if (match !== "reply") return;
      settle(i, { ...readReply(message, probe.questions[i]!.type, elapsed()), ...strangerOf(probe, from) });
    });
  });
  send(socket, probe, queries, (error) => end(failureOf(error, elapsed())));
  return promise;
}

/** A connected socket is told of closed ports; one that is not takes replies from any address. */
function send(socket: Socket, probe: Probe, queries: readonly Uint8Array[], onError: (error: Error) => void): void {
  const { host, port } = probe.server;
  const done = (error: Error | null): void => {
    if (error !== null) onError(error);
  };
  if (probe.purpose === "anySource") {
    for (const query of queries) socket.send(query, port, host, done);
    return;
  }
  socket.on("connect", () => {
    for (const query of queries) socket.send(query, done);
  });
  socket.connect(port, host);
}

function strangerOf({ server }: Probe, { address, port }: RemoteInfo): { readonly from?: string } {
  const bare = (host: string): string => canonicalIp(host.split("%", 1)[0]!) ?? host;
  if (bare(address) === bare(server.host) && port === server.port) return {};
  return { from: formatListenAddress({ host: address, port }) };
}
