// The listener on real sockets: its limits on headers, requests, connections and time, and how it closes.
import { connect } from "node:net";
import type { Socket } from "node:net";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import { openHttp } from "../../src/admin/http-transport.ts";
import type { HttpLimits } from "../../src/admin/http-transport.ts";
import { ListenError } from "../../src/server/listen-error.ts";
import type { Transport } from "../../src/server/transport.ts";
import { until } from "../contract/transport-clients.ts";

const LOOPBACK = { scheme: "http", host: "127.0.0.1", port: 0 } as const;
const GET = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LATE = GET.replace("/health", "/late");

const cleanUp: (() => Promise<void> | void)[] = [];
const faults: Error[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  expect(faults.splice(0)).toEqual([]);
});

/** Answers of `/late` that are still to come. */
let late: (() => void)[] = [];

async function open(limits: Partial<HttpLimits> = {}): Promise<Transport> {
  late = [];
  const app = new Hono()
    .get("/health", (c) => c.text("OK"))
    .get("/late", async (c) => {
      await new Promise<void>((resolve) => late.push(resolve));
      return c.text("late");
    });
  const transport = await openHttp(LOOPBACK, app, { limits, onFault: (fault) => void faults.push(fault) });
  cleanUp.push(() => transport.close());
  return transport;
}

/** A client that keeps what it gets. */
class Client {
  received = "";
  readonly socket: Socket;
  readonly closed: Promise<unknown>;

  constructor({ address: { host, port } }: Transport) {
    this.socket = connect(port, host);
    this.socket.on("error", () => undefined);
    this.socket.setEncoding("latin1").on("data", (chunk: string) => (this.received += chunk));
    this.closed = new Promise((resolve) => this.socket.on("close", resolve));
    cleanUp.push(() => void this.socket.destroy());
  }

  get statuses(): string[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status!);
  }

  async ask(text: string, count = 1): Promise<readonly string[]> {
    this.socket.write(text);
    await until(() => this.statuses.length === count || this.socket.destroyed, "a response");
    return this.statuses;
  }
}

describe("a listener of the admin server", () => {
  test("answers several requests on one connection", async () => {
    const client = new Client(await open());
    expect(await client.ask(GET)).toEqual(["200"]);
    expect(await client.ask(GET + GET, 3)).toEqual(["200", "200", "200"]);
  });

  test("answers HTTP/1.0 without a name", async () => {
    const client = new Client(await open());
    expect(await client.ask("GET /health HTTP/1.0\r\n\r\n")).toEqual(["200"]);
    await client.closed;
  });

  test.each<[what: string, text: string, status: string]>([
    ["no HTTP", "hello\r\n\r\n", "400"],
    ["no name", "GET /health HTTP/1.1\r\n\r\n", "400"],
    ["a name that is none", GET.replace("localhost", "local host/"), "400"],
    ["headers of more than 16 kB", GET.replace("\r\n\r\n", `\r\nA: ${"a".repeat(17_000)}\r\n\r\n`), "431"],
    ["a URL of more than 16 kB", GET.replace("/health", `/${"a".repeat(17_000)}`), "431"],
  ])("refuses %s", async (_what, text, status) => {
    expect(await new Client(await open()).ask(text)).toEqual([status]);
  });

  test("a port that is taken is an error with advice", async () => {
    const { address } = await open();
    const opening = openHttp(address, new Hono(), { onFault: () => undefined });
    await expect(opening).rejects.toThrow(ListenError);
    await expect(opening).rejects.toThrow(
      `cannot listen on http://127.0.0.1:${address.port} (TCP): the port is in use; stop what listens there`,
    );
  });

  test("a new client takes the place of the one that has been idle longest, not of one that waits", async () => {
    const transport = await open({ connections: 3 });
    const waiting = new Client(transport);
    waiting.socket.write(LATE);
    await until(() => late.length === 1, "the request");
    const [idle, used] = [new Client(transport), new Client(transport)];
    await idle.ask(GET);
    await used.ask(GET);
    expect(await new Client(transport).ask(GET)).toEqual(["200"]);
    await idle.closed;
    expect([waiting.socket.destroyed, used.socket.destroyed]).toEqual([false, false]);
    late[0]!();
    await until(() => waiting.statuses.length === 1, "the late response");
  });

  test("a client has a limit of its own", async () => {
    const transport = await open({ connectionsPerClient: 2 });
    const [first, second] = [new Client(transport), new Client(transport)];
    for (const client of [first, second]) await client.ask(GET);
    expect(await new Client(transport).ask(GET)).toEqual(["200"]);
    await first.closed;
    expect(await second.ask(GET, 2)).toEqual(["200", "200"]);
  });

  test("a connection with too many requests at once is closed", async () => {
    const client = new Client(await open({ pending: 3 }));
    client.socket.write(LATE.repeat(4));
    await client.closed;
    expect([client.received, late.length]).toEqual(["", 3]);
  });

  test.each([
    ["says nothing", ""],
    ["never ends its headers", GET.slice(0, -2)],
    ["never ends its body", GET.replace("\r\n\r\n", "\r\nContent-Length: 9\r\n\r\n")],
  ])("a client that %s is cut off", async (_what, text) => {
    const client = new Client(await open({ headersMs: 100 }));
    client.socket.write(text);
    await client.closed;
    expect(client.statuses.at(-1) ?? "408").toMatch(/200|408/);
  });

  test("a connection without requests is closed after a while", async () => {
    const client = new Client(await open({ idleMs: 50 }));
    await client.ask(GET);
    await client.closed;
  });

  test("a client that does not read its response is cut off", async () => {
    const { promise: cutOff, resolve } = Promise.withResolvers<void>();
    const app = new Hono().get("/health", (c) => {
      c.req.raw.signal.addEventListener("abort", () => resolve());
      return c.text("a".repeat(1 << 26));
    });
    const transport = await openHttp(LOOPBACK, app, {
      limits: { stalledMs: 300 },
      onFault: (fault) => void faults.push(fault),
    });
    cleanUp.push(() => transport.close());
    const client = new Client(transport);
    client.socket.pause().write(GET);
    await cutOff;
  });

  test("closing answers what is in hand, and nothing after it", async () => {
    const transport = await open();
    const [waiting, idle] = [new Client(transport), new Client(transport)];
    await idle.ask(GET);
    waiting.socket.write(LATE);
    await until(() => late.length === 1, "the request");
    const closing = transport.close();
    await idle.closed;
    late[0]!();
    await closing;
    await waiting.closed;
    expect(waiting.statuses).toEqual(["200"]);
    const refused = new Client(transport);
    await refused.closed;
  });

  test("a client that waits for ever does not hold up the end", async () => {
    const transport = await open();
    const waiting = new Client(transport);
    waiting.socket.write(LATE);
    await until(() => late.length === 1, "the request");
    await transport.close();
    await waiting.closed;
  });
});
