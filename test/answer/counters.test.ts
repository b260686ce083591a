// Counting in shared memory, and what a server has counted of questions asked over the network.
import { startEngine } from "../support/engine.ts";
import type { Server } from "../support/engine.ts";
import type { Counts } from "../../src/answer/counters.ts";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Counters, newCounters, sumCounters } from "../../src/answer/counters.ts";
import { reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { headless, manyEndpoints, service } from "../support/cluster.ts";
import { askTcp, UdpClient } from "../support/network.ts";
import { readMessage, writeHeader, writeQuery } from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

/** The keys of a group that are not 0. */
function nonZero(group: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(group).filter(([, count]) => count !== 0));
}

function counted(...answers: Parameters<Counters["count"]>[]): Counts {
  const counters = new Counters();
  for (const answer of answers) counters.count(...answer);
  return sumCounters([counters], []);
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
    [65, "HTTPS"],
    [255, "ANY"],
    [0, "other"],
    [64, "other"],
    // Types whose low byte is that of a known one.
    [257, "other"],
    [0xff1c, "other"],
    [65_535, "other"],
  ])("type %i is %s", (type, name) => {
    expect(nonZero(counted([type, 0, 100, false]).byType)).toEqual({ [name]: 1 });
  });

  test.each([
    [0, "NOERROR"],
    [1, "FORMERR"],
    [2, "SERVFAIL"],
    [3, "NXDOMAIN"],
    [4, "NOTIMP"],
    [5, "REFUSED"],
    [9, "other"],
    [16, "other"],
  ])("rcode %i is %s", (rcode, name) => {
    const counts = counted([1, rcode, 100, false], [1, rcode, 100, false]);
    expect([nonZero(counts.byRcode), counts.total]).toEqual([{ [name]: 2 }, 2]);
  });

  test.each([
    [12, "<=64"],
    [64, "<=64"],
    [65, "<=128"],
    [512, "<=512"],
    [513, "<=1232"],
    [1232, "<=1232"],
    [1233, "<=4096"],
    [4097, ">4096"],
    [65_535, ">4096"],
  ])("a reply of %i bytes is %s", (size, name) => {
    expect(nonZero(counted([1, 0, size, false]).bySize)).toEqual({ [name]: 1 });
  });

  test.each([
    [0, "<=5"],
    [5, "<=5"],
    [5.5, "<=10"],
    [1000, "<=1000"],
    [1001, "<=5000"],
    [5000.1, ">5000"],
  ])("%d microseconds are %s, for each reply of the sample", (us, name) => {
    const counters = new Counters();
    counters.countLatency(us, 64);
    counters.countLatency(us, 0);
    const counts = sumCounters([counters], []);
    expect([nonZero(counts.byLatency), counts.total]).toEqual([{ [name]: 64 }, 0]);
  });

  test("what is cut is counted beside all else", () => {
    expect(counted([1, 0, 500, true], [1, 0, 500, false])).toMatchObject({ truncated: 1, total: 2 });
  });

  test("blocks are summed, and one memory counted from two sides is one block", () => {
    const { udp, stream } = newCounters();
    udp.count(1, 0, 100, false);
    stream.count(1, 3, 5000, true);
    new Counters(udp.memory).count(33, 0, 100, false);
    const counts = sumCounters([udp], [stream]);
    expect(counts.byTransport.udp + counts.byTransport.stream).toBe(counts.total);
    expect(Math.min(counts.byTransport.udp, counts.byTransport.stream)).toBeGreaterThan(0);
    expect([nonZero(counts.byType), nonZero(counts.byRcode), nonZero(counts.bySize), counts.truncated]).toEqual([
      { A: 2, SRV: 1 },
      { NOERROR: 2, NXDOMAIN: 1 },
      { "<=128": 2, ">4096": 1 },
      1,
    ]);
    expect(sumCounters([], [])).toMatchObject({ total: 0, truncated: 0 });
  });

  test("every group counts every answer once", () => {
    const { udp } = newCounters();
    for (let i = 0; i < 3000; i++) udp.count(i % 300, i % 17, i, i % 2 === 0);
    const counts = sumCounters([udp], []);
    const sum = (group: Readonly<Record<string, number>>): number =>
      Object.values(group).reduce((total, count) => total + count, 0);
    expect([sum(counts.byType), sum(counts.byRcode), sum(counts.bySize), counts.truncated, counts.total]).toEqual([
      3000, 3000, 3000, 1500, 3000,
    ]);
  });

  test("counts past 2^32 are whole", () => {
    const counters = new Counters();
    new Float64Array(counters.memory).fill(2 ** 40);
    counters.count(1, 0, 100, false);
    expect(sumCounters([counters], [])).toMatchObject({ total: 7 * 2 ** 40 + 1, byType: { A: 2 ** 40 + 1 } });
  });

  test("another thread's counts are seen", async () => {
    const { udp } = newCounters();
    const code = `
      const { workerData } = require("node:worker_threads");
      import(workerData.url).then(({ Counters }) => {
        const counters = new Counters(workerData.memory);
        for (let i = 0; i < 1000; i++) counters.count(28, 0, 80, false);
      });`;
    const url = new URL("../../src/answer/counters.ts", import.meta.url).href;
    const worker = new Worker(code, { eval: true, workerData: { url, memory: udp.memory } });
    await new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));
    expect(sumCounters([udp], []).byType["AAAA"]).toBe(1000);
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
  async function growth(asked: () => Promise<unknown>): Promise<Record<string, unknown>> {
    const before = server.counts;
    await asked();
    const after = server.counts;
    const differences = (group: "byType" | "byRcode" | "bySize"): Record<string, number> =>
      nonZero(Object.fromEntries(Object.entries(after[group]).map(([key, n]) => [key, n - before[group][key]!])));
    return {
      ...differences("byType"),
      ...differences("byRcode"),
      ...differences("bySize"),
      truncated: after.truncated - before.truncated,
      total: after.total - before.total,
    };
  }

  const ask = (query: Query): Promise<Buffer> => udp.ask(writeQuery(query));
  const web = { name: `web.default.svc.${domain}`, type: "A" };

  test.each<[what: string, asked: () => Promise<unknown>, grown: Record<string, number>]>([
    ["an address", () => ask(web), { A: 1, NOERROR: 1, "<=64": 1 }],
    [
      "a name that is not there",
      () => ask({ ...web, name: `no.${domain}`, type: "AAAA" }),
      { AAAA: 1, NXDOMAIN: 1, "<=128": 1 },
    ],
    [
      "a set that is cut",
      () => ask({ ...web, name: `big.default.svc.${domain}` }),
      { A: 1, NOERROR: 1, "<=512": 1, truncated: 1 },
    ],
    [
      "the same over TCP",
      () => askTcp(server.addresses[0]!, writeQuery({ ...web, name: `big.default.svc.${domain}` })),
      { A: 1, NOERROR: 1, "<=4096": 1 },
    ],
    ["a name of somebody else", () => ask({ ...web, name: "example.com." }), { A: 1, REFUSED: 1, "<=64": 1 }],
    ["another class", () => ask({ ...web, class: 3 }), { A: 1, REFUSED: 1, "<=64": 1 }],
    ["another EDNS version", () => ask({ ...web, opt: { size: 1232, version: 1 } }), { A: 1, other: 1, "<=64": 1 }],
    ["no question", () => udp.ask(writeHeader(77, 0, 0, 0, 0, 0)), { other: 1, FORMERR: 1, "<=64": 1 }],
    ["another opcode", () => udp.ask(writeHeader(78, 0x2000, 0, 0, 0, 0)), { other: 1, NOTIMP: 1, "<=64": 1 }],
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
    expect(grown).toEqual({ A: 1000, NOERROR: 1000, "<=64": 1000, truncated: 0, total: 1000 });
    expect(replies.every((reply) => readMessage(reply).answer.length === 1)).toBe(true);
    for (const client of clients) client.close();
  });

  test.runIf(udpTransport === "batch")("of a sample, how long it took", () => {
    const sampled = Object.values(server.counts.byLatency).reduce((sum, count) => sum + count, 0);
    expect(sampled).toBeGreaterThan(0);
    expect(sampled).toBeLessThan(server.counts.total);
  });
});
