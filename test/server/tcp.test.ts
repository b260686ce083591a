// A single TCP connection: streams split anywhere, ends, deadlines, late answers. tcp-transport.test.ts has the limits
// of many, the contract suite what all transports do.
import assert from "node:assert/strict";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import type { TcpLimits, TcpTransport } from "../../src/server/tcp-transport.ts";
import { openTcp } from "../../src/server/tcp.ts";
import {
  closedAfter,
  closedOrReset,
  connectTcp,
  echo,
  echoOf,
  LateEcho,
  makeEarlyQuery,
  makeLateQuery,
  makeQuery,
  makeSizedQuery,
  sized,
  type StreamClient,
  until,
} from "../contract/transport-clients.ts";
import { frame } from "../support/network.ts";
import { expectMsBelow } from "../support/timing.ts";

const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(limits: Partial<TcpLimits> = {}, answerer: LateAnswerer = echo): Promise<TcpTransport> {
  const onFault = (fault: Error): void => void faults.push(fault);
  const transport = await openTcp({ host: "127.0.0.1", port: 0 }, answerer, { limits, onFault });
  cleanUp.push(() => transport.close());
  return transport;
}

async function connect(transport: TcpTransport): Promise<StreamClient> {
  const client = await connectTcp(transport.address);
  cleanUp.push(() => client.close());
  return client;
}

describe("TCP", () => {
  test("queries cut at any byte", async () => {
    const transport = await open();
    const client = await connect(transport);
    const sizes = fc.array(fc.integer({ min: 12, max: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.nat({ max: 1_500 }), { maxLength: 8 }), async (lengths, points) => {
        const queries = lengths.map((length, id) => makeQuery(id, length));
        const bytes = Buffer.concat(queries.map(frame));
        const cuts = [...new Set([...points.filter((point) => point < bytes.length), bytes.length])];
        let sent = 0;
        for (const cut of cuts.sort((a, b) => a - b)) {
          client.socket.write(bytes.subarray(sent, cut));
          sent = cut;
          await new Promise((resolve) => setImmediate(resolve));
        }
        for (const query of queries) expect(await client.receive()).toEqual(echoOf(query));
      }),
      { numRuns: 60 },
    );
    expect(transport.counts).toMatchObject({ accepted: 1, malformed: 0, timedOut: 0 });
  });

  test("10,000 queries on one connection", async () => {
    const transport = await open();
    const client = await connect(transport);
    for (let id = 0; id < 10_000; id += 100) {
      const queries = Array.from({ length: 100 }, (_, i) => makeQuery(id + i, 60));
      await client.send(...queries);
      for (const query of queries) expect((await client.receive()).equals(echoOf(query))).toBe(true);
    }
    expect(transport.counts).toMatchObject({ accepted: 1, replies: 10_000 });
  });

  test("a reply is sent in one piece with its length", async () => {
    const transport = await open();
    const client = await connect(transport);
    const chunks: Buffer[] = [];
    client.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    for (let id = 0; id < 20; id++) {
      await client.send(makeQuery(id, 500));
      await client.receive();
    }
    expect(chunks.map((chunk) => chunk.length)).toEqual(Array.from({ length: 20 }, () => 502));
  });

  test.each([
    ["length 0", Buffer.of(0, 0)],
    ["length 2 and two letters", Buffer.of(0, 2, 65, 66)],
    ["length 11", frame(Buffer.alloc(11))],
  ])("%s: what came before is answered, then the connection closed", async (_name, bytes) => {
    const transport = await open();
    const client = await connect(transport);
    client.socket.write(Buffer.concat([frame(makeQuery(1)), bytes, frame(makeQuery(2))]));
    expect(await client.receive()).toEqual(echoOf(makeQuery(1)));
    expectMsBelow(await closedAfter(client), 1_000);
    expect(transport.counts).toMatchObject({ malformed: 1, replies: 1 });
  });

  test("half-close: what came is answered, then the other half closed", async () => {
    const transport = await open();
    const client = await connect(transport);
    const queries = Array.from({ length: 300 }, (_, id) => makeQuery(id, 400));
    client.socket.end(Buffer.concat([...queries.map(frame), Buffer.of(0)]));
    for (const query of queries) expect(await client.receive()).toEqual(echoOf(query));
    expectMsBelow(await closedAfter(client), 1_000);
  });

  test("half-close by a slow reader: everything still comes", async () => {
    const transport = await open({}, sized);
    const client = await connect(transport);
    client.socket.pause();
    const asked = Array.from({ length: 200 }, (_, id) => makeSizedQuery(id, 60_000, id));
    client.socket.end(Buffer.concat(asked.map(({ query }) => frame(query))));
    await until(() => transport.counts.replies > 0, "the first reply");
    await expect(until(() => transport.counts.replies === 200, "all replies", 100)).rejects.toThrow("not within");
    client.socket.resume();
    for (const { reply } of asked) expect((await client.receive()).equals(reply)).toBe(true);
    expectMsBelow(await closedAfter(client), 1_000);
  });

  test("a reset at any moment is no fault, and leaves no connection behind", async () => {
    const transport = await open({}, sized);
    for (let i = 0; i < 30; i++) {
      const client = await connectTcp(transport.address);
      const { query } = makeSizedQuery(i, 60_000, i);
      for (let j = 0; j < i; j++) client.socket.write(frame(query));
      if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      client.socket.resetAndDestroy();
    }
    const client = await connect(transport);
    const { query, reply } = makeSizedQuery(1, 20, 7);
    await client.send(query);
    expect(await client.receive()).toEqual(reply);
    const start = performance.now();
    client.close();
    await transport.close();
    expectMsBelow(performance.now() - start, 500);
  });
});

describe("TCP deadlines", () => {
  const long = 20_000;
  test.each([
    ["nothing sent", { firstQueryMs: 60, idleMs: long, halfMessageMs: long }, []],
    ["idle after a reply", { firstQueryMs: long, idleMs: 60, halfMessageMs: long }, [frame(makeQuery(1))]],
    [
      "half a message",
      { firstQueryMs: long, idleMs: long, halfMessageMs: 60 },
      [frame(makeQuery(1)), Buffer.of(0, 40)],
    ],
  ])("%s", async (_name, limits, writes) => {
    const transport = await open(limits);
    const client = await connect(transport);
    const start = performance.now();
    for (const bytes of writes) client.socket.write(bytes);
    if (writes.length > 0) await client.receive();
    await closedAfter(client);
    // Timers and this clock differ by up to a millisecond.
    expect(performance.now() - start).toBeGreaterThan(55);
    expect(transport.counts.timedOut).toBe(1);
  });

  test("bytes that trickle in do not move the deadline of a half-read message", async () => {
    const transport = await open({ firstQueryMs: 20_000, halfMessageMs: 150 });
    const client = await connect(transport);
    client.socket.write(Buffer.of(1, 0));
    const timer = setInterval(() => client.socket.write(Buffer.of(7)), 10);
    cleanUp.push(() => clearInterval(timer));
    expectMsBelow(await closedAfter(client, closedOrReset), 2_000);
    expect(transport.counts).toMatchObject({ timedOut: 1, replies: 0 });
  });

  test("queries that get silence do not keep a connection open", async () => {
    const transport = await open({ firstQueryMs: 150 });
    const client = await connect(transport);
    const timer = setInterval(() => void client.send(echoOf(makeQuery(1))).catch(() => undefined), 10);
    cleanUp.push(() => clearInterval(timer));
    expectMsBelow(await closedAfter(client, closedOrReset), 2_000);
  });

  test("a peer that never reads is not answered further, and cut off", async () => {
    const transport = await open({ unsentMs: 200 }, sized);
    const client = await connect(transport);
    client.socket.pause();
    const { query } = makeSizedQuery(1, 65_535, 1);
    client.socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => frame(query))));
    await until(() => transport.counts.timedOut === 1, "the write deadline");
    // 2,000 replies would be 125 MiB: what the kernel takes on loopback is a few MiB.
    expect(transport.counts.replies).toBeLessThan(400);
  });
});

describe("TCP with late answers", () => {
  async function openLate(limits: Partial<TcpLimits> = {}): Promise<[LateEcho, TcpTransport, StreamClient]> {
    const late = new LateEcho();
    const transport = await open(limits, late);
    return [late, transport, await connect(transport)];
  }

  const asked = (late: LateEcho, count: number): Promise<void> =>
    until(() => late.waiting.length === count, `${count} queries are asked`);

  test("half-close: they are still sent, then the other half is closed", async () => {
    const [late, , client] = await openLate({ idleMs: 50, firstQueryMs: 50 });
    client.socket.end(Buffer.concat([makeLateQuery(1), makeEarlyQuery(2), makeLateQuery(3)].map(frame)));
    expect(await client.receive()).toEqual(echoOf(makeEarlyQuery(2)));
    await expect(client.receive(100)).rejects.toThrow("no reply within 100 ms");
    late.release([3]);
    expect(await client.receive()).toEqual(echoOf(makeLateQuery(3)));
    late.release([1]);
    expect(await client.receive()).toEqual(echoOf(makeLateQuery(1)));
    expectMsBelow(await closedAfter(client), 1_000);
  });

  test("a broken stream: they are still sent, then it is closed", async () => {
    const [late, , client] = await openLate();
    client.socket.write(Buffer.concat([frame(makeLateQuery(1)), Buffer.of(0, 3)]));
    await asked(late, 1);
    late.release();
    expect(await client.receive()).toEqual(echoOf(makeLateQuery(1)));
    expectMsBelow(await closedAfter(client), 1_000);
  });

  test("the idle deadline stands still while one is on its way, and runs from the last", async () => {
    const [late, transport, client] = await openLate({ idleMs: 60, firstQueryMs: 60 });
    await client.send(makeLateQuery(1), makeLateQuery(2));
    await asked(late, 2);
    for (const id of [1, 2]) {
      await expect(client.receive(150)).rejects.toThrow("no reply within 150 ms");
      late.release([id]);
      expect(await client.receive()).toEqual(echoOf(makeLateQuery(id)));
    }
    expect(await closedAfter(client)).toBeGreaterThan(50);
    expect(transport.counts).toMatchObject({ timedOut: 1, replies: 2 });
  });

  test("the deadline of a half-read message runs on while one is on its way", async () => {
    const [late, transport, client] = await openLate({ halfMessageMs: 60 });
    client.socket.write(Buffer.concat([frame(makeLateQuery(1)), Buffer.of(0, 40, 7)]));
    await asked(late, 1);
    expectMsBelow(await closedAfter(client), 2_000);
    late.release();
    expect(transport.counts).toMatchObject({ timedOut: 1, replies: 0 });
  });

  test.each([
    ["number", { lateAnswers: 3 }],
    ["size", { lateQueryBytes: 3 * makeLateQuery(0).length }],
  ])("at the limit of their %s no more is read until one has come", async (_what, limits) => {
    const [late, , client] = await openLate(limits);
    const ids = Array.from({ length: 10 }, (_, id) => id);
    await client.send(...ids.map((id) => makeLateQuery(id)), makeEarlyQuery(99));
    // More chunks than one: what comes after the limit stays with the kernel.
    for (const id of [100, 101]) await client.send(makeEarlyQuery(id));
    for (const id of ids) {
      await until(() => late.waiting.length === Math.min(3, 10 - id), "as many as there may be are asked");
      late.release([id]);
      expect(await client.receive()).toEqual(echoOf(makeLateQuery(id)));
      if (id < 7) await expect(client.receive(5)).rejects.toThrow("no reply within 5 ms");
      if (id === 7)
        for (const early of [99, 100, 101]) expect(await client.receive()).toEqual(echoOf(makeEarlyQuery(early)));
    }
  });

  test("those of a connection that has gone are dropped", async () => {
    const [late, transport, client] = await openLate();
    await client.send(makeLateQuery(1));
    await asked(late, 1);
    client.socket.resetAndDestroy();
    const other = await connect(transport);
    await other.send(makeLateQuery(2));
    await asked(late, 2);
    late.release();
    expect(await other.receive()).toEqual(echoOf(makeLateQuery(2)));
    expect(transport.counts.replies).toBe(1);
  });

  test("a peer that reads none of them is cut off", async () => {
    const [late, transport, client] = await openLate({ lateAnswers: 400, lateUnsentBytes: 100_000 });
    client.socket.pause();
    await client.send(...Array.from({ length: 400 }, (_, id) => makeLateQuery(id)));
    await asked(late, 400);
    late.release(undefined, new Uint8Array(65_535));
    const start = performance.now();
    // Its place is free: nothing of it holds up the end.
    await transport.close();
    expectMsBelow(performance.now() - start, 500);
    // 400 replies would be 25 MiB: what the kernel takes on loopback is a few MiB.
    expect(transport.counts.replies).toBeGreaterThan(0);
    expect(transport.counts.replies).toBeLessThan(350);
  });

  test("an answerer that rejects is reported, and the connection is closed", async () => {
    const late = new LateEcho();
    late.answerLate = () => Promise.reject(new Error("a bug"));
    const client = await connect(await open({}, late));
    await client.send(makeEarlyQuery(1), makeLateQuery(2));
    expect(await client.receive()).toEqual(echoOf(makeEarlyQuery(1)));
    expectMsBelow(await closedAfter(client), 1_000);
    expect(faults.splice(0)).toEqual([new Error("a bug")]);
  });
});
