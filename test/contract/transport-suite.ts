// The contract of all transports: each transport's test file calls `describeTransport`.
// Uses loopback sockets only.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import type { ListenAddress } from "../../src/net/listen-address.ts";
import { ListenError } from "../../src/server/listen-error.ts";
import type { Transport, TransportEvents } from "../../src/server/transport.ts";
import {
  broken,
  type Client,
  echo,
  echoOf,
  LateEcho,
  makeEarlyQuery,
  makeLateQuery,
  makeQuery,
  makeSizedQuery,
  sized,
  until,
} from "./transport-clients.ts";

/** A transport as the suite needs it. */
export interface TransportUnderTest {
  /** The answerers are those that transport-clients.ts exports. */
  open(address: ListenAddress, answerer: LateAnswerer, events: TransportEvents): Promise<Transport>;
  connect(server: ListenAddress): Promise<Client>;
  readonly replySizeMax: number;
  /** For transports on datagrams only. */
  readonly datagrams?: {
    /** Larger queries may be dropped. */
    readonly querySizeMax: number;
    /** Opens the wildcard of the family on a machine whose own addresses include these. */
    openWildcard(address: ListenAddress, local: readonly string[], answerer: LateAnswerer): Promise<Transport>;
  };
}

/** UDP over IPv4: 65,535 less the headers. */
const DATAGRAM_SIZE_MAX = 65_507;
const anyPort: ListenAddress = { host: "127.0.0.1", port: 0 };

/** Declares the suite for one transport. */
export function describeTransport(name: string, transport: TransportUnderTest): void {
  const faults: Error[] = [];
  const cleanUp: (() => Promise<void> | void)[] = [];
  const events: TransportEvents = { onFault: (fault) => void faults.push(fault) };

  async function open(answerer: LateAnswerer, address = anyPort): Promise<Transport> {
    const opened = await transport.open(address, answerer, events);
    cleanUp.push(() => opened.close());
    return opened;
  }

  async function connect(server: ListenAddress): Promise<Client> {
    const client = await transport.connect(server);
    cleanUp.push(() => client.close());
    return client;
  }

  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step();
    // Faults that a test has not taken were not expected.
    assert.deepEqual(faults.splice(0), []);
  });

  describe(`the transport contract: ${name}`, () => {
    test("10,000 queries of 4 concurrent clients each get their own reply", async () => {
      const { address } = await open(echo);
      await Promise.all(
        [0, 1, 2, 3].map(async (part) => {
          const client = await connect(address);
          await askAll(client, 2_500, (i) => makeQuery(part * 2_500 + i, 12 + ((i * 37) % 600)));
        }),
      );
    });

    test("no reply where the answerer has none", async () => {
      const { address } = await open(echo);
      const client = await connect(address);
      await client.send(echoOf(makeQuery(1)), makeQuery(2));
      expect(await client.receive()).toEqual(echoOf(makeQuery(2)));
      await expect(client.receive(50)).rejects.toThrow("no reply within 50 ms");
    });

    test("the largest replies arrive whole, many in a row", async () => {
      const { address } = await open(sized);
      const client = await connect(address);
      for (let id = 0; id < 20; id++) {
        const { query, reply } = makeSizedQuery(id, id % 2 === 0 ? transport.replySizeMax : 12, id);
        await client.send(query);
        const received = await client.receive();
        expect(received.equals(reply), `reply ${id}: ${received.length} bytes`).toBe(true);
      }
    });

    test("a fault of the answerer is reported and affects no other client", async () => {
      const { address } = await open(broken);
      const [victim, other] = [await connect(address), await connect(address)];
      const query = makeQuery(1);
      query[3] = 0xff;
      await victim.send(query);
      await expect(victim.receive(200)).rejects.toThrow(/^(closed|no reply within 200 ms)$/);
      const good = makeQuery(2);
      good[3] = 0;
      await other.send(good);
      expect(await other.receive()).toEqual(echoOf(good));
      await until(() => faults.length > 0, "the fault is told of");
      expect(faults.splice(0)).toEqual([new Error("a bug")]);
    });

    test("close answers what has arrived, within a second, and may be called twice", async () => {
      const opened = await open(echo);
      const client = await connect(opened.address);
      await askAll(client, 1, makeQuery);
      const queries = Array.from({ length: 200 }, (_, id) => makeQuery(id, 100));
      await client.send(...queries);
      const start = performance.now();
      await Promise.all([opened.close(), opened.close()]);
      expect(performance.now() - start).toBeLessThan(1_000);
      for (const query of queries) expect(await client.receive(500)).toEqual(echoOf(query));
    });

    test("close frees the port", async () => {
      const first = await open(echo);
      await askAll(await connect(first.address), 3, makeQuery);
      await first.close();
      const second = await open(echo, first.address);
      expect(second.address).toEqual(first.address);
      await askAll(await connect(second.address), 3, makeQuery);
    });

    test("an address in use or of another machine is a ListenError in under a second", async () => {
      const { address } = await open(echo);
      const cases: [ListenAddress, string][] = [
        [address, "EADDRINUSE"],
        [{ host: "0.0.0.0", port: address.port }, "EADDRINUSE"],
        [{ host: "192.0.2.254", port: address.port }, "EADDRNOTAVAIL"],
      ];
      for (const [taken, code] of cases) {
        const start = performance.now();
        const error = await transport.open(taken, echo, events).then(
          async (opened) => opened.close(),
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(ListenError);
        expect(error).toMatchObject({ code, message: expect.stringMatching(/^cannot listen on .+; .+[^.]$/) });
        expect(performance.now() - start).toBeLessThan(1_000);
      }
      await askAll(await connect(address), 3, makeQuery);
    });

    describeLateAnswers(connect, open, cleanUp);
    if (transport.datagrams !== undefined) describeDatagrams(transport.datagrams, connect, open, cleanUp);
  });
}

function describeLateAnswers(
  connect: (server: ListenAddress) => Promise<Client>,
  open: (answerer: LateAnswerer) => Promise<Transport>,
  cleanUp: (() => Promise<void> | void)[],
): void {
  async function openLate(): Promise<{ late: LateEcho; opened: Transport; client: Client }> {
    const late = new LateEcho();
    const opened = await open(late);
    cleanUp.push(() => late.release());
    return { late, opened, client: await connect(opened.address) };
  }

  test("a query that waits for a late answer does not hold up the next ones", async () => {
    const { late, client } = await openLate();
    const slow = makeLateQuery(1, 300);
    const tookMs: number[] = [];
    await client.send(slow);
    for (let id = 2; id < 12; id++) {
      const start = performance.now();
      await client.send(makeEarlyQuery(id));
      expect(await client.receive()).toEqual(echoOf(makeEarlyQuery(id)));
      tookMs.push(performance.now() - start);
    }
    // One of them may meet a busy machine.
    expect(Math.min(...tookMs)).toBeLessThan(50);
    await until(() => late.waiting.length === 1, "the slow query is asked");
    late.release();
    expect(await client.receive()).toEqual(echoOf(slow));
  });

  test("late answers come in the order they are ready, not in the queries' order", async () => {
    const { late, client } = await openLate();
    const ids = Array.from({ length: 20 }, (_, id) => id);
    await client.send(...ids.map((id) => makeLateQuery(id, 12 + id)));
    await until(() => late.waiting.length === 20, "all are asked");
    for (const id of ids.toReversed()) {
      late.release([id]);
      expect(await client.receive()).toEqual(echoOf(makeLateQuery(id, 12 + id)));
    }
  });

  test("no reply where there is no late answer", async () => {
    const { late, client } = await openLate();
    await client.send(makeLateQuery(1), makeLateQuery(2));
    await until(() => late.waiting.length === 2, "both are asked");
    late.release([1], new Uint8Array(0));
    late.release([2]);
    expect(await client.receive()).toEqual(echoOf(makeLateQuery(2)));
    await expect(client.receive(50)).rejects.toThrow("no reply within 50 ms");
  });

  test("close does not wait for a missing late answer, and ignores one that comes after it", async () => {
    const { late, opened, client } = await openLate();
    await client.send(makeLateQuery(1));
    await until(() => late.waiting.length === 1, "it is asked");
    const start = performance.now();
    await opened.close();
    expect(performance.now() - start).toBeLessThan(1_000);
    late.release();
    await expect(client.receive(50)).rejects.toThrow(/^(closed|no reply within 50 ms)$/);
  });
}

function describeDatagrams(
  datagrams: NonNullable<TransportUnderTest["datagrams"]>,
  connect: (server: ListenAddress) => Promise<Client>,
  open: (answerer: LateAnswerer) => Promise<Transport>,
  cleanUp: (() => Promise<void> | void)[],
): void {
  test("a wildcard replies from the address that the query was sent to", async () => {
    const local = ["127.0.0.1", "127.0.1.5"];
    const opened = await datagrams.openWildcard({ host: "0.0.0.0", port: 0 }, local, echo);
    cleanUp.push(() => opened.close());
    expect(opened.address.host).toBe("0.0.0.0");
    for (const host of local) await askAll(await connect({ host, port: opened.address.port }), 3, makeQuery);
  });

  test("the IPv6 wildcard leaves IPv4's port alone", async () => {
    const opened = await datagrams.openWildcard({ host: "::", port: 0 }, ["::1"], echo);
    cleanUp.push(() => opened.close());
    await askAll(await connect({ host: "::1", port: opened.address.port }), 3, makeQuery);
    const v4 = await datagrams.openWildcard({ host: "0.0.0.0", port: opened.address.port }, ["127.0.0.1"], echo);
    cleanUp.push(() => v4.close());
    await askAll(await connect({ host: "127.0.0.1", port: opened.address.port }), 3, makeQuery);
  });

  test("a query from source port 0 is dropped, the next one answered", async (context) => {
    const { address } = await open(echo);
    const sent = sendFromPortZero(address, makeQuery(1));
    if (sent !== undefined) context.skip(sent);
    await askAll(await connect(address), 3, makeQuery);
  });

  test("empty, short and oversized datagrams do no harm", async () => {
    const { address } = await open(echo);
    const client = await connect(address);
    const largest = makeQuery(7, datagrams.querySizeMax);
    const oversized = makeQuery(8, Math.min(datagrams.querySizeMax + 1, DATAGRAM_SIZE_MAX));
    await client.send(Buffer.alloc(0), Buffer.alloc(11), largest, oversized, makeQuery(9));
    expect((await client.receive()).equals(echoOf(largest))).toBe(true);
    if (oversized.length === largest.length) expect((await client.receive()).equals(echoOf(oversized))).toBe(true);
    expect(await client.receive()).toEqual(echoOf(makeQuery(9)));
  });
}

/** Sends `count` queries, 50 at a time; every reply must be the echo of a query without a reply so far. */
async function askAll(client: Client, count: number, query: (i: number) => Buffer): Promise<void> {
  for (let next = 0; next < count; next += 50) {
    const window = Array.from({ length: Math.min(50, count - next) }, (_, i) => query(next + i));
    await client.send(...window);
    const open = new Map(window.map((each) => [each.readUInt16BE(0), echoOf(each)]));
    while (open.size > 0) {
      const reply = await client.receive();
      const expected = open.get(reply.readUInt16BE(0));
      expect(expected !== undefined && reply.equals(expected), `reply to ${reply.readUInt16BE(0)}`).toBe(true);
      open.delete(reply.readUInt16BE(0));
    }
  }
}

/** Sends a datagram from port 0 by a raw socket; returns the reason where that is not possible. */
export function sendFromPortZero({ host, port }: ListenAddress, query: Buffer): string | undefined {
  const script = `
import socket, struct, sys
query = bytes.fromhex(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
s.sendto(struct.pack("!HHHH", 0, int(sys.argv[2]), 8 + len(query), 0) + query, (sys.argv[1], 0))
`;
  const result = spawnSync("python3", ["-c", script, host, String(port), query.toString("hex")], { encoding: "utf8" });
  if (result.error !== undefined) return `no python3: ${result.error.message}`;
  if (result.stderr.includes("PermissionError")) return "raw sockets are not permitted here";
  expect(result.stderr).toBe("");
  return undefined;
}
