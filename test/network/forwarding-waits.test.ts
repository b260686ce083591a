// Forwarding when much waits for upstreams: a stop, and a client whose names nobody answers. Real sockets.
import type { EngineSettings } from "../support/engine.ts";
import { afterEach, expect, test, vi } from "vitest";
import { service } from "../support/cluster.ts";
import { Asker, edeOf, gist, questionOf, startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { frame, TcpClient } from "../support/network.ts";
import { rightAnswer } from "../support/scripted-upstream.ts";
import type { Script } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const RIGHT = ["NOERROR", "A 192.0.2.1"];
/** When a wait for what must come is given up. */
const DEADLINE_MS = 15_000;
const silent: Script = () => [];

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(settings: EngineSettings = {}): Promise<Forwarding> {
  const running = await startForwarding(settings);
  cleanUp.push(() => running.close());
  return running;
}

test("X29 a server that is stopped answers what is in hand: rightly in time, else with SERVFAIL", async () => {
  for (const [name, expected] of [
    ["slow.up.example.", RIGHT],
    ["silent.up.example.", ["SERVFAIL"]],
  ] as const) {
    const { server, client, endpoint, upstream } = await start();
    upstream.say("slow.up.example.", ({ query }) => [{ bytes: rightAnswer(query), afterMs: 300 }]);
    upstream.say("silent.up.example.", silent);
    const tcp = await TcpClient.open(endpoint);
    cleanUp.push(() => tcp.close());
    const over: Promise<readonly string[]>[] = [];
    for (let i = 0; i < 16; i++) over.push(client.ask(name, i % 2 === 0 ? "A" : "TXT").then(({ rcode }) => [rcode]));
    over.push(client.ask(name).then(gist));
    await tcp.write(frame(writeQuery({ name, type: "A", id: 1 })));
    await vi.waitUntil(() => upstream.askedFor(name).length >= 2, { timeout: DEADLINE_MS });
    const closed = server.close();
    expect(gist(readMessage(await tcp.next()))).toEqual(expected);
    expect(await Promise.all(over)).toEqual([...Array<string[]>(16).fill([expected[0]]), expected]);
    await closed;
  }
});

test("a client whose names nobody answers leaves room for other clients", async () => {
  const { endpoint, upstream } = await start();
  upstream.say("*", (asked, nth) => {
    const name = questionOf(asked.query);
    return name.startsWith("silent") ? silent(asked, nth) : [{ bytes: rightAnswer(asked.query) }];
  });
  const hog = await Asker.open(endpoint, "127.0.0.2");
  const other = await Asker.open(endpoint, "127.0.0.3");
  cleanUp.push(
    () => hog.close(),
    () => other.close(),
  );
  const failing: Promise<string>[] = [];
  for (let i = 0; i < 3_000; i++) failing.push(hog.ask(`silent-${i}.up.example.`).then(({ rcode }) => rcode));
  await vi.waitUntil(() => upstream.asked.length >= 800, { timeout: DEADLINE_MS });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => other.ask(`good-${i}.up.example.`)));
  expect(answers.map(gist)).toEqual(Array(200).fill(RIGHT));
  expect(new Set(await Promise.all(failing))).toEqual(new Set(["SERVFAIL"]));
});

test("a client's other names are answered beside those of a domain that nobody answers for", async () => {
  const { endpoint, upstream } = await start();
  upstream.say("*", (asked, nth) => {
    const isDead = questionOf(asked.query).includes(".dead.example.");
    return isDead ? silent(asked, nth) : [{ bytes: rightAnswer(asked.query) }];
  });
  // Such as a cache in front of many pods: all of them are one client.
  const client = await Asker.open(endpoint, "127.0.0.2");
  cleanUp.push(() => client.close());
  const askDead = (count: number, prefix: string): Promise<number | undefined>[] =>
    Array.from({ length: count }, async (_, i) => edeOf(await client.ask(`${prefix}${i}.dead.example.`)));
  expect(new Set(await Promise.all(askDead(100, "first-")))).toEqual(new Set([22]));
  const failing = askDead(3_000, "second-");
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.ask(`good-${i}.up.example.`)));
  expect(answers.map(gist)).toEqual(Array(200).fill(RIGHT));
  expect(new Set(await Promise.all(failing))).toEqual(new Set([22]));
  expect(upstream.asked.filter(({ query }) => questionOf(query).startsWith("second-")).length).toBeLessThan(2_000);
});

test("local names never wait behind names of others on the same TCP connection", async () => {
  const { endpoint, upstream } = await start({ objects: [service("web", "10.96.0.1")] });
  upstream.say("*", silent);
  const tcp = await TcpClient.open(endpoint);
  cleanUp.push(() => tcp.close());
  const queries = Array.from({ length: 1_500 }, (_, i) =>
    frame(writeQuery({ name: `silent-${i}.up.example.`, type: "A", id: i + 1 })),
  );
  queries.push(frame(writeQuery({ name: "web.default.svc.cluster.local.", type: "A", id: 0 })));
  await tcp.write(Buffer.concat(queries));
  let before = 0;
  while (readMessage(await tcp.next()).id !== 0) before++;
  // A client alone may have 1,000 questions in flight; the rest fails at once.
  expect(before).toBeLessThanOrEqual(500);
});
