// What is particular to TCP: streams cut anywhere, ends, deadlines, limits. The rest is the contract suite.
import assert from "node:assert/strict";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { openTcp, type TcpLimits, type TcpTransport } from "../../src/server/tcp.ts";
import {
  connectTcp,
  echo,
  echoOf,
  frame,
  makeQuery,
  makeSizedQuery,
  sized,
  until,
} from "../contract/transport-clients.ts";

const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(limits: Partial<TcpLimits> = {}, answerer = echo): Promise<TcpTransport> {
  const onFault = (fault: Error): void => void faults.push(fault);
  const transport = await openTcp({ host: "127.0.0.1", port: 0 }, answerer, { limits, onFault });
  cleanUp.push(() => transport.close());
  return transport;
}

type TcpClient = Awaited<ReturnType<typeof connectTcp>>;

async function connect(transport: TcpTransport): Promise<TcpClient> {
  const client = await connectTcp(transport.address);
  cleanUp.push(() => client.close());
  return client;
}

/** A client that is writing when the server closes may be reset before it reads the end. */
const closedOrReset = /^closed$|ECONNRESET|EPIPE/;

/** Milliseconds until the server closes the connection. */
async function closedAfter(client: TcpClient, how = /^closed$/): Promise<number> {
  const start = performance.now();
  await expect(client.receive()).rejects.toThrow(how);
  return performance.now() - start;
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
    expect(await closedAfter(client)).toBeLessThan(1_000);
    expect(transport.counts).toMatchObject({ malformed: 1, replies: 1 });
  });

  test("half-close: what came is answered, then the other half closed", async () => {
    const transport = await open();
    const client = await connect(transport);
    const queries = Array.from({ length: 300 }, (_, id) => makeQuery(id, 400));
    client.socket.end(Buffer.concat([...queries.map(frame), Buffer.of(0)]));
    for (const query of queries) expect(await client.receive()).toEqual(echoOf(query));
    expect(await closedAfter(client)).toBeLessThan(1_000);
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
    expect(await closedAfter(client)).toBeLessThan(1_000);
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
    expect(performance.now() - start).toBeLessThan(500);
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
    expect(await closedAfter(client, closedOrReset)).toBeLessThan(2_000);
    expect(transport.counts).toMatchObject({ timedOut: 1, replies: 0 });
  });

  test("queries that get silence do not keep a connection open", async () => {
    const transport = await open({ firstQueryMs: 150 });
    const client = await connect(transport);
    const timer = setInterval(() => void client.send(echoOf(makeQuery(1))).catch(() => undefined), 10);
    cleanUp.push(() => clearInterval(timer));
    expect(await closedAfter(client, closedOrReset)).toBeLessThan(2_000);
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

describe("TCP limits", () => {
  test("at the limit of connections the longest idle one goes, and the new one is served", async () => {
    const transport = await open({ connections: 3 });
    const clients = [await connect(transport), await connect(transport), await connect(transport)];
    for (const [id, client] of clients.entries()) {
      await client.send(makeQuery(id));
      await client.receive();
    }
    await clients[0]!.send(makeQuery(9));
    await clients[0]!.receive();
    const newest = await connect(transport);
    await newest.send(makeQuery(10));
    expect(await newest.receive()).toEqual(echoOf(makeQuery(10)));
    expect(await closedAfter(clients[1]!)).toBeLessThan(1_000);
    for (const client of [clients[0]!, clients[2]!]) {
      await client.send(makeQuery(11));
      expect(await client.receive()).toEqual(echoOf(makeQuery(11)));
    }
    expect(transport.counts).toMatchObject({ accepted: 4, evicted: 1 });
  });

  test("connections that have ended take no room", async () => {
    const transport = await open({ connections: 5, connectionsPerClient: 5 });
    for (let id = 0; id < 50; id++) {
      const client = await connect(transport);
      client.socket.end(frame(makeQuery(id)));
      expect(await client.receive()).toEqual(echoOf(makeQuery(id)));
      await closedAfter(client);
    }
    expect(transport.counts).toMatchObject({ accepted: 50, evicted: 0 });
  });

  test("a client at its own limit loses its own connection, nobody else's", async () => {
    const transport = await open({ connections: 10, connectionsPerClient: 2 });
    const from = async (localAddress: string): Promise<TcpClient> => {
      const client = await connectTcp({ ...transport.address }, localAddress);
      cleanUp.push(() => client.close());
      await client.send(makeQuery(1));
      await client.receive();
      return client;
    };
    const other = await from("127.0.1.5");
    const [first, second, third] = [await from("127.0.0.1"), await from("127.0.0.1"), await from("127.0.0.1")];
    expect(await closedAfter(first)).toBeLessThan(1_000);
    for (const client of [other, second, third]) {
      await client.send(makeQuery(2));
      expect(await client.receive()).toEqual(echoOf(makeQuery(2)));
    }
    expect(transport.counts.evicted).toBe(1);
  });
});

describe("TCP close", () => {
  test("idle connections do not hold it up", async () => {
    const transport = await open();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(transport)));
    const start = performance.now();
    await transport.close();
    expect(performance.now() - start).toBeLessThan(300);
    await Promise.all(clients.map((client) => closedAfter(client)));
  });

  test("a peer that never reads holds it up for less than a second", async () => {
    const transport = await open({}, sized);
    const client = await connect(transport);
    client.socket.pause();
    const { query } = makeSizedQuery(1, 65_535, 1);
    client.socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => frame(query))));
    await until(() => transport.counts.replies > 0, "the first reply");
    const start = performance.now();
    await transport.close();
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
