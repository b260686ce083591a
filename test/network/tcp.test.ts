// Queries over TCP as clients send them: many in one segment, one in many. RFC 1035 4.2.2, RFC 7766 6.2 and 8.
import { afterAll, beforeAll, expect, test } from "vitest";
import { headless, manyEndpoints, service, startServer, type RunningServer } from "../support/cluster.ts";
import { frame, TcpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

let running: RunningServer;
beforeAll(async () => {
  const services = Array.from({ length: 25 }, (_, n) => service(`s-${n}`, `10.96.0.${n + 1}`));
  running = await startServer({ objects: [...services, ...headless("big", manyEndpoints(200))] });
});
afterAll(() => running?.server.close());

const query = (n: number): Buffer => writeQuery({ name: `s-${n}.default.svc.cluster.local.`, type: "A", id: n });

async function readIds(client: TcpClient, count: number): Promise<Map<number, string | undefined>> {
  const answers = new Map<number, string | undefined>();
  for (let n = 0; n < count; n++) {
    const message = readMessage(await client.next());
    answers.set(message.id, message.answer[0]?.rdata);
  }
  return answers;
}

const expected = (count: number): Map<number, string> =>
  new Map(Array.from({ length: count }, (_, n) => [n, `10.96.0.${n + 1}`]));

async function withClient(use: (client: TcpClient) => Promise<void>): Promise<void> {
  const client = await TcpClient.open(running.endpoint);
  try {
    await use(client);
  } finally {
    client.close();
  }
}

test("25 queries in one write get 25 answers", () =>
  withClient(async (client) => {
    await client.write(Buffer.concat(Array.from({ length: 25 }, (_, n) => frame(query(n)))));
    expect(await readIds(client, 25)).toEqual(expected(25));
  }));

test("a query that comes byte by byte is answered", () =>
  withClient(async (client) => {
    for (const byte of frame(query(0))) await client.write(Buffer.from([byte]));
    expect(await readIds(client, 1)).toEqual(expected(1));
  }));

test.each([1, 2, 3, 13, 14, 40])("a query and a half per segment, cut at byte %i", (cut) =>
  withClient(async (client) => {
    const second = frame(query(1));
    await client.write(Buffer.concat([frame(query(0)), second.subarray(0, cut)]));
    expect(readMessage(await client.next()).id).toBe(0);
    await client.write(Buffer.concat([second.subarray(cut), frame(query(2))]));
    expect(await readIds(client, 2)).toEqual(new Map([...expected(3)].slice(1)));
  }),
);

test("one connection takes hundreds of queries, large answers among them", () =>
  withClient(async (client) => {
    const big = writeQuery({ name: "big.default.svc.cluster.local.", type: "A", id: 1_000 });
    for (let round = 0; round < 20; round++) {
      await client.write(Buffer.concat([frame(big), ...Array.from({ length: 10 }, (_, n) => frame(query(n)))]));
      const answers = await readIds(client, 11);
      expect(answers.get(1_000)).toMatch(/^10\.244\./);
      answers.delete(1_000);
      expect(answers).toEqual(expected(10));
    }
  }));

test("a client that leaves in the middle of a query harms no other", () =>
  withClient(async (client) => {
    const leaver = await TcpClient.open(running.endpoint);
    await leaver.write(frame(query(3)).subarray(0, 20));
    leaver.close();
    await client.write(frame(query(0)));
    expect(await readIds(client, 1)).toEqual(expected(1));
  }));
