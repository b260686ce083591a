// Counting in shared memory, and what a server has counted of questions asked over the network.
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sumCounters } from "../../src/answer/answer-counts.ts";
import type { AnswerCounts } from "../../src/answer/answer-counts.ts";
import { ANSWERED_BY } from "../../src/answer/answered-by.ts";
import { BLOCK, Counters, newCounters } from "../../src/answer/counters.ts";
import { reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { headless, manyEndpoints, service } from "../support/cluster.ts";
import { startEngine } from "../support/engine.ts";
import type { Server } from "../support/engine.ts";
import { askTcp, UdpClient } from "../support/network.ts";
import { readMessage, writeHeader, writeQuery } from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

const { CLUSTER, NONE } = ANSWERED_BY;

/** The sums of one block in which these answers were counted. */
function counted(...answers: Parameters<Counters["count"]>[]): AnswerCounts {
  const counters = new Counters();
  for (const answer of answers) counters.count(...answer);
  return sumCounters([counters]);
}

/** The upper bound of the only class that holds anything. */
function onlyClass({ bounds, counts }: AnswerCounts["querySizes"]): number {
  const at = counts.findIndex((count) => count > 0);
  expect(counts.filter((count) => count > 0)).toHaveLength(1);
  return bounds[at] ?? Number.POSITIVE_INFINITY;
}

describe("Counters", () => {
  test.each([
    [1, "A"],
    [28, "AAAA"],
    [33, "SRV"],
    [12, "PTR"],
    [16, "TXT"],
    [5, "CNAME"],
    [2, "NS"],
    [6, "SOA"],
    [15, "MX"],
    [48, "DNSKEY"],
    [64, "SVCB"],
    [65, "HTTPS"],
    [251, "IXFR"],
    [255, "ANY"],
    [0, "other"],
    [66, "other"],
    // Types whose low byte is that of a known one.
    [257, "other"],
    [0xff1c, "other"],
    [65_535, "other"],
  ])("type %i is %s", (type, name) => {
    expect(counted([CLUSTER, type, 0, 40, 100]).answers).toEqual([
      { answeredBy: "cluster", type: name, rcode: "NOERROR", count: 1 },
    ]);
  });

  test.each([
    [0, "NOERROR"],
    [1, "FORMERR"],
    [2, "SERVFAIL"],
    [3, "NXDOMAIN"],
    [4, "NOTIMP"],
    [5, "REFUSED"],
    [6, "YXDOMAIN"],
    [9, "NOTAUTH"],
    [16, "BADVERS"],
    [7, "other"],
    [31, "other"],
    [32, "other"],
    [4095, "other"],
  ])("rcode %i is %s", (rcode, name) => {
    expect(counted([NONE, 1, rcode, 40, 100], [NONE, 1, rcode, 40, 100]).answers).toEqual([
      { answeredBy: "none", type: "A", rcode: name, count: 2 },
    ]);
  });

  test.each([
    [12, 100],
    [100, 100],
    [101, 200],
    [511, 511],
    [512, 1023],
    [1232, 1232],
    [1233, 2047],
    [64_000, 64_000],
    [65_535, Number.POSITIVE_INFINITY],
  ])("%i bytes are in the class up to %d", (size, bound) => {
    const { querySizes, replySizes } = counted([CLUSTER, 1, 0, size, 30]);
    expect([onlyClass(querySizes), onlyClass(replySizes), querySizes.sum, replySizes.sum]).toEqual([
      bound,
      100,
      size,
      30,
    ]);
    expect(onlyClass(counted([CLUSTER, 1, 0, 30, size]).replySizes)).toBe(bound);
  });

  test.each([
    [0, 0.000001953125],
    [0.000002, 0.00000390625],
    [0.00025, 0.00025],
    [0.00026, 0.0005],
    [8.192, 8.192],
    [9, Number.POSITIVE_INFINITY],
  ])("%d seconds are in the class up to %d, for each reply of the batch", (seconds, bound) => {
    const counters = new Counters();
    counters.countLatency(seconds, 64);
    const { latencies, answers } = sumCounters([counters]);
    expect([onlyClass(latencies), Math.max(...latencies.counts), answers]).toEqual([bound, 64, []]);
    expect(latencies.sum).toBeCloseTo(seconds * 64, 9);
  });

  test("what is cut, limited or wants DNSSEC is counted beside all else", () => {
    const counters = new Counters();
    counters.countTruncated();
    counters.countLimited();
    counters.countLimited();
    counters.countDnssecOk();
    expect(sumCounters([counters])).toMatchObject({ truncated: 1, limited: 2, dnssecOk: 1, answers: [] });
  });

  test("every number counts every answer once", () => {
    const counters = new Counters();
    for (let i = 0; i < 3000; i++) counters.count(i % 9, i % 300, i % 40, i, 3000 - i);
    const { answers, querySizes, replySizes } = sumCounters([counters]);
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    expect([sum(answers.map(({ count }) => count)), sum(querySizes.counts), sum(replySizes.counts)]).toEqual([
      3000, 3000, 3000,
    ]);
    expect([querySizes.sum, replySizes.sum]).toEqual([(2999 * 3000) / 2, (3000 * 3001) / 2]);
  });

  test("counts past 2^32 are whole", () => {
    const counters = new Counters();
    new Float64Array(counters.memory).fill(2 ** 40, BLOCK.ANSWERS, BLOCK.TRUNCATED);
    counters.count(CLUSTER, 1, 0, 40, 100);
    expect(sumCounters([counters]).answers[0]).toMatchObject({ type: "A", rcode: "NOERROR", count: 2 ** 40 + 1 });
  });

  test("another thread's counts are seen", async () => {
    const { udp } = newCounters();
    const code = `
      const { workerData } = require("node:worker_threads");
      import(workerData.url).then(({ Counters }) => {
        const counters = new Counters(workerData.memory);
        for (let i = 0; i < 1000; i++) counters.count(0, 28, 0, 40, 80);
      });`;
    const url = new URL("../../src/answer/counters.ts", import.meta.url).href;
    const worker = new Worker(code, { eval: true, workerData: { url, memory: udp.memory } });
    await new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));
    expect(sumCounters([udp]).answers).toMatchObject([{ type: "AAAA", count: 1000 }]);
  });
});

const transports = reasonAgainstBatches() === undefined ? (["dgram", "batch"] as const) : (["dgram"] as const);

describe.each(transports)("what a server has counted (%s)", (udpTransport) => {
  let server: Server;
  let udp: UdpClient;
  const domain = "cluster.local.";

  beforeAll(async () => {
    const objects = [service("web", "10.96.0.80"), ...headless("big", manyEndpoints(200))];
    server = startEngine({ objects, udpTransport, udpWorkers: 2 });
    const [address] = await server.ready;
    udp = await UdpClient.open(address!);
  });
  afterAll(async () => {
    udp?.close();
    await server?.close();
  });

  /** How much each key grew while `asked` ran: an answer is counted before it is sent. */
  async function growth(asked: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = server.counts;
    await asked();
    const after = server.counts;
    const grown: Record<string, number> = {
      truncated: after.truncated - before.truncated,
      total: after.total - before.total,
    };
    for (const group of ["byType", "byRcode", "answeredBy", "byTransport"] as const)
      for (const [key, count] of Object.entries<number>(after[group])) {
        const more = count - ((before[group] as Record<string, number>)[key] ?? 0);
        if (more !== 0) grown[key] = more;
      }
    return grown;
  }

  const ask = (query: Query): Promise<Buffer> => udp.ask(writeQuery(query));
  const web = { name: `web.default.svc.${domain}`, type: "A" };
  const big = { name: `big.default.svc.${domain}`, type: "A" };

  test.each<[what: string, asked: () => Promise<unknown>, grown: Record<string, number>]>([
    ["an address", () => ask(web), { A: 1, NOERROR: 1, cluster: 1, udp: 1 }],
    [
      "a name that is not there",
      () => ask({ ...web, name: `no.${domain}`, type: "AAAA" }),
      { AAAA: 1, NXDOMAIN: 1, cluster: 1, udp: 1 },
    ],
    [
      "a reverse name",
      () => ask({ name: "80.0.96.10.in-addr.arpa.", type: "PTR" }),
      { PTR: 1, NOERROR: 1, reverse: 1, udp: 1 },
    ],
    ["a special name", () => ask({ ...web, name: "localhost." }), { A: 1, NOERROR: 1, special: 1, udp: 1 }],
    ["a set that is cut", () => ask(big), { A: 1, NOERROR: 1, truncated: 1, cluster: 1, udp: 1 }],
    [
      "the same over TCP",
      () => askTcp(server.addresses[0]!, writeQuery(big)),
      { A: 1, NOERROR: 1, cluster: 1, tcp: 1 },
    ],
    ["a name of somebody else", () => ask({ ...web, name: "example.com." }), { A: 1, REFUSED: 1, none: 1, udp: 1 }],
    ["another class", () => ask({ ...web, class: 3 }), { A: 1, REFUSED: 1, none: 1, udp: 1 }],
    [
      "another EDNS version",
      () => ask({ ...web, opt: { size: 1232, version: 1 } }),
      { A: 1, BADVERS: 1, none: 1, udp: 1 },
    ],
    ["no question", () => udp.ask(writeHeader(77, 0, 0, 0, 0, 0)), { other: 1, FORMERR: 1, none: 1, udp: 1 }],
    ["another opcode", () => udp.ask(writeHeader(78, 0x2000, 0, 0, 0, 0)), { other: 1, NOTIMP: 1, none: 1, udp: 1 }],
  ])("%s", async (_, asked, grown) => {
    expect(await growth(asked)).toEqual({ truncated: 0, total: 1, ...grown });
  });

  test("a thousand, of several clients, not one too many", async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => UdpClient.open(server.addresses[0]!)));
    let replies: Buffer[] = [];
    const grown = await growth(async () => {
      const ids = Array.from({ length: 125 }, (_, id) => id);
      replies = await Promise.all(clients.flatMap((client) => ids.map((id) => client.ask(writeQuery({ ...web, id })))));
    });
    expect(grown).toEqual({ A: 1000, NOERROR: 1000, cluster: 1000, udp: 1000, truncated: 0, total: 1000 });
    expect(replies.every((reply) => readMessage(reply).answer.length === 1)).toBe(true);
    for (const client of clients) client.close();
  });
});
