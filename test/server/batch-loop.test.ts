// The data plane's loop on a real socket, in this thread. STOP is set before it starts, so it answers what has arrived
// and returns: no test here depends on time.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answerer } from "../../src/answer/answerer.ts";
import { DatagramClient } from "../../src/server/socket-address.ts";
import { BATCH_SIZE, CONTROL, HAND_OVER_MAX, runBatchLoop } from "../../src/server/batch-loop.ts";
import type { BatchContext } from "../../src/server/batch-loop.ts";
import { DatagramBatch } from "../../src/server/datagram-batch.ts";
import type { Libc } from "../../src/server/libc.ts";
import { LateSender } from "../../src/server/late-sender.ts";
import { openBatchSocket } from "../../src/server/udp-batch-socket.ts";
import { echo, echoOf, makeQuery } from "../contract/transport-clients.ts";
import { sendFromPortZero } from "../contract/transport-suite.ts";
import { ANSWERERS, MIXED } from "../support/batch/answerers.ts";
import { BatchClient } from "../support/batch/batch-client.ts";
import { needLibc, portOf, reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { expectMsBelow } from "../support/timing.ts";

describe.skipIf(reasonAgainstBatches() !== undefined)("the batch loop", () => {
  let libc: Libc;
  let fd: number;
  let batch: DatagramBatch;
  let control: Int32Array;
  let clients: [BatchClient, BatchClient];

  beforeEach(() => {
    libc = needLibc();
    ({ fd } = openBatchSocket(libc, { host: "127.0.0.1", port: 0 }));
    batch = new DatagramBatch(libc, BATCH_SIZE, 65_535, false);
    control = new Int32Array(new SharedArrayBuffer(CONTROL.WORDS * 4));
    const server = { host: "127.0.0.1", port: portOf(fd) };
    clients = [new BatchClient(libc, server), new BatchClient(libc, server)];
  });
  afterEach(() => {
    for (const client of clients) client.close();
    libc.close(fd);
  });

  function run(answerer: Answerer, context: Partial<BatchContext> = {}): void {
    control[CONTROL.STOP] = 1;
    runBatchLoop({
      libc,
      fd,
      batch,
      answerer,
      client: new DatagramClient(batch.addresses),
      control,
      onStarted: () => undefined,
      onLatency: () => undefined,
      onPosted: () => undefined,
      handOver: () => undefined,
      onAnswered: () => undefined,
      ...context,
    });
  }

  function query(id: number, kind = 0, bytes = 12 + ((id * 37) % 500)): Buffer {
    const made = makeQuery(id, bytes);
    made[3] = kind;
    return made;
  }

  test("each client gets the replies to its own queries, with unanswered ones in between", () => {
    const own = [0, 1].map((part) =>
      Array.from({ length: 500 }, (_, i) => query(part * 500 + i, (part + i) % 3 === 0 ? MIXED.silent : 0)),
    );
    for (let i = 0; i < 500; i++) clients.forEach((client, part) => client.send([own[part]![i]!]));
    run(ANSWERERS.mixed);
    clients.forEach((client, part) => {
      const expected = own[part]!.filter((each) => each[3] === 0).map(echoOf);
      expect(client.receive(expected.length)).toEqual(expected);
      expect(client.receive(1, 40)).toEqual([]);
    });
    expect(control[CONTROL.RECEIVED]).toBe(1000);
    expect(control[CONTROL.BATCHES]).toBe(Math.ceil(1000 / BATCH_SIZE));
    // Silence is the answerer's, and nothing that the loop had to drop for want of room; both count as unanswered.
    expect(control[CONTROL.DROPPED]).toBe(1000 - own.flat().filter((each) => each[3] === 0).length);
    expect(control[CONTROL.SEND_ERRORS]).toBe(0);
  });

  test("it has started once the socket was read, and each round is a beat", () => {
    const seen: unknown[] = [];
    clients[0].send([query(1)]);
    const answerer: Answerer = {
      answer: (...asked) => {
        seen.push(["answer", control[CONTROL.BEATS]]);
        return echo.answer(...asked);
      },
    };
    run(answerer, { onStarted: () => void seen.push(["started", control[CONTROL.BEATS]]) });
    expect(seen).toEqual([
      ["started", 1],
      ["answer", 1],
    ]);
    control[CONTROL.BEATS] = 2 ** 31 - 1;
    clients[0].send([query(2)]);
    run(echo);
    expect(control[CONTROL.BEATS]).toBe(-(2 ** 31));
  });

  test("a reply that can't be sent does not affect the others of its batch", () => {
    const queries = Array.from({ length: 40 }, (_, i) => query(i, i % 7 === 3 ? MIXED.tooLong : 0));
    // The first and the last one too.
    queries[0]![3] = queries[39]![3] = MIXED.tooLong;
    clients[0].send(queries);
    run(ANSWERERS.mixed);
    const good = queries.filter((each) => each[3] === 0);
    expect(clients[0].receive(good.length)).toEqual(good.map(echoOf));
    expect(control[CONTROL.SEND_ERRORS]).toBe(40 - good.length);
    expect(clients[0].receive(1, 40)).toEqual([]);
  });

  test("each reply comes from the address that its query was sent to, with unanswered ones in between", () => {
    libc.close(fd);
    ({ fd } = openBatchSocket(libc, { host: "0.0.0.0", port: 0 }));
    batch = new DatagramBatch(libc, BATCH_SIZE, 1232, true);
    const port = portOf(fd);
    const askers = ["127.0.0.1", "127.0.1.5"].map((host) => new BatchClient(libc, { host, port }));
    const kinds = [0, MIXED.silent, 0, 0, MIXED.silent];
    const queries = Array.from({ length: 50 }, (_, i) => query(i, kinds[i % kinds.length]));
    for (const [i, each] of queries.entries()) askers[(i >> 1) & 1]!.send([each]);
    run(ANSWERERS.mixed);
    askers.forEach((asker, part) => {
      const expected = queries.filter((each, i) => ((i >> 1) & 1) === part && each[3] === 0).map(echoOf);
      // It throws where a reply comes from another address.
      expect(asker.receive(expected.length)).toEqual(expected);
      asker.close();
    });
  });

  test("a query from port 0 is dropped before it is answered", (context) => {
    const address = { host: "127.0.0.1", port: portOf(fd) };
    const reason = sendFromPortZero(address, query(1));
    if (reason !== undefined) context.skip(reason);
    clients[0].send([query(2)]);
    run(echo);
    expect(clients[0].receive(1)).toEqual([echoOf(query(2))]);
    expect([control[CONTROL.RECEIVED], control[CONTROL.DROPPED], control[CONTROL.SEND_ERRORS]]).toEqual([2, 1, 0]);
  });

  test("a query handed over has all that a late reply needs", () => {
    const queries = Array.from({ length: 100 }, (_, i) => query(i, i % 2 === 0 ? MIXED.handOver : 0));
    for (const [i, each] of queries.entries()) clients[i % 4 < 2 ? 0 : 1].send([each]);
    const late: (() => boolean)[] = [];
    const sender = new LateSender(libc, fd);
    run(ANSWERERS.mixed, {
      handOver: (i, size) => {
        const start = i * batch.queryStride;
        const held = batch.queries.slice(start, start + size);
        const { address, packetInfo } = batch.copyAddress(i);
        late.push(() => sender.send(echoOf(held), address, packetInfo));
      },
    });
    expect(late.map((send) => send())).toEqual(Array(50).fill(true));
    clients.forEach((client, part) => {
      const own = queries.filter((_, i) => (i % 4 < 2 ? 0 : 1) === part);
      const [now, handed] = [0, MIXED.handOver].map((kind) => own.filter((each) => each[3] === kind).map(echoOf));
      expect(client.receive(own.length)).toEqual([...now!, ...handed!]);
    });
    expect(control[CONTROL.HANDED_OVER]).toBe(50);
  });

  test("no more than HAND_OVER_MAX queries wait for the main thread", () => {
    control[CONTROL.HANDED_OVER] = HAND_OVER_MAX - 3;
    clients[0].send(Array.from({ length: 10 }, (_, i) => query(i, MIXED.handOver)));
    const handed: number[] = [];
    run(ANSWERERS.mixed, { handOver: (i) => void handed.push(i) });
    expect(handed).toEqual([0, 1, 2]);
    expect(control[CONTROL.HANDED_OVER]).toBe(HAND_OVER_MAX);
    expect([control[CONTROL.QUEUE_FULL], control[CONTROL.DROPPED]]).toEqual([7, 0]);
  });

  test("a query of more than 4,096 bytes is dropped, the others of its batch are not", () => {
    const [largest, oversized] = [query(1, 0, 4096), Buffer.alloc(4097, 1)];
    clients[0].send([query(0)]);
    sendLarge(oversized);
    clients[0].send([largest]);
    run(echo);
    expect(clients[0].receive(2)).toEqual([echoOf(query(0)), echoOf(largest)]);
    expect(clients[0].receive(1, 40)).toEqual([]);
    expect(control[CONTROL.DROPPED]).toBe(1);
  });

  /** `BatchClient` sends what fits its own buffers; this goes by a socket's late sender instead. */
  function sendLarge(bytes: Uint8Array): void {
    const port = portOf(fd);
    const address = Uint8Array.from([2, 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(new LateSender(libc, clients[0].fd).send(bytes, address, new Uint8Array(0))).toBe(true);
  }

  test("messages are received at the start, and before the next batch is answered", () => {
    const order: string[] = [];
    clients[0].send(Array.from({ length: BATCH_SIZE + 1 }, (_, i) => query(i)));
    const answerer: Answerer = {
      answer(bytes, start, ...rest) {
        order.push(`answer ${(bytes[start]! << 8) | bytes[start + 1]!}`);
        if (order.length === 2) Atomics.add(control, CONTROL.POSTED, 1);
        return echo.answer(bytes, start, ...rest);
      },
    };
    run(answerer, { onPosted: () => void order.push("posts") });
    const answers = Array.from({ length: BATCH_SIZE + 1 }, (_, i) => `answer ${i}`);
    expect(order).toEqual(["posts", ...answers.slice(0, BATCH_SIZE), "posts", `answer ${BATCH_SIZE}`]);
  });

  test("a query that the answerer throws for loses only its own reply; then the fault is thrown", () => {
    const queries = Array.from({ length: BATCH_SIZE }, (_, i) => query(i, i % 9 === 4 ? 0xff : 0));
    clients[0].send([...queries, query(1000)]);
    expect(() => run(ANSWERERS.broken)).toThrow("a bug");
    const good = queries.filter((each) => each[3] === 0);
    expect(clients[0].receive(good.length)).toEqual(good.map(echoOf));
    // What the next batch would have taken still waits in the socket.
    expect([clients[0].receive(1, 40), control[CONTROL.DROPPED]]).toEqual([[], BATCH_SIZE - good.length]);
    run(ANSWERERS.broken);
    expect(clients[0].receive(1)).toEqual([echoOf(query(1000))]);
  });

  test("a failed recvmmsg is thrown with its error number", () => {
    libc.close(fd);
    expect(() => run(echo)).toThrow("recvmmsg failed with error 9");
    // For the clean-up to close.
    ({ fd } = openBatchSocket(libc, { host: "127.0.0.1", port: 0 }));
  });

  test("the loop ends in time on a socket that never runs dry", () => {
    clients[0].send([query(1)]);
    let answered = 0;
    const startedAtMs = performance.now();
    run({
      answer() {
        answered++;
        clients[0].send([query(answered & 0xffff)]);
        return 0;
      },
    });
    expect(answered).toBeGreaterThan(1);
    expectMsBelow(performance.now() - startedAtMs, 100);
  });

  test("each batch with replies is timed, with their number", () => {
    const samples: { seconds: number; replies: number }[] = [];
    const isSilent = (i: number): boolean => i === 5 || i >= BATCH_SIZE * 2;
    clients[0].send(Array.from({ length: BATCH_SIZE * 2 + 3 }, (_, i) => query(i, isSilent(i) ? MIXED.silent : 0, 12)));
    run(ANSWERERS.mixed, { onLatency: (seconds, replies) => void samples.push({ seconds, replies }) });
    expect(samples.map(({ replies }) => replies)).toEqual([BATCH_SIZE - 1, BATCH_SIZE]);
    for (const { seconds } of samples) expect(seconds > 0 && seconds < 1, `${seconds} s`).toBe(true);
  });
});
