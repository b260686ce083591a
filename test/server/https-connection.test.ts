// Abuse of a connection of DNS over HTTPS: silence, trickling bytes, floods, resets, and clients that do not read. The
// clients here write HTTP/2 frames (RFC 9113 4, 6) and HTTP/1.1 lines themselves.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import { type HttpsLimits, type HttpsTransport, openHttps } from "../../src/server/https.ts";
import { TlsIdentity } from "../../src/server/tls-identity.ts";
import { askOn, connectHttps, http2Client, type HttpAsk, openSession } from "../contract/https-client.ts";
import {
  echo,
  echoOf,
  LateEcho,
  makeEarlyQuery,
  makeLateQuery,
  makeQuery,
  makeSizedQuery,
  sized,
  until,
} from "../contract/transport-clients.ts";
import { makeCertificate } from "../support/certificates.ts";

const pem = makeCertificate();
const identity = new TlsIdentity(pem);
const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(limits: Partial<HttpsLimits> = {}, answerer: LateAnswerer = echo): Promise<HttpsTransport> {
  const onFault = (fault: Error): void => void faults.push(fault);
  const transport = await openHttps({ host: "127.0.0.1", port: 0 }, answerer, { identity, limits, onFault });
  cleanUp.push(() => transport.close());
  return transport;
}

/** A stream of TLS to write what one likes on; what comes is in `received`. */
class RawClient {
  readonly socket: TLSSocket;
  readonly #chunks: Buffer[] = [];
  closed = false;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => (this.closed = true));
  }

  static async connect({ address }: HttpsTransport, protocol: "h2" | "http/1.1"): Promise<RawClient> {
    const { host, port } = address;
    const socket = connectTls({ host, port, ca: pem.cert, servername: "dns.example", ALPNProtocols: [protocol] });
    cleanUp.push(() => void socket.destroy());
    const client = new RawClient(socket);
    await once(socket, "secureConnect");
    if (protocol === "h2") client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frame(FRAME.SETTINGS, 0, 0));
    return client;
  }

  write(...parts: readonly (string | Uint8Array)[]): void {
    if (!this.closed) this.socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The types and bodies of the frames that have come whole. */
  get frames(): readonly { type: number; stream: number; body: Buffer }[] {
    const bytes = this.received;
    const frames = [];
    for (let at = 0; at + 9 <= bytes.length && at + 9 + bytes.readUIntBE(at, 3) <= bytes.length;) {
      const size = bytes.readUIntBE(at, 3);
      const body = bytes.subarray(at + 9, at + 9 + size);
      frames.push({ type: bytes[at + 3]!, stream: bytes.readUInt32BE(at + 5), body });
      at += 9 + size;
    }
    return frames;
  }

  /** Milliseconds until the server has closed the connection. */
  async closedAfter(): Promise<number> {
    const start = performance.now();
    await until(() => this.closed, "the connection is closed");
    return performance.now() - start;
  }

  /** Calls `step` every few milliseconds until the connection is closed. */
  trickle(step: () => void): void {
    const timer = setInterval(step, 5);
    cleanUp.push(() => clearInterval(timer));
    this.socket.on("close", () => clearInterval(timer));
  }
}

const FRAME = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7, CONTINUATION: 9 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;

function frame(type: number, flags: number, stream: number, body: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A field that is named by its place in the static table and not indexed (RFC 7541 6.2.2); up to 126 letters. */
function field(place: number, value: string): Buffer {
  const name = place < 15 ? [place] : [15, place - 15];
  return Buffer.from([...name, value.length, ...Buffer.from(value, "latin1")]);
}

/** A GET of this query, or the start of a POST: one HEADERS frame. */
function headers(stream: number, query?: Uint8Array): Buffer {
  const path = query === undefined ? "/dns-query" : `/dns-query?dns=${Buffer.from(query).toString("base64url")}`;
  const type = query === undefined ? field(31, "application/dns-message") : Buffer.alloc(0);
  const block = [Buffer.from([query === undefined ? 0x83 : 0x82, 0x87]), field(1, "a"), field(4, path), type];
  return frame(FRAME.HEADERS, END_HEADERS | (query === undefined ? 0 : END_STREAM), stream, Buffer.concat(block));
}

const dnsType = { "content-type": "application/dns-message" };
const post = (body: Uint8Array): HttpAsk => ({ method: "POST", headers: dnsType, body });

/** Others are served as if nothing were. */
async function expectServes(transport: HttpsTransport): Promise<void> {
  const client = await http2Client(transport.address, pem.cert);
  expect(await client.ask(post(makeEarlyQuery(77)))).toMatchObject({ status: 200, body: echoOf(makeEarlyQuery(77)) });
  client.close();
}

describe("deadlines", () => {
  test("a connection on which no TLS comes", async () => {
    const transport = await open({ firstRequestMs: 200 });
    const socket = connectPlain(transport.address.port, transport.address.host);
    socket.on("error", () => undefined);
    const start = performance.now();
    await once(socket.resume(), "close");
    expect(performance.now() - start).toBeGreaterThan(150);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test.each(["h2", "http/1.1"] as const)("a connection by %s on which no request comes", async (protocol) => {
    const transport = await open({ firstRequestMs: 200 });
    const client = await RawClient.connect(transport, protocol);
    expect(await client.closedAfter()).toBeLessThan(1_000);
    expect(transport.counts).toMatchObject({ timedOut: 1, requests: 0 });
  });

  test("headers that trickle by HTTP/1.1", async () => {
    const transport = await open({ firstRequestMs: 200 });
    const client = await RawClient.connect(transport, "http/1.1");
    client.write("GET /dns-query HTTP/1.1\r\nHost: a\r\nX: ");
    client.trickle(() => client.write("x"));
    expect(await client.closedAfter()).toBeLessThan(1_000);
    await expectServes(transport);
  });

  test("headers that trickle by HTTP/2", async () => {
    const transport = await open({ firstRequestMs: 200 });
    const client = await RawClient.connect(transport, "h2");
    client.write(frame(FRAME.HEADERS, 0, 1, Buffer.of(0x82)));
    client.trickle(() => client.write(frame(FRAME.CONTINUATION, 0, 1, Buffer.of(0x87))));
    expect(await client.closedAfter()).toBeLessThan(1_000);
    await expectServes(transport);
  });

  test("a body that trickles by HTTP/1.1", async () => {
    const transport = await open({ requestMs: 200 });
    const client = await RawClient.connect(transport, "http/1.1");
    const type = "Content-Type: application/dns-message";
    client.write(`POST /dns-query HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: 60000\r\n\r\n`);
    client.trickle(() => client.write("x"));
    expect(await client.closedAfter()).toBeLessThan(1_000);
    expect(transport.counts).toMatchObject({ timedOut: 1, requests: 1 });
  });

  test("a body that trickles by HTTP/2, beside requests that are answered", async () => {
    const transport = await open({ requestMs: 200 });
    const client = await RawClient.connect(transport, "h2");
    client.write(headers(1));
    let stream = 3;
    client.trickle(() => {
      client.write(frame(FRAME.DATA, 0, 1, Buffer.of(0)), headers(stream, makeQuery(stream, 12)));
      stream += 2;
    });
    expect(await client.closedAfter()).toBeLessThan(1_000);
    expect(transport.counts).toMatchObject({ timedOut: 1 });
    expect(transport.counts.requests).toBeGreaterThan(2);
  });

  test("an idle session gets GOAWAY without an error; pings do not keep it open", async () => {
    const transport = await open({ idleMs: 200 });
    const client = await RawClient.connect(transport, "h2");
    client.write(headers(1, makeQuery(1)));
    client.trickle(() => client.write(frame(FRAME.PING, 0, 0, Buffer.alloc(8))));
    expect(await client.closedAfter()).toBeLessThan(1_000);
    const goaway = client.frames.findLast(({ type }) => type === FRAME.GOAWAY);
    expect(goaway?.body.readUInt32BE(4)).toBe(0);
  });

  test("an idle connection by HTTP/1.1 is closed, and one in use is not", async () => {
    const transport = await open({ idleMs: 200 });
    const client = await RawClient.connect(transport, "http/1.1");
    const get = `GET /dns-query?dns=${makeQuery(1).toString("base64url")} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const start = performance.now();
    for (let answered = 1; performance.now() - start < 400; answered++) {
      client.write(get);
      await until(() => client.received.toString("latin1").split("HTTP/1.1 200").length === answered + 1, "an answer");
    }
    expect(client.closed).toBe(false);
    expect(await client.closedAfter()).toBeLessThan(1_000);
    expect(transport.counts.timedOut).toBe(0);
  });
});

describe("streams", () => {
  test("1,000 at once: never more than 100 pending, and all are answered", async () => {
    const late = new LateEcho();
    const transport = await open({}, late);
    const client = await connectHttps(transport.address, pem.cert);
    cleanUp.push(() => client.close());
    const ids = Array.from({ length: 1_000 }, (_, id) => id);
    await client.send(...ids.map((id) => makeLateQuery(id)));
    let most = 0;
    for (let answered = 0; answered < ids.length;) {
      await until(() => late.waiting.length > 0, "queries wait");
      most = Math.max(most, late.waiting.length);
      const released = late.waiting.length;
      late.release();
      for (let i = 0; i < released; i++) await client.receive();
      answered += released;
    }
    expect(most).toBe(100);
  });

  test("streams beyond the limit are refused", async () => {
    const late = new LateEcho();
    const transport = await open({}, late);
    const client = await RawClient.connect(transport, "h2");
    // The server's own SETTINGS hold once they are acknowledged.
    await until(() => client.frames.length > 0, "the server's settings");
    client.write(frame(FRAME.SETTINGS, 1, 0));
    const streams = Array.from({ length: 1_000 }, (_, i) => 2 * i + 1);
    client.write(...streams.map((stream) => headers(stream, makeLateQuery(stream, 12))));
    await until(() => late.waiting.length > 0, "some are asked");
    await until(
      () => client.closed || client.frames.some(({ type }) => type === FRAME.RST_STREAM || type === FRAME.GOAWAY),
      "the others are refused",
    );
    expect(late.waiting.length).toBeLessThanOrEqual(100);
    expect(transport.counts.requests).toBeLessThanOrEqual(100);
    await expectServes(transport);
    late.release();
  });

  test("a storm of resets closes its connection and affects no other", async () => {
    const transport = await open({ resets: 50, resetsPerSecond: 10 });
    const client = await RawClient.connect(transport, "h2");
    const cancel = Buffer.of(0, 0, 0, 8);
    const storm = (from: number): void => {
      for (let i = from; i < from + 50; i++) {
        client.write(headers(2 * i + 1, makeQuery(i)), frame(FRAME.RST_STREAM, 0, 2 * i + 1, cancel));
      }
    };
    let sent = 0;
    client.trickle(() => {
      storm(sent);
      sent += 50;
    });
    await expectServes(transport);
    expect(await client.closedAfter()).toBeLessThan(2_000);
    // Those that were read before the last of the burst was counted.
    expect(transport.counts.requests).toBeLessThan(300);
    await expectServes(transport);
  });

  test("endless headers are not collected without a limit", async () => {
    const transport = await open();
    const client = await RawClient.connect(transport, "h2");
    const filler = Buffer.concat(Array.from({ length: 120 }, () => field(15, "x".repeat(120))));
    client.write(frame(FRAME.HEADERS, 0, 1, Buffer.of(0x82, 0x87)));
    const before = process.memoryUsage().rss;
    client.trickle(() => client.write(...Array.from({ length: 20 }, () => frame(FRAME.CONTINUATION, 0, 1, filler))));
    expect(await client.closedAfter()).toBeLessThan(3_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    expect(transport.counts.requests).toBe(0);
    await expectServes(transport);
  });

  test("25 pipelined by HTTP/1.1 are answered in order; more at once than streams close the connection", async () => {
    const transport = await open({ streams: 30 });
    const pipeline = (count: number): string =>
      Array.from({ length: count }, (_, id) => makeQuery(id, 12).toString("base64url"))
        .map((dns) => `GET /dns-query?dns=${dns} HTTP/1.1\r\nHost: a\r\n\r\n`)
        .join("");
    const client = await RawClient.connect(transport, "http/1.1");
    client.write(pipeline(25));
    const bodies = (): string[] =>
      client.received
        .toString("latin1")
        .split(/HTTP\/1\.1 200[^]*?\r\n\r\n/)
        .slice(1);
    await until(() => bodies().length === 25 && bodies().at(-1)!.length === 12, "25 answers");
    expect(bodies()).toEqual(Array.from({ length: 25 }, (_, id) => echoOf(makeQuery(id, 12)).toString("latin1")));
    client.write(pipeline(40));
    expect(await client.closedAfter()).toBeLessThan(1_000);
    await expectServes(transport);
  });
});

describe("bytes in hand", () => {
  test("half bodies on all streams are kept up to the limit, those beyond refused", async () => {
    const transport = await open({ bufferedBytes: 128 * 1024, requestMs: 500 });
    const session = await openSession(transport.address, pem.cert);
    cleanUp.push(() => session.destroy());
    const statuses: number[] = [];
    for (let i = 0; i < 50; i++) {
      const stream = session.request({ ":method": "POST", ":path": "/dns-query", ...dnsType });
      stream.on("error", () => undefined);
      stream.on("response", ({ ":status": status }) => void statuses.push(status ?? 0));
      stream.write(Buffer.alloc(20_000));
    }
    await until(() => statuses.length >= 40, "most are refused");
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(statuses.length).toBeLessThan(50);
    await expectServes(transport);
    // The deadline of the others ends the connection.
    await once(session, "close");
  });

  test("unread replies are kept up to the limit, and not for ever", async () => {
    const transport = await open({ bufferedBytes: 256 * 1024, requestMs: 500 }, sized);
    const client = await RawClient.connect(transport, "h2");
    client.socket.pause();
    const before = process.memoryUsage().rss;
    for (let stream = 1; stream < 200; stream += 2) {
      client.write(headers(stream, makeSizedQuery(stream, 60_000, 7).query));
    }
    await until(() => transport.counts.timedOut === 1, "the connection is given up");
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });

  test("late answers to aborted requests are not counted for ever", async () => {
    const late = new LateEcho();
    const transport = await open({ bufferedBytes: 10_000, resets: 1_000 }, late);
    const session = await openSession(transport.address, pem.cert);
    cleanUp.push(() => session.destroy());
    for (let id = 0; id < 30; id++) {
      const stream = session.request({ ":method": "POST", ":path": "/dns-query", ...dnsType });
      stream.on("error", () => undefined);
      stream.end(makeLateQuery(id, 2_000));
      await until(() => late.waiting.length === 1, "it is asked");
      stream.close(8);
      await new Promise((resolve) => session.ping(resolve));
      late.release();
    }
    expect((await askOn(session, post(makeEarlyQuery(1)))).status).toBe(200);
    const large = makeQuery(2, 4_000);
    large[3] = 0;
    expect((await askOn(session, post(large))).status).toBe(200);
  });
});

describe("requests in hand over all connections", () => {
  test("beyond the limit, the connection with the most of them is closed", async () => {
    const transport = await open({ requests: 20 });
    const statuses: number[] = [];
    const openHalf = async (count: number): Promise<{ readonly closed: boolean }> => {
      const session = await openSession(transport.address, pem.cert);
      cleanUp.push(() => session.destroy());
      const before = transport.counts.pending;
      for (let i = 0; i < count; i++) {
        const stream = session.request({ ":method": "POST", ":path": "/dns-query", ...dnsType });
        stream.on("error", () => undefined);
        stream.on("response", ({ ":status": status }) => void statuses.push(status ?? 0));
        stream.write(Buffer.alloc(100));
      }
      await until(() => transport.counts.pending !== before, "they are in hand");
      return session;
    };
    const modest = await openHalf(3);
    const greedy = await openHalf(15);
    await until(() => transport.counts.pending === 18, "all are in hand");
    const last = await openHalf(4);
    await until(() => greedy.closed, "the greedy one is closed");
    await until(() => transport.counts.pending === 7, "the others are in hand");
    expect([modest.closed, last.closed, transport.counts.evicted]).toEqual([false, false, 1]);
    await expectServes(transport);
    expect(statuses).toEqual([]);
    await transport.close();
    await until(() => transport.counts.pending === 0, "none is in hand");
  });

  test("the connection with the most of them may be the one that asks", async () => {
    const transport = await open({ requests: 20 });
    const session = await openSession(transport.address, pem.cert);
    cleanUp.push(() => session.destroy());
    const closed = once(session, "close");
    for (let i = 0; i < 30; i++) {
      const stream = session.request({ ":method": "POST", ":path": "/dns-query", ...dnsType });
      stream.on("error", () => undefined);
      stream.write(Buffer.alloc(100));
    }
    await closed;
    await until(() => transport.counts.pending === 0, "none is in hand");
    expect(transport.counts.evicted).toBe(1);
    await expectServes(transport);
  });
});
