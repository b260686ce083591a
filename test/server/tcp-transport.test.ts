// Limits of TCP connections: eviction, closing, and running out of descriptors.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import type { TcpLimits, TcpTransport } from "../../src/server/tcp-transport.ts";
import { openTcp } from "../../src/server/tcp.ts";
import {
  closedAfter,
  connectTcp,
  connectUdp,
  echo,
  echoOf,
  frame,
  LateEcho,
  makeLateQuery,
  makeQuery,
  makeSizedQuery,
  sized,
  type StreamClient,
  until,
} from "../contract/transport-clients.ts";
import { hasProgram } from "../support/process.ts";

const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(limits: Partial<TcpLimits> = {}, answerer: LateAnswerer = echo): Promise<TcpTransport> {
  const onFault = (fault: Error): void => void faults.push(fault);
  const transport = await openTcp({ host: "127.0.0.1", port: 0 }, answerer, { limits, onFault });
  cleanUp.push(() => transport.close());
  return transport;
}

async function connect(transport: TcpTransport): Promise<StreamClient> {
  const client = await connectTcp(transport.address);
  cleanUp.push(() => client.close());
  return client;
}

describe("TCP limits", () => {
  test("at the limit of connections the least recently used is evicted, and the new one is served", async () => {
    const transport = await open({ connections: 3 });
    const clients = [await connect(transport), await connect(transport), await connect(transport)];
    for (const [id, client] of clients.entries()) {
      await client.send(makeQuery(id));
      await client.receive();
    }
    await clients[0]!.send(makeQuery(9));
    await clients[0]!.receive();
    const newest = await connect(transport);
    await newest.send(makeQuery(10));
    expect(await newest.receive()).toEqual(echoOf(makeQuery(10)));
    expect(await closedAfter(clients[1]!)).toBeLessThan(1_000);
    for (const client of [clients[0]!, clients[2]!]) {
      await client.send(makeQuery(11));
      expect(await client.receive()).toEqual(echoOf(makeQuery(11)));
    }
    expect(transport.counts).toMatchObject({ accepted: 4, evicted: 1 });
  });

  test("a connection with pending answers is evicted last", async () => {
    const late = new LateEcho();
    const transport = await open({ connections: 2 }, late);
    const [busy, idle] = [await connect(transport), await connect(transport)];
    await busy.send(makeLateQuery(1));
    await until(() => late.waiting.length === 1, "it is asked");
    const third = await connect(transport);
    await third.send(makeLateQuery(2));
    await closedAfter(idle);
    await until(() => late.waiting.length === 2, "it is asked");
    await connect(transport);
    await closedAfter(busy);
    late.release();
    expect(await third.receive()).toEqual(echoOf(makeLateQuery(2)));
    expect(transport.counts).toMatchObject({ evicted: 2, replies: 1 });
  });

  test("closed connections do not count", async () => {
    const transport = await open({ connections: 5, connectionsPerClient: 5 });
    for (let id = 0; id < 50; id++) {
      const client = await connect(transport);
      client.socket.end(frame(makeQuery(id)));
      expect(await client.receive()).toEqual(echoOf(makeQuery(id)));
      await closedAfter(client);
    }
    expect(transport.counts).toMatchObject({ accepted: 50, evicted: 0 });
  });

  test("a client at its own limit loses its own connection, not another client's", async () => {
    const transport = await open({ connections: 10, connectionsPerClient: 2 });
    const from = async (localAddress: string): Promise<StreamClient> => {
      const client = await connectTcp({ ...transport.address }, localAddress);
      cleanUp.push(() => client.close());
      await client.send(makeQuery(1));
      await client.receive();
      return client;
    };
    const other = await from("127.0.1.5");
    const [first, second, third] = [await from("127.0.0.1"), await from("127.0.0.1"), await from("127.0.0.1")];
    expect(await closedAfter(first)).toBeLessThan(1_000);
    for (const client of [other, second, third]) {
      await client.send(makeQuery(2));
      expect(await client.receive()).toEqual(echoOf(makeQuery(2)));
    }
    expect(transport.counts.evicted).toBe(1);
  });
});

describe("TCP close", () => {
  test("idle connections do not hold it up", async () => {
    const transport = await open();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(transport)));
    const start = performance.now();
    await transport.close();
    expect(performance.now() - start).toBeLessThan(300);
    await Promise.all(clients.map((client) => closedAfter(client)));
  });

  test("a peer that never reads holds it up for less than a second", async () => {
    const transport = await open({}, sized);
    const client = await connect(transport);
    client.socket.pause();
    const { query } = makeSizedQuery(1, 65_535, 1);
    client.socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => frame(query))));
    await until(() => transport.counts.replies > 0, "the first reply");
    const start = performance.now();
    await transport.close();
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe("TCP out of descriptors", () => {
  const script = `
    const { openListeners } = await import(process.argv[1]);
    const { echo } = await import(process.argv[2]);
    const { addresses } = await openListeners([{ host: "127.0.0.1", port: 0 }], echo, {
      onFault: (fault) => console.log("fault", fault.message),
    });
    console.log("port", addresses[0].port);
    process.stdin.on("data", () => {
      const { user, system } = process.cpuUsage();
      console.log("cpu", Math.round((user + system) / 1000));
    });`;
  const moduleAt = (path: string): string => new URL(`../../${path}`, import.meta.url).href;

  test.skipIf(!hasProgram("prlimit"))("UDP answers, no CPU is burnt, and it is over when clients go", async () => {
    const modules = [moduleAt("src/server/listen.ts"), moduleAt("test/contract/transport-clients.ts")];
    const node = [process.execPath, "--input-type=module", "--eval", script, ...modules];
    const server = spawn("prlimit", ["--nofile=64", ...node], { stdio: ["pipe", "pipe", "inherit"] });
    cleanUp.push(async () => {
      server.kill();
      await once(server, "exit");
    });
    let output = "";
    server.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const told = async (what: string, count = 1): Promise<number> => {
      const matches = (): RegExpExecArray[] => [...output.matchAll(new RegExp(`^${what} (\\d+)$`, "gm"))];
      await until(() => matches().length >= count, what);
      return Number(matches()[count - 1]![1]);
    };
    const address = { host: "127.0.0.1", port: await told("port") };

    const crowd = Array.from({ length: 200 }, () => connectPlain(address.port, address.host));
    let closed = 0;
    for (const socket of crowd) {
      socket.resume();
      socket.on("error", () => undefined);
      socket.on("close", () => closed++);
    }
    cleanUp.push(() => crowd.forEach((socket) => void socket.destroy()));
    await until(() => closed > 100, "those beyond the limit are turned away");
    server.stdin.write("?");
    const before = await told("cpu");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    server.stdin.write("?");
    expect((await told("cpu", 2)) - before, "ms of CPU in a second").toBeLessThan(50);
    const datagrams = await connectUdp(address);
    cleanUp.push(() => datagrams.close());
    await datagrams.send(makeQuery(1));
    expect(await datagrams.receive()).toEqual(echoOf(makeQuery(1)));
    expect(output.match(/^fault/gm)?.length ?? 0).toBeLessThan(2);

    for (const socket of crowd) socket.destroy();
    const start = performance.now();
    for (let served = false; !served;) {
      const client = await connectTcp(address);
      await client.send(makeQuery(2)).catch(() => undefined);
      served = await client.receive(200).then(
        () => true,
        () => false,
      );
      client.close();
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });
});
