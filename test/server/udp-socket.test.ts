// Replies that the kernel does not take at once. Loopback always does, so the tests delay `send` on a real socket.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { type UdpCounts, UdpSocket } from "../../src/server/udp-socket.ts";
import { connectUdp, echo, echoOf, makeQuery, until } from "../contract/transport-clients.ts";
import { expectMsBelow } from "../support/timing.ts";

const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** An answering socket whose replies leave only when `release` is called. */
async function openHeldBack(repliesInFlight: number) {
  const socket: Socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const held: (() => void)[] = [];
  const send = socket.send.bind(socket) as (...args: unknown[]) => void;
  socket.send = (...args: unknown[]) => void held.push(() => send(...args));
  const counts: UdpCounts = { received: 0, replies: 0, dropped: 0, queueFull: 0, sendErrors: 0, socketErrors: 0 };
  const limits = { replySizeMax: 4_096, repliesInFlight, receiveBufferBytes: 1024 * 1024 };
  const onFault = (fault: Error): never => {
    throw fault;
  };
  const answering = new UdpSocket(socket, "127.0.0.1", { answerer: echo, listener: 0, limits, counts, onFault });
  const client = await connectUdp({ host: "127.0.0.1", port: answering.port });
  cleanUp.push(() => client.close());
  const release = (): void => {
    for (const go of held.splice(0)) go();
  };
  return { answering, client, counts, release };
}

describe("UdpSocket", () => {
  test("a reply that waits is not overwritten by the next ones", async () => {
    const { answering, client, counts, release } = await openHeldBack(100);
    const queries = Array.from({ length: 50 }, (_, id) => makeQuery(id, 100));
    for (let round = 0; round < 2; round++) {
      await client.send(...queries);
      await until(() => counts.received === (round + 1) * 50, "all queries");
      release();
      for (const query of queries) expect(await client.receive()).toEqual(echoOf(query));
    }
    await answering.close();
  });

  test("queries beyond the limit of replies in flight are dropped", async () => {
    const { answering, client, counts, release } = await openHeldBack(3);
    const queries = Array.from({ length: 8 }, (_, id) => makeQuery(id, 100));
    await client.send(...queries);
    await until(() => counts.received === 8, "all queries");
    expect(counts).toMatchObject({ dropped: 0, queueFull: 5 });
    release();
    for (const query of queries.slice(0, 3)) expect(await client.receive()).toEqual(echoOf(query));
    await client.send(makeQuery(9));
    await until(() => counts.received === 9, "one more query");
    release();
    expect(await client.receive()).toEqual(echoOf(makeQuery(9)));
    await answering.close();
  });

  test("close waits for replies that wait, and no longer", async () => {
    const { answering, client, counts, release } = await openHeldBack(3);
    await client.send(makeQuery(1));
    await until(() => counts.received === 1, "the query");
    let closed = false;
    const closing = answering.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(closed).toBe(false);
    const start = performance.now();
    release();
    await closing;
    expectMsBelow(performance.now() - start, 300);
    expect(await client.receive()).toEqual(echoOf(makeQuery(1)));
  });

  test("close gives up on replies that never leave, soon", async () => {
    const { answering, client, counts } = await openHeldBack(3);
    await client.send(makeQuery(1));
    await until(() => counts.received === 1, "the query");
    const start = performance.now();
    await answering.close();
    expectMsBelow(performance.now() - start, 1_000);
  });
});
