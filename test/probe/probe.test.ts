// Probes over real sockets to scripted servers: what becomes of each question.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, describe, expect, test } from "vitest";
import type { Outcome, Probe } from "../../src/doctor/observation.ts";
import { sendProbes } from "../../src/probe/probe.ts";
import { freePort } from "../support/process.ts";
import { rightAnswer, ScriptedUpstream, writeReply } from "../support/scripted-upstream.ts";
import type { Script, ScriptedSettings } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

/** Longer than any reply takes that comes. */
const PATIENT_MS = 60_000;
/** For replies that never come. */
const SHORT_MS = 50;

const servers: ScriptedUpstream[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function serve(script: Script, settings?: ScriptedSettings): Promise<ScriptedUpstream> {
  const server = await ScriptedUpstream.open(script, settings);
  servers.push(server);
  return server;
}

const PAIR = [
  { name: "web.example.", type: "A" },
  { name: "web.example.", type: "AAAA" },
] as const;

function probe(port: number, fields: Partial<Probe> = {}): Probe {
  return { purpose: "plain", server: { host: "127.0.0.1", port }, transport: "udp", questions: [PAIR[0]], ...fields };
}

async function outcomes(probes: readonly Probe[], timeoutMs = PATIENT_MS): Promise<readonly Outcome[]> {
  const observed = await sendProbes(probes, { timeoutMs, endsAtMs: performance.now() + PATIENT_MS });
  expect(observed.map(({ probe: each, question }) => [each, question])).toEqual(
    probes.flatMap((each) => each.questions.map((question) => [each, question])),
  );
  return observed.map(({ outcome }) => outcome);
}

describe("a probe", () => {
  test("over UDP and over TCP has a reply", async () => {
    const { port, taken } = await serve(({ query }) => [{ bytes: rightAnswer(query) }]);
    const probes = [probe(port), probe(port, { transport: "tcp", ednsSize: 1232 })];
    expect(await outcomes(probes)).toMatchObject([
      { kind: "reply", answers: ["192.0.2.1"], hasEdns: false },
      { kind: "reply", answers: ["192.0.2.1"], hasEdns: true },
    ]);
    expect(taken.map(({ transport }) => transport)).toEqual(["udp", "tcp"]);
  });

  test("with two questions sends both from one socket, and takes replies in any order", async () => {
    const waiting: (readonly [Uint8Array, (bytes: Uint8Array) => void])[] = [];
    const socket = createSocket("udp4");
    const ports = new Set<number>();
    socket.on("message", (query, from) => {
      ports.add(from.port);
      waiting.push([query, (bytes) => socket.send(bytes, from.port, from.address)]);
      if (waiting.length === 2) for (const [each, send] of waiting.toReversed()) send(writeReply(each));
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const got = await outcomes([probe(socket.address().port, { questions: PAIR })]);
    expect(got).toMatchObject([{ kind: "reply" }, { kind: "reply" }]);
    expect(ports.size).toBe(1);
    socket.close();
  });

  test("of which one question has no reply", async () => {
    const { port } = await serve(({ query }) =>
      readMessage(query).question?.type === "A" ? [{ bytes: rightAnswer(query) }] : [],
    );
    expect(await outcomes([probe(port, { questions: PAIR })], 2_000)).toMatchObject([
      { kind: "reply" },
      { kind: "timeout" },
    ]);
  });

  test("finds nobody listening", async () => {
    const port = await freePort();
    const got = await outcomes([probe(port), probe(port, { transport: "tcp" })]);
    expect(got).toMatchObject([{ kind: "refused" }, { kind: "refused" }]);
  });

  test("finds a listener that is silent", async () => {
    const { port } = await serve(() => []);
    const got = await outcomes([probe(port), probe(port, { transport: "tcp" })], SHORT_MS);
    expect(got).toMatchObject([{ kind: "timeout" }, { kind: "timeout" }]);
  });

  test("finds a listener that closes the connection", async () => {
    const { port } = await serve(() => [{ end: true }]);
    expect(await outcomes([probe(port, { transport: "tcp" })])).toMatchObject([
      { kind: "error", code: "connection closed" },
    ]);
  });

  test("finds replies that can't be read", async () => {
    const { port } = await serve(({ query }) => [{ bytes: rightAnswer(query).subarray(0, -3) }]);
    const got = await outcomes([probe(port), probe(port, { transport: "tcp" })]);
    expect(got).toMatchObject([{ kind: "malformed" }, { kind: "malformed" }]);
  });

  test("takes no reply to another question", async () => {
    const { port } = await serve(({ query }) => [
      { bytes: writeReply(query, { id: readMessage(query).id ^ 1, rcode: 2 }) },
      { bytes: writeReply(query, { question: { name: "other.example.", type: "A" }, rcode: 2 }) },
      { bytes: rightAnswer(query) },
    ]);
    expect(await outcomes([probe(port)])).toMatchObject([{ kind: "reply", rcode: "NOERROR" }]);
  });

  test("takes a reply from another address only where it looks for it", async () => {
    const { port } = await serve(({ query }) => [{ bytes: rightAnswer(query), fromOtherPort: true }]);
    const [stranger] = await outcomes([probe(port, { purpose: "anySource" })]);
    expect(stranger).toMatchObject({ kind: "reply", from: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    expect(stranger).not.toMatchObject({ from: `127.0.0.1:${port}` });
    expect(await outcomes([probe(port)], SHORT_MS)).toMatchObject([{ kind: "timeout" }]);
  });

  test("to an address without a route is an error of the system", async () => {
    // The multicast address needs a route that loopback has not, and TCP has no multicast at all.
    const server = { host: "224.0.0.1", port: 53 };
    expect(await outcomes([probe(53, { server, transport: "tcp" })])).toMatchObject([{ kind: "error" }]);
  });
});

test("probes that do not begin in time are not sent", async () => {
  const { port, taken } = await serve(({ query }) => [{ bytes: rightAnswer(query) }]);
  const observed = await sendProbes([probe(port)], { timeoutMs: PATIENT_MS, endsAtMs: performance.now() });
  expect(observed.map(({ outcome }) => outcome)).toEqual([{ kind: "late" }]);
  expect(taken).toEqual([]);
});
