// Upstreams that are silent, slow, dead, or this server itself; access control of forwarding. Each test has its own server,
// and most wait for real seconds to pass, so they run concurrently.
import { startEngine } from "../support/engine.ts";
import { afterAll, describe, expect, test, vi } from "vitest";
import { service } from "../support/cluster.ts";
import { Asker, edeOf, gist, NamedUpstream, questionOf, startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { frame, TcpClient } from "../support/network.ts";
import { freePort } from "../support/process.ts";
import { address, rightAnswer, soa, writeReply } from "../support/scripted-upstream.ts";
import type { Script } from "../support/scripted-upstream.ts";
import { expectMsBelow, isTimed } from "../support/timing.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const WEB = "web.default.svc.cluster.local.";
const OBJECTS = [
  service("web", "10.96.0.1"),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "ext", namespace: "default" },
    spec: { type: "ExternalName", externalName: "www.up.example" },
  },
];
const RIGHT = ["NOERROR", "A 192.0.2.1"];
/** A question's whole budget, and what a busy machine may add to any time. */
const BUDGET_MS = 4_000;
const SLACK_MS = 400;
/** When a wait for what must come is given up. */
const DEADLINE_MS = 15_000;

const silent: Script = () => [];
const failing =
  (rcode: number): Script =>
  ({ query }) => [{ bytes: writeReply(query, { rcode }) }];
const rightWithTtl =
  (ttl: number): Script =>
  ({ query }) => [{ bytes: rightAnswer(query, ttl) }];

// Of tests beside each other: at the end.
const cleanUp: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(...settings: Parameters<typeof startForwarding>): Promise<Forwarding> {
  const running = await startForwarding({ objects: OBJECTS, ...settings[0] }, settings[1]);
  cleanUp.push(() => running.close());
  return running;
}

/** Two upstreams of which the first does that about everything. */
async function startTwo(first: Script | undefined): Promise<Forwarding & { second: NamedUpstream }> {
  const running = await start({}, [undefined, undefined]);
  if (first === undefined) await running.upstream.close();
  else running.upstream.say("*", first);
  return { ...running, second: running.upstreams[1]! };
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now();
  const value = await work;
  return { value, ms: performance.now() - startedAt };
}

async function expectClusterNames(client: Asker, within: number): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const { value, ms } = await timed(client.ask(WEB));
    expect(gist(value)).toEqual(["NOERROR", "A 10.96.0.1"]);
    expectMsBelow(ms, within);
  }
}

describe.concurrent("replies of no use", () => {
  test.each<[what: string, script: Script]>([
    ["F07 QR 0", ({ query }) => [{ bytes: writeReply(query, { flags: 0x0180 }) }]],
    ["F07 another opcode", ({ query }) => [{ bytes: writeReply(query, { flags: 0xa180 }) }]],
    ["F04 another id", ({ query }) => [{ bytes: writeReply(query, { id: query.readUInt16BE(0) ^ 1 }) }]],
  ])("%s: SERVFAIL in the end, and nothing is kept", async (_what, script) => {
    const { client, upstream } = await start({}, [{ serve: "udp" }]);
    upstream.say("www.up.example.", script);
    const { value, ms } = await timed(client.ask("www.up.example."));
    expect(gist(value)).toEqual(["SERVFAIL"]);
    expectMsBelow(ms, BUDGET_MS);
    upstream.say("www.up.example.", rightWithTtl(60));
    await vi.waitFor(async () => expect(gist(await client.ask("www.up.example."))).toEqual(RIGHT), DEADLINE_MS);
  });

  test("F06 S12 letter cases are mixed and must come back; who guesses at them makes it go by TCP", async () => {
    const { client, upstream } = await start({ upstreamMixedCase: true });
    const asked = "a-long-name-with-many-letters.up.example.";
    const lower = (query: Buffer): Buffer => Buffer.from(query.toString("latin1").toLowerCase(), "latin1");
    upstream.say(asked, ({ transport, query }) => {
      if (transport === "tcp") return [{ bytes: rightAnswer(query) }];
      const forged = writeReply(query, { answer: [{ owner: asked, type: "A", rdata: address("203.0.113.66") }] });
      const id = forged.subarray(0, 2);
      const bytes = Buffer.concat([id, lower(forged).subarray(2)]);
      return [{ bytes }, { bytes }, { bytes }];
    });
    expect(gist(await client.ask(asked))).toEqual(RIGHT);
    expect(upstream.askedFor(asked).map(({ transport }) => transport)).toEqual(["udp", "tcp"]);
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.ask(`name-${i}.other.example.`)));
    const spelled = upstream.asked.filter(({ query }) => questionOf(query).includes("other.example."));
    const mixed = spelled.filter(({ query }) => !lower(query).equals(query));
    expect(mixed.length).toBeGreaterThanOrEqual(spelled.length - 1);
    // Clients get their own spelling.
    expect((await client.ask("NAME-1.other.example.")).question?.name).toBe("NAME-1.other.example.");
  });

  test("F08 a header alone: the next upstream; without one SERVFAIL", async () => {
    const header: Script = ({ query }) => [{ bytes: writeReply(query, { headerOnly: true }) }];
    const { client, second } = await startTwo(header);
    expect(gist(await client.ask("a.up.example."))).toEqual(RIGHT);
    second.say("*", header);
    expect(gist(await client.ask("b.up.example."))).toEqual(["SERVFAIL"]);
  });

  test("F10 X24 always cut, and TCP refused: SERVFAIL with the reason, in time, and no part of an answer", async () => {
    const { client, upstream } = await start({}, [{ serve: "udp" }]);
    upstream.say("*", ({ query }) => {
      const owner = questionOf(query).split(" ")[0]!;
      return [
        { bytes: writeReply(query, { flags: 0x8380, answer: [{ owner, type: "A", rdata: address("192.0.2.1") }] }) },
      ];
    });
    for (const asked of ["a.up.example.", "b.up.example."]) {
      const { value, ms } = await timed(client.ask(asked));
      expect([gist(value), edeOf(value)]).toEqual([["SERVFAIL"], 23]);
      expectMsBelow(ms, BUDGET_MS);
    }
  });

  test.each([1, 4, 16])("F12 rcode %i to EDNS: once more without, and that is remembered", async (rcode) => {
    const { client, upstream } = await start();
    upstream.say("*", ({ query }) => [
      { bytes: query[11] === 0 ? rightAnswer(query) : writeReply(query, { rcode, edns: rcode > 15 }) },
    ]);
    expect(gist(await client.ask("a.up.example."))).toEqual(RIGHT);
    expect(gist(await client.ask("b.up.example."))).toEqual(RIGHT);
    // A query that a busy machine answers late is asked again.
    const optCounts = upstream.asked.map(({ query }) => query[11]);
    expect(optCounts.filter((count, n) => count !== optCounts[n - 1])).toEqual([1, 0]);
    if (isTimed) expect(optCounts).toEqual([1, 0, 0]);
  });
});

describe.concurrent("upstreams that do not answer", () => {
  test.each<[what: string, script: Script, within: number]>([
    ["timeout", silent, 1_000 + SLACK_MS],
    ["SERVFAIL", failing(2), SLACK_MS],
    ["REFUSED", failing(5), SLACK_MS],
    ["NOTIMP", failing(4), SLACK_MS],
  ])("F14 %s: the second upstream", async (_what, script, within) => {
    const { client, second } = await startTwo(script);
    const { value, ms } = await timed(client.ask("www.up.example."));
    expect(gist(value)).toEqual(RIGHT);
    expectMsBelow(ms, within);
    expect(second.askedFor("www.up.example.")).toHaveLength(1);
  });

  test("F14 all silent: SERVFAIL within the budget, and it says so", async () => {
    const { client, second } = await startTwo(silent);
    second.say("*", silent);
    const { value, ms } = await timed(client.ask("www.up.example."));
    expect([gist(value), edeOf(value)]).toEqual([["SERVFAIL"], 22]);
    expectMsBelow(ms, BUDGET_MS);
  });

  test("X17 nobody listens: the next at once; who is back is asked again", async () => {
    const { client, upstream, second } = await startTwo(undefined);
    const times: number[] = [];
    for (let i = 0; i < 10; i++) times.push((await timed(client.ask(`n${i}.up.example.`))).ms);
    expectMsBelow(times.toSorted((a, b) => a - b)[5]!, 50);
    expectMsBelow(Math.max(...times), 50 + SLACK_MS);
    const back = await NamedUpstream.open({ port: upstream.scripted.port });
    cleanUp.push(() => back.close());
    let n = 0;
    await vi.waitFor(
      async () => {
        expect(gist(await client.ask(`back-${n++}.up.example.`))).toEqual(RIGHT);
        expect(back.asked.length).toBeGreaterThan(0);
      },
      { timeout: DEADLINE_MS, interval: 50 },
    );
    expect(second.asked.length).toBeLessThan(10 + n + 1);
  });

  test("X18 silence: a second twice, then nobody waits; cluster names never do", async () => {
    const { client } = await startTwo(silent);
    for (let i = 0; i < 2; i++) {
      const asking = timed(client.ask(`slow-${i}.up.example.`));
      await expectClusterNames(client, SLACK_MS);
      const { value, ms } = await asking;
      expect(gist(value)).toEqual(RIGHT);
      expectMsBelow(ms, 1_000 + SLACK_MS);
    }
    const times: number[] = [];
    for (let i = 0; i < 50; i++) times.push((await timed(client.ask(`fast-${i}.up.example.`))).ms);
    expectMsBelow(times.toSorted((a, b) => a - b)[25]!, 50);
    expectMsBelow(Math.max(...times), SLACK_MS);
  });

  test("F20 F21 stale while the upstream is silent; NXDOMAIN as soon as it says so", async () => {
    const { client, upstream } = await start();
    upstream.say("www.up.example.", rightWithTtl(1));
    expect(gist(await client.ask("www.up.example."))).toEqual(RIGHT);
    await vi.waitFor(async () => {
      const asked = upstream.askedFor("www.up.example.").length;
      await client.ask("www.up.example.");
      expect(upstream.askedFor("www.up.example.").length).toBeGreaterThan(asked);
    }, DEADLINE_MS);
    upstream.say("www.up.example.", ({ query }) => [{ bytes: nothing(query), afterMs: 2_500 }]);
    // Until what was fetched last is over.
    let stale: Awaited<ReturnType<typeof timed<Awaited<ReturnType<Asker["ask"]>>>>>;
    do stale = await timed(client.ask("www.up.example."));
    while (stale.ms < 1_000);
    expect([gist(stale.value), stale.value.answer[0]?.ttl, edeOf(stale.value)]).toEqual([RIGHT, 30, 3]);
    expectMsBelow(stale.ms, 1_800 + SLACK_MS);
    const { value, ms } = await timed(client.ask("www.up.example."));
    expect([gist(value), edeOf(value)]).toEqual([RIGHT, 3]);
    expectMsBelow(ms, SLACK_MS);
    await vi.waitFor(async () => expect((await client.ask("www.up.example.")).rcode).toBe("NXDOMAIN"), DEADLINE_MS);
  });

  test("X23 all dead: stale for what is known, failure at once for the rest, and no herd when they are back", async () => {
    const { client, upstream } = await start();
    const names = Array.from({ length: 200 }, (_, i) => `n${i}.up.example.`);
    upstream.say("*", rightWithTtl(1));
    await Promise.all(names.map((each) => client.ask(each)));
    await upstream.close();
    await vi.waitFor(async () => expect(edeOf(await client.ask(names[0]!))).toBe(3), DEADLINE_MS);
    for (const each of names) expect(gist(await client.ask(each))).toEqual(RIGHT);
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const { value, ms } = await timed(client.ask(`new-${i}.up.example.`));
      expect(gist(value)).toEqual(["SERVFAIL"]);
      times.push(ms);
    }
    expectMsBelow(Math.max(...times), SLACK_MS);
    const back = await NamedUpstream.open({ port: upstream.scripted.port });
    cleanUp.push(() => back.close());
    let n = 0;
    await vi.waitFor(
      async () => {
        for (const each of names) expect(gist(await client.ask(each))).toEqual(RIGHT);
        expect(gist(await client.ask(`later-${n++}.up.example.`))).toEqual(RIGHT);
      },
      { timeout: DEADLINE_MS, interval: 50 },
    );
    expect(back.asked.length).toBeLessThanOrEqual(names.length + n);
  });
});

describe("more than there may be", () => {
  test.each(["dgram", "batch"] as const)(
    "F27 10,000 names at a silent upstream (%s): a cap, failure at once above it, cluster names as ever",
    async (udpTransport) => {
      const { client, upstream, endpoint } = await start({ udpTransport, udpWorkers: 1, cacheSize: 8 }, [
        { serve: "udp" },
      ]);
      upstream.say("*", silent);
      const other = await Asker.open(endpoint);
      cleanUp.push(() => other.close());
      const rcodes: string[] = [];
      const asking: Promise<void>[] = [];
      for (let i = 0; i < 10_000; i++) {
        const done = other.ask(`n${i}.up.example.`).then(({ rcode }) => void rcodes.push(rcode));
        asking.push(done);
        done.catch(() => undefined);
        if (i % 200 !== 199) continue;
        expect(gist(await client.ask(WEB))).toEqual(["NOERROR", "A 10.96.0.1"]);
        // What fails at once has come back before more is asked: a socket has no room for thousands of replies.
        await vi.waitFor(() => expect(asking.length - rcodes.length).toBeLessThanOrEqual(2_000), {
          timeout: DEADLINE_MS,
          interval: 1,
        });
      }
      await vi.waitFor(() => expect(rcodes.length).toBeGreaterThanOrEqual(8_000), DEADLINE_MS);
      await expectClusterNames(client, SLACK_MS);
      const results = await Promise.allSettled(asking);
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      expect(new Set(rcodes)).toEqual(new Set(["SERVFAIL"]));
      expect(upstream.asked.length).toBeLessThanOrEqual(2_000 * 4);
    },
  );
});

describe.concurrent("ways back to ourselves", () => {
  test("F26 X25 an upstream that is this server: refused at once, nothing goes round", async () => {
    const port = await freePort();
    const server = startEngine({ listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${port}` });
    cleanUp.push(() => server.close());
    const [endpoint] = await server.ready;
    const client = await Asker.open(endpoint!);
    cleanUp.push(() => client.close());
    const { value, ms } = await timed(client.ask("www.up.example."));
    expect(value.rcode).toBe("REFUSED");
    expectMsBelow(ms, SLACK_MS);
    expect(server.counts.total).toBe(1);
  });

  test("F26 two servers that ask each other: an end within the budget, and few packets", async () => {
    const ports = [await freePort(), await freePort()] as const;
    const servers = [0, 1].map((i) =>
      startEngine({ listen: `127.0.0.1:${ports[i]}`, upstream: `127.0.0.1:${ports[1 - i]}` }),
    );
    cleanUp.push(async () => void (await Promise.all(servers.map((server) => server.close()))));
    const [endpoint] = await servers[0]!.ready;
    await servers[1]!.ready;
    const client = await Asker.open(endpoint!);
    cleanUp.push(() => client.close());
    const { value, ms } = await timed(client.ask("www.up.example."));
    expect(value.rcode).toBe("SERVFAIL");
    expectMsBelow(ms, BUDGET_MS);
    expect(servers[0]!.counts.total + servers[1]!.counts.total).toBeLessThanOrEqual(10);
  });
});

describe.each(["dgram", "batch"] as const)("who may ask for what is not ours (%s)", (udpTransport) => {
  test("names of others, cold and cached, and ends of our chains are for those of --allow-recursion alone", async () => {
    const { client, upstream, endpoint } = await start({ udpTransport, udpWorkers: 1, allowRecursion: "127.0.0.1/32" });
    const stranger = await Asker.open(endpoint, "127.0.0.9");
    cleanUp.push(() => stranger.close());
    const asked = async (from: Asker, name: string, flags = 0x0100): Promise<unknown> => {
      const message = await from.ask(name, "A", { flags });
      return [...gist(message), edeOf(message)];
    };
    const ext = "ext.default.svc.cluster.local.";
    expect(await asked(stranger, "www.up.example.")).toEqual(["REFUSED", 18]);
    expect(await asked(stranger, ext)).toEqual(["NOERROR", "CNAME www.up.example.", undefined]);
    expect(upstream.asked).toHaveLength(0);
    expect(await asked(client, "www.up.example.")).toEqual([...RIGHT, undefined]);
    expect(await asked(client, ext)).toEqual(["NOERROR", "CNAME www.up.example.", "A 192.0.2.1", undefined]);
    expect(await asked(stranger, "www.up.example.")).toEqual(["REFUSED", 18]);
    expect(await asked(stranger, ext)).toEqual(["NOERROR", "CNAME www.up.example.", undefined]);
    expect(await asked(stranger, "www.up.example.", 0)).toEqual(["REFUSED", 18]);
    expect(await asked(client, "www.up.example.", 0)).toEqual(["REFUSED", 20]);
    expect(await asked(client, ext, 0)).toEqual(["NOERROR", "CNAME www.up.example.", undefined]);
    expect(await asked(stranger, WEB)).toEqual(["NOERROR", "A 10.96.0.1", undefined]);
    expect(upstream.asked).toHaveLength(1);
  });
});

test("D02 a slow answer of others holds up nothing on the same TCP connection", async () => {
  const { endpoint, upstream } = await start();
  upstream.say("slow.up.example.", ({ query }) => [{ bytes: rightAnswer(query), afterMs: 800 }]);
  const tcp = await TcpClient.open(endpoint);
  cleanUp.push(() => tcp.close());
  const startedAt = performance.now();
  await tcp.write(frame(writeQuery({ name: "slow.up.example.", type: "A", id: 1 })));
  await tcp.write(frame(writeQuery({ name: WEB, type: "A", id: 2 })));
  const first = readMessage(await tcp.next());
  const firstMs = performance.now() - startedAt;
  const second = readMessage(await tcp.next());
  expect([first.id, second.id]).toEqual([2, 1]);
  expectMsBelow(firstMs, 50 + SLACK_MS);
  expect(gist(second)).toEqual(RIGHT);
});

test("what one server has fetched is no other one's: two ask by themselves, and no more than once", async () => {
  const first = await start();
  const other = startEngine({ upstream: first.upstream.address });
  cleanUp.push(() => other.close());
  const [endpoint] = await other.ready;
  const client = await Asker.open(endpoint!);
  cleanUp.push(() => client.close());
  for (let i = 0; i < 3; i++) {
    expect(gist(await first.client.ask("www.up.example."))).toEqual(RIGHT);
    expect(gist(await client.ask("www.up.example."))).toEqual(RIGHT);
  }
  expect(first.upstream.asked).toHaveLength(2);
});

function nothing(query: Buffer): Buffer {
  return writeReply(query, { rcode: 3, authority: [{ owner: "up.example.", type: "SOA", rdata: soa() }] });
}
