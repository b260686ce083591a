// Each mode of the fault proxy, seen by one who asks through it: what arrives, from where, how often, in which order.
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { askTcp } from "../support/network.ts";
import { answerOf, rightAnswer, ScriptedUpstream } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import { FaultProxy, POISON } from "./fault-proxy.ts";
import type { ProxyFaults } from "./fault-proxy.ts";

const QUERIES = 40;

let upstream: ScriptedUpstream;
let proxy: FaultProxy;
let client: Socket;
let arrived: { readonly bytes: Buffer; readonly from: RemoteInfo }[];

beforeAll(async () => {
  upstream = await ScriptedUpstream.open(({ query }) => [{ bytes: rightAnswer(query) }]);
});
afterAll(() => upstream.close());
beforeEach(async () => {
  proxy = await FaultProxy.open({ host: "127.0.0.1", port: upstream.port });
  arrived = [];
  client = createSocket("udp4").bind(0, "127.0.0.1");
  client.on("message", (bytes, from) => arrived.push({ bytes, from }));
  await once(client, "listening");
});
afterEach(async () => {
  client.close();
  await proxy.closePort();
});

const queryOf = (id: number): Buffer => writeQuery({ name: "www.up.example.", type: "A", id });
const ids = (): number[] => arrived.map(({ bytes }) => bytes.readUInt16BE(0));

/** Sends queries with the ids from 1 while these faults hold, then one without any, to which the reply comes last. */
async function askAll(faults: ProxyFaults): Promise<void> {
  proxy.faults = faults;
  const before = proxy.queries;
  for (let id = 1; id <= QUERIES; id++) client.send(queryOf(id), proxy.port, "127.0.0.1");
  await vi.waitFor(() => expect(proxy.queries - before).toBe(QUERIES), 10_000);
}

async function arrivedCount(count: number): Promise<void> {
  await vi.waitFor(() => expect(arrived.length).toBeGreaterThanOrEqual(count), 10_000);
}

/** All that was on its way has arrived when this has. */
async function askPlainly(): Promise<void> {
  proxy.faults = {};
  client.send(queryOf(0xeeee), proxy.port, "127.0.0.1");
  await vi.waitFor(() => expect(ids()).toContain(0xeeee), 10_000);
}

describe("over UDP", () => {
  test("without faults each reply arrives, from the port that was asked", async () => {
    await askAll({});
    await arrivedCount(QUERIES);
    expect(ids().toSorted((a, b) => a - b)).toEqual(Array.from({ length: QUERIES }, (_, i) => i + 1));
    expect(new Set(arrived.map(({ from }) => from.port))).toEqual(new Set([proxy.port]));
    for (const { bytes } of arrived) expect(answerOf(bytes)).toEqual(["A 192.0.2.1"]);
  });

  test.each<[what: string, faults: ProxyFaults]>([
    ["a blackhole", { blackhole: true }],
    ["a loss of all", { dropShare: 1 }],
  ])("%s lets nothing through", async (_, faults) => {
    await askAll(faults);
    await askPlainly();
    expect(ids()).toEqual([0xeeee]);
  });

  test("a loss of half loses some", async () => {
    await askAll({ dropShare: 0.5 });
    await askPlainly();
    expect(arrived.length).toBeLessThan(QUERIES);
  });

  test("replies come twice", async () => {
    await askAll({ duplicateShare: 1 });
    await arrivedCount(2 * QUERIES);
    expect(new Set(ids()).size).toBe(QUERIES);
  });

  test("replies come in another order", async () => {
    await askAll({ reorderShare: 0.5 });
    await arrivedCount(QUERIES);
    const sorted = ids().toSorted((a, b) => a - b);
    expect(new Set(sorted).size).toBe(QUERIES);
    expect(ids()).not.toEqual(sorted);
  });

  test("replies have another id", async () => {
    await askAll({ wrongIdShare: 1 });
    await arrivedCount(QUERIES);
    for (const id of ids()) expect(id).toBeGreaterThan(QUERIES);
  });

  test("replies come from another port", async () => {
    await askAll({ wrongPortShare: 1 });
    await arrivedCount(QUERIES);
    expect(arrived.some(({ from }) => from.port === proxy.port)).toBe(false);
  });

  test("replies have other bytes, and the same id", async () => {
    await askAll({ corruptShare: 1 });
    await arrivedCount(QUERIES);
    expect(new Set(ids()).size).toBe(QUERIES);
    const changed = arrived.filter(({ bytes }) => !bytes.equals(rightAnswer(queryOf(bytes.readUInt16BE(0)))));
    expect(changed.length).toBeGreaterThan(QUERIES / 2);
  });

  test("replies are garbage with the right id", async () => {
    await askAll({ garbageShare: 1 });
    await arrivedCount(QUERIES);
    expect(new Set(ids())).toEqual(new Set(Array.from({ length: QUERIES }, (_, i) => i + 1)));
    for (const { bytes } of arrived) expect(bytes).not.toEqual(rightAnswer(queryOf(bytes.readUInt16BE(0))));
  });

  test("replies are cut off, with TC", async () => {
    await askAll({ truncateShare: 1 });
    await arrivedCount(QUERIES);
    for (const { bytes } of arrived) {
      const { flags, answer, question } = readMessage(bytes);
      expect([flags.tc, answer.length, question?.name]).toEqual([true, 0, "www.up.example."]);
    }
  });

  test("replies come later", async () => {
    const startedMs = performance.now();
    await askAll({ delayMs: 100 });
    await arrivedCount(QUERIES);
    // Timers may fire a part of a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThan(98);
  });

  test("forged replies come from the right port with any id but the right one", async () => {
    await askAll({ spoof: { toAsker: 5, toOthers: 1, aSecondMax: 1e6 } });
    await arrivedCount(6 * QUERIES);
    const forged = arrived.filter(({ bytes }) => answerOf(bytes).includes(`A ${POISON}`));
    expect(forged.length).toBeGreaterThanOrEqual(5 * QUERIES);
    expect(new Set(forged.map(({ from }) => from.port))).toEqual(new Set([proxy.port]));
    expect(proxy.forged).toBe(6 * QUERIES);
  });

  test("a closed port is opened again with its number", async () => {
    const { port } = proxy;
    await proxy.closePort();
    await proxy.openPort();
    expect(proxy.port).toBe(port);
    await askPlainly();
  });
});

describe("over TCP", () => {
  const ask = (): Promise<Buffer> => askTcp({ host: "127.0.0.1", port: proxy.port }, queryOf(7));

  test("messages pass", async () => {
    expect(answerOf(await ask())).toEqual(["A 192.0.2.1"]);
    expect(proxy.connections).toBe(1);
  });

  test("connections are closed at once", async () => {
    proxy.faults = { tcp: "close" };
    await expect(ask()).rejects.toThrow(/closed|ECONNRESET|EPIPE/);
  });

  test("connections are accepted, and nothing is said", async () => {
    proxy.faults = { tcp: "silent" };
    const asked = ask();
    asked.catch(() => undefined);
    await vi.waitFor(() => expect(proxy.connections).toBe(1), 10_000);
    await proxy.closePort();
    await expect(asked).rejects.toThrow(/closed/);
  });
});
