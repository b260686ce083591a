// UDP in batches: replacement of broken threads, queries handed over to the main thread, and closing without losing
// queries. The contract suite has the rest; batch-loop.test.ts has single batches.
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { BATCH_SIZE, CONTROL, HAND_OVER_MAX } from "../../src/server/batch-loop.ts";
import { expandWildcard } from "../../src/net/listen-address.ts";
import { WorkerStartError } from "../../src/server/udp-batch.ts";
import { ListenError } from "../../src/server/listen-error.ts";
import type { BatchWorker, UdpBatchTransport } from "../../src/server/udp-batch.ts";
import { connectUdp, echoOf, makeQuery, until } from "../contract/transport-clients.ts";
import { MIXED } from "../support/batch/answerers.ts";
import type { AnswererName } from "../support/batch/answerers.ts";
import { BatchClient } from "../support/batch/batch-client.ts";
import { needLibc, openBatch, reasonAgainstBatches } from "../support/batch/open-batch.ts";
import type { BatchSettings } from "../support/batch/open-batch.ts";
import { expectMsBelow, isTimed } from "../support/timing.ts";

/** Of a socket's buffer, which holds more. */
const BURST = 1_000;
/** Byte 3 of a query that the answerer `broken` throws at. */
const BREAKING = 0xff;

function query(id: number, kind = 0): Buffer {
  const made = makeQuery(id, 40);
  made[3] = kind;
  return made;
}

/** Queries `from` to `from + count - 1`. */
function queries(from: number, count: number, kind = 0): Buffer[] {
  return Array.from({ length: count }, (_, i) => query(from + i, kind));
}

/** Ids, in order, whatever order the replies came in. */
function ids(replies: readonly Buffer[]): number[] {
  return replies.map((reply) => reply.readUInt16BE(0)).toSorted((a, b) => a - b);
}

/** The process's open sockets, by inode: a descriptor that is closed and opened again shows another. */
function openSockets(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)].filter((target) => target.startsWith("socket:"));
    } catch {
      // The descriptor that the listing itself had open.
      return [];
    }
  });
}

describe.skipIf(reasonAgainstBatches() !== undefined)("UDP in batches", () => {
  const faults: Error[] = [];
  const cleanUp: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step();
    assert.deepEqual(faults.splice(0), []);
  });

  /** Held as a server holds it: by a TCP listener, so that no other test has the port. */
  async function lockPort(host: string): Promise<number> {
    const lock: Server = createServer().listen(0, host);
    await once(lock, "listening");
    cleanUp.push(() => new Promise((resolve) => lock.close(resolve)));
    return (lock.address() as AddressInfo).port;
  }

  async function open(
    name: AnswererName,
    settings: Partial<BatchSettings> = {},
    host = "127.0.0.1",
  ): Promise<UdpBatchTransport> {
    const openAt = async (port: number): Promise<UdpBatchTransport> =>
      openBatch({ host, port }, name, { onFault: (fault) => void faults.push(fault), ...settings });
    const transport = await openAt(await lockPort(host)).catch(async (error: unknown) => {
      // A client of any program may have got the port for UDP.
      if (!(error instanceof ListenError) || error.code !== "EADDRINUSE") throw error;
      return openAt(await lockPort(host));
    });
    cleanUp.push(() => transport.close());
    return transport;
  }

  function connect(transport: UdpBatchTransport, host = "127.0.0.1"): BatchClient {
    const client = new BatchClient(needLibc(), { host, port: transport.address.port });
    cleanUp.push(() => client.close());
    return client;
  }

  /** A client whose queries the kernel gives to this worker's socket: by its port, so some are tried. */
  function connectTo(transport: UdpBatchTransport, worker: BatchWorker): BatchClient {
    for (let attempt = 0; attempt < 64; attempt++) {
      const client = connect(transport);
      const before = Atomics.load(worker.control, CONTROL.RECEIVED);
      client.send([query(1)]);
      assert.equal(client.receive(1, 5_000).length, 1);
      if (Atomics.load(worker.control, CONTROL.RECEIVED) > before) return client;
    }
    throw new Error("no client's queries reach the worker");
  }

  /** Ends the thread that `client` reaches, by a query that its answerer throws for; resolves when it is reported. */
  async function breakWorker(client: BatchClient): Promise<void> {
    client.send([query(1, BREAKING)]);
    await until(() => faults.length > 0, "the worker's end");
    expect(faults.splice(0)).toEqual([new Error("a bug")]);
  }

  describe("a worker that breaks", () => {
    test("is replaced soon on its socket; no query is lost, and the other worker answers", async () => {
      const transport = await open("broken", { workerCount: 2 });
      const [victim, other] = [transport.workers[0]!, transport.workers[1]!];
      const [hers, others] = [connectTo(transport, victim), connectTo(transport, other)];
      const sockets = openSockets();
      await breakWorker(hers);
      const brokenAtMs = performance.now();
      // This thread does not leave these lines before all are sent and the other worker's are answered, so nobody can
      // have replaced the victim yet.
      const received = Atomics.load(victim.control, CONTROL.RECEIVED);
      hers.send(queries(0, BURST));
      others.send(queries(5_000, 100));
      expect(ids(others.receive(100))).toEqual(ids(queries(5_000, 100)));
      expect(Atomics.load(victim.control, CONTROL.RECEIVED)).toBe(received);
      await until(() => Atomics.load(victim.control, CONTROL.RECEIVED) > received, "the replacement");
      expectMsBelow(performance.now() - brokenAtMs, 1_000);
      expect(ids(hers.receive(BURST))).toEqual(ids(queries(0, BURST)));
      expect(openSockets()).toEqual(sockets);
    });

    test("again and again: each time its replacement", async () => {
      const transport = await open("broken");
      const client = connect(transport);
      for (let round = 0; round < 3; round++) {
        await breakWorker(client);
        client.send(queries(round * 100, 100));
        const connected = await connectUdp(transport.address);
        await connected.send(query(7));
        expect(await connected.receive()).toEqual(echoOf(query(7)));
        connected.close();
        expect(ids(client.receive(100))).toEqual(ids(queries(round * 100, 100)));
      }
    });

    test("closing before it is replaced frees its socket", async () => {
      const before = openSockets().length;
      const transport = await open("broken");
      expect(openSockets().length).toBeGreaterThan(before + 1);
      await breakWorker(connect(transport));
      await transport.close();
      // The TCP lock and the client are left.
      expect(openSockets().length).toBe(before + 2);
    });
  });

  describe("closing", () => {
    test.each([1, 4])("is soon over when %i workers wait", async (workerCount) => {
      const transport = await open("echo", { workerCount });
      const client = connect(transport);
      client.send([query(1)]);
      expect(client.receive(1)).toHaveLength(1);
      for (const worker of transport.workers) connectTo(transport, worker);
      const startedAtMs = performance.now();
      await transport.close();
      expectMsBelow(performance.now() - startedAtMs, 100);
    });

    test("a backlog is answered first, and no more is taken", async () => {
      // On a busy machine the worker may be through before this thread closes it, or have no time for all: then once more.
      let wasAnswered = false;
      for (let tries = 1; !wasAnswered; tries++) {
        expect(tries, "a backlog was not answered").toBeLessThan(isTimed ? 3 : 20);
        const transport = await open("slow");
        const client = connect(transport);
        client.send([query(1)]);
        expect(client.receive(1)).toHaveLength(1);
        const { control } = transport.workers[0]!;
        client.send(queries(0, BURST));
        const waiting = BURST + 1 - Atomics.load(control, CONTROL.RECEIVED);
        const startedAtMs = performance.now();
        await transport.close();
        // The answerer itself takes 20 ms for all.
        expectMsBelow(performance.now() - startedAtMs, 150);
        const replies = client.receive(BURST, 500);
        wasAnswered = waiting > BURST / 2 && replies.length === BURST;
        if (wasAnswered) expect(ids(replies)).toEqual(ids(queries(0, BURST)));
      }
    });

    test("queries handed over are answered too", async () => {
      const transport = await open("mixed");
      const client = connect(transport);
      client.send(queries(0, 200, MIXED.handOver));
      await transport.close();
      expect(ids(client.receive(200))).toEqual(ids(queries(0, 200)));
    });
  });

  describe("queries that the main thread answers", () => {
    test.each([
      ["127.0.0.1", "127.0.0.1"],
      ["0.0.0.0", "127.0.0.1"],
      ["0.0.0.0", "127.0.1.5"],
      ["::1", "::1"],
      ["::", "::1"],
    ])("listening on %s, a client connected to %s gets replies from the address that it asked", async (host, asked) => {
      const { address } = await open("mixed", {}, host);
      const client = await connectUdp({ host: asked, port: address.port });
      cleanUp.push(() => client.close());
      for (let id = 0; id < 20; id++) {
        const each = query(id, id % 2 === 0 ? MIXED.handOver : 0);
        await client.send(each);
        expect(await client.receive()).toEqual(echoOf(each));
      }
    });

    test.each(["0.0.0.0", "::"])(
      "listening on %s, each of the machine's own addresses is answered from",
      async (host) => {
        const { address } = await open("mixed", {}, host);
        const own = expandWildcard(host);
        expect(own).not.toEqual([]);
        for (const asked of own) {
          const client = await connectUdp({ host: asked, port: address.port });
          cleanUp.push(() => client.close());
          for (const each of [query(1), query(2, MIXED.handOver)]) {
            await client.send(each);
            expect(await client.receive(), asked).toEqual(echoOf(each));
          }
        }
      },
    );

    test("while that thread is busy, workers answer, and the number of queries waiting for it is limited", async () => {
      const transport = await open("mixed");
      const { control } = transport.workers[0]!;
      const client = connect(transport);
      // All of it happens in one turn of this thread: it takes nothing that is handed over.
      const handed = queries(0, 20_000, MIXED.handOver);
      let answered = 0;
      for (let at = 0; at < handed.length; at += 400) {
        client.send(handed.slice(at, at + 400));
        client.send(queries(30_000 + at / 400, 1));
        answered += client.receive(1, 5_000).length;
      }
      expect(answered).toBe(50);
      expect(Atomics.load(control, CONTROL.HANDED_OVER)).toBe(HAND_OVER_MAX);
      expect(transport.counts).toMatchObject({ dropped: 0, queueFull: handed.length - HAND_OVER_MAX });
      await until(() => Atomics.load(control, CONTROL.HANDED_OVER) === 0, "all handed over are answered");
      expect(ids(client.receive(HAND_OVER_MAX + 1, 300))).toEqual(ids(handed.slice(0, HAND_OVER_MAX)));
      // And there is room again.
      client.send(queries(40_000, 10, MIXED.handOver));
      await until(() => Atomics.load(control, CONTROL.RECEIVED) === 20_060, "the last ones");
      await until(() => Atomics.load(control, CONTROL.HANDED_OVER) === 0, "the last ones' answers");
      expect(ids(client.receive(10))).toEqual(ids(queries(40_000, 10)));
    });

    test("a fault of the late answerer is reported, and the next queries are answered", async () => {
      let asked = 0;
      const transport = await open("mixed", {
        answerLate: (bytes) => {
          if (asked++ === 0) throw new Error("a bug");
          return Promise.resolve(asked === 2 ? new Uint8Array(0) : echoOf(bytes));
        },
      });
      const client = await connectUdp(transport.address);
      cleanUp.push(() => client.close());
      await client.send(...queries(0, 3, MIXED.handOver));
      expect(await client.receive()).toEqual(echoOf(query(2, MIXED.handOver)));
      expect(faults.splice(0)).toEqual([new Error("a bug")]);
    });

    test("a reply that the system refuses is counted", async () => {
      const transport = await open("mixed", { answerLate: () => Promise.resolve(new Uint8Array(65_535)) });
      const client = connect(transport);
      client.send([query(1, MIXED.handOver)]);
      const { control } = transport.workers[0]!;
      await until(() => Atomics.load(control, CONTROL.SEND_ERRORS) === 1, "the send error");
    });
  });

  test("each worker gets a message before it answers another query, also after its replacement", async () => {
    const seen = [0, 1].map(() => new Int32Array(new SharedArrayBuffer(8)));
    let started = 0;
    const transport = await open("broken", {
      workerCount: 2,
      answererData: () => ({ name: "broken", collectEvery: 0, seen: seen[Math.min(started++, 1)]! }),
    });
    const clients = transport.workers.map((worker) => connectTo(transport, worker));
    for (let message = 1; message <= 300; message++) {
      transport.post(message);
      clients.forEach((client, i) => {
        client.send([query(message)]);
        expect(client.receive(1, 5_000)).toHaveLength(1);
        expect(Atomics.load(seen[i]!, 0)).toBe(message);
      });
    }
    await breakWorker(clients[1]!);
    // Nobody is there to take it: the replacement is built from what holds then.
    transport.post(301);
    const connected = await connectUdp(transport.address);
    cleanUp.push(() => connected.close());
    await until(() => started === 3, "the replacement");
    transport.post(302);
    await until(() => Atomics.load(seen[1]!, 0) === 302, "the message at the replacement");
  });

  test("buffers survive garbage collections, over a million queries", { timeout: 90_000 }, async () => {
    const seen = new Int32Array(new SharedArrayBuffer(8));
    const transport = await open("echo", { collectEvery: 10_000, seen, replySizeMax: 1232 });
    const client = connect(transport);
    const windowSize = BATCH_SIZE * 8;
    const window = queries(0, windowSize);
    const total = 1_000_000;
    let wrong = 0;
    let bits = 0;
    for (let asked = 0; asked < total; asked += windowSize) {
      client.send(window);
      const received = client.drain(windowSize, 5_000, (replies, start, size) => {
        bits |= replies[start + 2]!;
        if (size !== 40) wrong++;
      });
      if (received !== windowSize) throw new Error(`silence after ${asked} queries: ${received} of ${windowSize}`);
    }
    expect([wrong, bits & 0x80, Atomics.load(seen, 1)]).toEqual([0, 0x80, Math.floor(total / 10_000)]);
  });

  describe("a worker that can't start", () => {
    /** A thread that runs this code. */
    const running = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

    test.each<[what: string, settings: Partial<BatchSettings>, message: string]>([
      ["its code fails", { workerUrl: running("throw new Error('no memory')") }, "no memory"],
      ["it ends", { workerUrl: running("") }, "the thread ended"],
      ["it hangs", { workerUrl: running("for (;;);"), startMsMax: 300 }, "the thread ended"],
      ["it can't be made", { workerUrl: new URL("ftp://localhost/") }, "scheme file"],
    ])("fails the start: %s", async (_what, settings, message) => {
      const before = openSockets();
      const address = { host: "127.0.0.1", port: await lockPort("127.0.0.1") };
      const opening = openBatch(address, "echo", {
        workerCount: 2,
        onFault: (fault) => void faults.push(fault),
        ...settings,
      });
      await expect(opening).rejects.toThrow(WorkerStartError);
      await expect(opening).rejects.toThrow(message);
      expect(openSockets().length).toBe(before.length + 1);
    });

    test("fails the start although the others have started", async () => {
      let asked = 0;
      const address = { host: "127.0.0.1", port: await lockPort("127.0.0.1") };
      const opening = openBatch(address, "echo", {
        workerCount: 3,
        answererData: () => (asked++ === 2 ? undefined : { name: "echo", collectEvery: 0 }),
        onFault: (fault) => void faults.push(fault),
      });
      await expect(opening).rejects.toThrow(WorkerStartError);
    });
  });

  test("a worker that hangs is seen, and no other", async () => {
    const transport = await open("mixed", { workerCount: 2 });
    const [victim, other] = [transport.workers[0]!, transport.workers[1]!];
    const client = connectTo(transport, victim);
    const watch = async (): Promise<readonly number[]> => {
      const beats = other.control[CONTROL.BEATS];
      await until(() => other.control[CONTROL.BEATS] !== beats, "the other worker's round");
      for (const worker of transport.workers) worker.watch();
      return transport.workers.map(({ secondsStill }) => secondsStill);
    };
    const received = Atomics.load(victim.control, CONTROL.RECEIVED);
    client.send([query(1, MIXED.stuck)]);
    await until(() => Atomics.load(victim.control, CONTROL.RECEIVED) > received, "the query's arrival");
    await watch();
    expect(await watch()).toEqual([1, 0]);
    expect(await watch()).toEqual([2, 0]);
    expect(client.receive(1, 10_000)).toHaveLength(1);
    await until(() => (victim.watch(), victim.secondsStill === 0), "the worker's next round");
    expect(transport.workers.map(({ name }) => name)).toEqual(
      [0, 1].map((i) => `udp 127.0.0.1:${transport.address.port} #${i}`),
    );
  });

  test("an address that can't be bound is a ListenError, and leaves nothing open", async () => {
    const before = openSockets();
    const opening = openBatch({ host: "192.0.2.254", port: 5353 }, "echo", {
      workerCount: 3,
      onFault: () => undefined,
    });
    await expect(opening).rejects.toMatchObject({
      name: "ListenError",
      code: "EADDRNOTAVAIL",
      message: expect.stringMatching(/^cannot listen on 192\.0\.2\.254:5353 \(UDP\): 192\.0\.2\.254 is not an address/),
    });
    expect(openSockets()).toEqual(before);
  });
});
