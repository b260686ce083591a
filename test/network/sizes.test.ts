// How large an answer may be, what is left out of it first, and how small it should be. RFC 1035 4.1.4 and 4.2.1,
// RFC 2181 9, RFC 6891 6.2.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headless, manyEndpoints, service, startServer, type RunningServer } from "../support/cluster.ts";
import { askTcp, UdpClient } from "../support/network.ts";
import { readMessage, writeQuery, type ResourceRecord, type Query } from "../support/wire.ts";

const HEADER_BYTES = 12;
const OPT_BYTES = 11;
const COMPRESSED_A_BYTES = 16;
const BIG = "big.default.svc.cluster.local.";
/** Name, type and class of the question for `name`. */
const questionBytes = (name: string): number => name.length + 1 + 4;

/** Every replica has a hostname and three addresses in each family: sets that must not be torn. */
const replicas = Array.from({ length: 6 }, (_, n) =>
  [1, 2, 3].flatMap((last) => [
    { hostname: `r-${n}`, address: `10.244.${n}.${last}` },
    { hostname: `r-${n}`, address: `fd00:10:244::${n}:${last}` },
  ]),
).flat();

const objects = [
  service("web", "10.96.0.1"),
  ...headless("big", manyEndpoints(200)),
  ...headless("replicas", replicas),
];

let running: RunningServer;
let udp: UdpClient;
beforeAll(async () => {
  running = await startServer({ objects });
  udp = await UdpClient.open(running.endpoint);
});
afterAll(async () => {
  udp?.close();
  await running?.server.close();
});

const addresses = (records: readonly ResourceRecord[]): Set<string> => new Set(records.map((record) => record.rdata));

describe("truncation of 200 addresses over UDP", () => {
  test.each([
    { asked: undefined, limit: 512 },
    { asked: 0, limit: 512 },
    { asked: 511, limit: 512 },
    { asked: 512, limit: 512 },
    { asked: 700, limit: 700 },
    { asked: 1232, limit: 1232 },
    { asked: 4096, limit: 1232 },
    { asked: 65535, limit: 1232 },
  ])("payload size $asked", async ({ asked, limit }) => {
    const opt: Query["opt"] = asked === undefined ? undefined : { size: asked };
    const reply = await udp.ask(writeQuery({ name: BIG, type: "A", ...(opt === undefined ? {} : { opt }) }));
    const message = readMessage(reply);
    const room = limit - HEADER_BYTES - questionBytes(BIG) - (opt === undefined ? 0 : OPT_BYTES);
    expect(reply.length).toBeLessThanOrEqual(limit);
    expect(message.flags).toMatchObject({ tc: true, aa: true });
    expect(message.rcode).toBe("NOERROR");
    expect(message.opt === undefined).toBe(opt === undefined);
    expect(message.question?.name).toBe(BIG);
    expect(message.answer).toHaveLength(Math.floor(room / COMPRESSED_A_BYTES));
    expect(addresses(message.answer).size).toBe(message.answer.length);
    expect(message.authority).toEqual([]);
  });

  test("73 whole records fit in 1,232 bytes", async () => {
    const message = readMessage(await udp.ask(writeQuery({ name: BIG, type: "A", opt: { size: 1232 } })));
    expect(message.answer).toHaveLength(73);
  });

  test("the cut takes each address at times: a client without TCP still spreads its load", async () => {
    const seen = new Set<string>();
    for (let n = 0; n < 400 && seen.size < 200; n++) {
      const message = readMessage(await udp.ask(writeQuery({ name: BIG, type: "A", opt: { size: 1232 } })));
      message.answer.forEach((record) => seen.add(record.rdata));
    }
    expect(seen.size).toBe(200);
  });

  test("TCP has them all", async () => {
    const message = readMessage(await askTcp(running.endpoint, writeQuery({ name: BIG, type: "A" })));
    expect(message.flags.tc).toBe(false);
    expect(message.answer).toHaveLength(200);
    expect(addresses(message.answer).size).toBe(200);
  });

  test("TCP has them all, whatever size the OPT names", async () => {
    const message = readMessage(
      await askTcp(running.endpoint, writeQuery({ name: BIG, type: "A", opt: { size: 512 } })),
    );
    expect(message.flags.tc).toBe(false);
    expect(message.answer).toHaveLength(200);
    expect(message.opt).toBeDefined();
  });

  test("the largest UDP answer is a setting", async () => {
    const wide = await startServer({ objects, ednsSize: 4096 });
    const client = await UdpClient.open(wide.endpoint);
    const whole = await client.ask(writeQuery({ name: BIG, type: "A", opt: { size: 4096 } }));
    const cut = await client.ask(writeQuery({ name: BIG, type: "A", opt: { size: 1400 } }));
    client.close();
    await wide.server.close();
    expect(readMessage(whole).flags.tc).toBe(false);
    expect(readMessage(whole).answer).toHaveLength(200);
    expect(readMessage(cut).flags.tc).toBe(true);
    expect(cut.length).toBeLessThanOrEqual(1400);
  });
});

describe("additional sets", () => {
  const name = "_http._tcp.replicas.default.svc.cluster.local.";
  const sizes = Array.from({ length: 46 }, (_, n) => 512 + n * 16);

  test("SRV over TCP: every set is there", async () => {
    const message = readMessage(await askTcp(running.endpoint, writeQuery({ name, type: "SRV" })));
    expect(message.answer).toHaveLength(6);
    expect(message.additional).toHaveLength(replicas.length);
  });

  test("go in whole or not at all, and never set TC", async () => {
    let partial = 0;
    for (const size of sizes) {
      const message = readMessage(await udp.ask(writeQuery({ name, type: "SRV", opt: { size } })));
      const sets = Map.groupBy(message.additional, (record) => `${record.owner} ${record.type}`);
      expect([...sets.values()].map((set) => addresses(set).size)).toEqual([...sets.values()].map(() => 3));
      expect(message.flags.tc).toBe(false);
      expect(message.answer).toHaveLength(6);
      if (sets.size > 0 && sets.size < 12) partial += 1;
    }
    expect(partial).toBeGreaterThan(0);
  });

  test("SRV weights fall to 1 and no lower", async () => {
    const query = writeQuery({ name: `_http._tcp.${BIG}`, type: "SRV" });
    const message = readMessage(await askTcp(running.endpoint, query));
    expect(message.answer).toHaveLength(200);
    expect(new Set(message.answer.map((record) => record.rdata.split(" ").slice(0, 3).join(" ")))).toEqual(
      new Set(["0 1 80"]),
    );
  });
});

describe("name compression", () => {
  /** The SOA of cluster.local: its owner is a pointer, its two names share one copy of the zone's name. */
  const soaBytes = 2 + 10 + ("ns.dns.cluster.local".length + 2) + ("hostmaster".length + 3) + 20;
  test.each([
    ["an address", "web.default.svc.cluster.local.", "A", COMPRESSED_A_BYTES],
    ["no such type", "web.default.svc.cluster.local.", "AAAA", soaBytes],
    ["no such name", "nosuch.default.svc.cluster.local.", "A", soaBytes],
    ["the apex", "cluster.local.", "SOA", soaBytes],
  ])("%s takes few bytes", async (_, name, type, bytes) => {
    const reply = await udp.ask(writeQuery({ name, type }));
    readMessage(reply);
    expect(reply.length).toBeLessThanOrEqual(HEADER_BYTES + questionBytes(name) + bytes);
  });

  test("an answer to ANY is no larger than three queries", async () => {
    const query = writeQuery({ name: BIG, type: "ANY", opt: { size: 4096 } });
    expect((await udp.ask(query)).length).toBeLessThanOrEqual(query.length * 3);
  });
});
