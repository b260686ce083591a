// TLS: versions, ALPN, handshakes, sessions, ends. TCP has its own tests, and the contract suite has what all
// transports do.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure, type ConnectionOptions, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import { formatListenAddress } from "../../src/net/listen-address.ts";
import type { TcpLimits, TcpTransport } from "../../src/server/tcp-transport.ts";
import { TlsIdentity } from "../../src/server/tls-identity.ts";
import { openTls } from "../../src/server/tls.ts";
import {
  closedAfter,
  connectTls,
  echo,
  echoOf,
  makeQuery,
  makeSizedQuery,
  sized,
  type StreamClient,
  until,
} from "../contract/transport-clients.ts";
import { makeCertificate } from "../support/certificates.ts";
import { frame } from "../support/network.ts";
import { whyNot } from "../support/optional-programs.ts";
import { expectMsBelow } from "../support/timing.ts";

const pem = makeCertificate();
const otherPem = makeCertificate({ names: ["other.example"], algorithm: "rsa:2048" });

const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(
  limits: Partial<TcpLimits> = {},
  answerer: LateAnswerer = echo,
  identity = new TlsIdentity(pem),
): Promise<TcpTransport> {
  const onFault = (fault: Error): void => void faults.push(fault);
  const address = { scheme: "tls", host: "127.0.0.1", port: 0 } as const;
  const transport = await openTls(address, answerer, { identity, limits, onFault });
  cleanUp.push(() => transport.close());
  return transport;
}

async function connect(transport: TcpTransport, options: ConnectionOptions = {}): Promise<StreamClient<TLSSocket>> {
  const client = await connectTls(transport.address, { ca: pem.cert, ...options });
  cleanUp.push(() => client.close());
  return client;
}

/** A connection that says nothing of TLS by itself. */
async function connectRaw(transport: TcpTransport): Promise<Socket> {
  const socket = connectPlain(transport.address.port, transport.address.host);
  cleanUp.push(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function expectAnswer(client: StreamClient, id = 1): Promise<void> {
  await client.send(makeQuery(id));
  expect(await client.receive()).toEqual(echoOf(makeQuery(id)));
}

async function untilClosed(socket: Socket): Promise<void> {
  socket.resume();
  await until(() => socket.closed || socket.readableEnded, "the server closes");
}

describe("TLS", () => {
  test("its address has the scheme", async () => {
    expect(formatListenAddress((await open()).address)).toMatch(/^tls:\/\/127\.0\.0\.1:\d+$/);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is spoken", async (version) => {
    const client = await connect(await open(), { minVersion: version, maxVersion: version });
    expect(client.socket.getProtocol()).toBe(version);
    await expectAnswer(client);
  });

  test.each([
    ["TLS 1.0", { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" }],
    ["TLS 1.1", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" }],
    ["a suite without authenticated encryption", { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256" }],
    ["another protocol by ALPN", { ALPNProtocols: ["h2", "http/1.1"] }],
  ] as const)("%s is refused with an alert, and counted", async (_name, options) => {
    const transport = await open();
    const mutable = { ...options, ...("ALPNProtocols" in options && { ALPNProtocols: [...options.ALPNProtocols] }) };
    await expect(connect(transport, mutable)).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_SSL_(TLSV1_ALERT|SSLV3_ALERT|.*_ALERT)_/),
    });
    await until(() => transport.counts.failedHandshakes === 1, "it is counted");
    await expectAnswer(await connect(transport));
  });

  test.each([
    ["none", {}, false],
    ["dot", { ALPNProtocols: ["dot"] }, "dot"],
    ["dot among others", { ALPNProtocols: ["h2", "dot"] }, "dot"],
  ])("protocols by ALPN: %s", async (_name, options, agreed) => {
    const client = await connect(await open(), options);
    expect(client.socket.alpnProtocol).toBe(agreed);
    await expectAnswer(client);
  });

  test("a client's certificate is not asked for, and does no harm", async () => {
    await expectAnswer(await connect(await open(), otherPem));
  });

  test("a reply is one piece with its length", async () => {
    const client = await connect(await open());
    const chunks: number[] = [];
    client.socket.on("data", (chunk: Buffer) => chunks.push(chunk.length));
    for (let id = 0; id < 20; id++) {
      await client.send(makeQuery(id, 500));
      await client.receive();
    }
    expect(chunks).toEqual(Array.from({ length: 20 }, () => 502));
  });

  test("half-close: what came is answered, then the other half closed", async () => {
    const client = await connect(await open());
    const queries = Array.from({ length: 300 }, (_, id) => makeQuery(id, 400));
    client.socket.end(Buffer.concat(queries.map(frame)));
    for (const query of queries) expect(await client.receive()).toEqual(echoOf(query));
    expectMsBelow(await closedAfter(client), 1_000);
  });

  test("the end is announced (close_notify), where it comes of a deadline too", async ({ skip }) => {
    const missing = whyNot("openssl");
    if (missing !== undefined) skip(missing);
    const transport = await open({ idleMs: 50 });
    const { host, port } = transport.address;
    const client = spawn("openssl", ["s_client", "-connect", `${host}:${port}`, "-msg"], { stdio: "pipe" });
    cleanUp.push(() => void client.kill());
    let output = "";
    for (const stream of [client.stdout, client.stderr]) {
      stream.setEncoding("latin1").on("data", (text: string) => (output += text));
    }
    client.stdin.write(frame(makeQuery(1)));
    await until(() => /<<< TLS 1.3, Alert .*close_notify/.test(output), "the announcement");
    expect(transport.counts).toMatchObject({ replies: 1, timedOut: 1 });
  });

  test("a peer that never reads is not answered further, and cut off", async () => {
    const transport = await open({ unsentMs: 200 }, sized);
    const client = await connect(transport);
    client.socket.pause();
    const { query } = makeSizedQuery(1, 65_535, 1);
    client.socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => frame(query))));
    await until(() => transport.counts.timedOut === 1, "the write deadline");
    expect(transport.counts.replies).toBeLessThan(400);
  });

  test("bytes that are not TLS after the handshake close the connection, and no other", async () => {
    const transport = await open();
    const raw = await connectRaw(transport);
    const secured = connectSecure({ socket: raw, ca: pem.cert, host: transport.address.host });
    secured.on("error", () => undefined);
    await once(secured, "secureConnect");
    const other = await connect(transport);
    raw.write("GET / HTTP/1.1\r\n\r\n");
    await untilClosed(secured);
    await expectAnswer(other);
  });
});

describe("TLS handshakes", () => {
  test.each([
    ["DNS in the clear", frame(makeQuery(1, 40))],
    ["HTTP in the clear", Buffer.from("GET /dns-query HTTP/1.1\r\n\r\n")],
    ["noise", Buffer.alloc(300, 0xa5)],
  ])("%s: closed and counted", async (_name, bytes) => {
    const transport = await open();
    const socket = await connectRaw(transport);
    socket.write(bytes);
    await untilClosed(socket);
    expect(transport.counts).toMatchObject({ accepted: 1, failedHandshakes: 1, chunks: 0 });
  });

  test.each([
    ["nothing is sent", Buffer.alloc(0)],
    ["a hello has begun", Buffer.of(22, 3, 1, 2, 0, 1, 0, 1)],
  ])("the deadline: %s", async (_name, bytes) => {
    const transport = await open({ firstQueryMs: 100 });
    const socket = await connectRaw(transport);
    const start = performance.now();
    socket.write(bytes);
    await untilClosed(socket);
    expect(performance.now() - start).toBeGreaterThan(90);
    expectMsBelow(performance.now() - start, 2_000);
    expect(transport.counts.failedHandshakes).toBe(1);
  });

  test("the deadline is not moved by bytes that trickle in", async () => {
    const transport = await open({ firstQueryMs: 150 });
    const socket = await connectRaw(transport);
    socket.write(Buffer.of(22, 3, 1, 2, 0));
    const timer = setInterval(() => socket.write(Buffer.of(1)), 10);
    cleanUp.push(() => clearInterval(timer));
    const start = performance.now();
    await untilClosed(socket);
    expectMsBelow(performance.now() - start, 2_000);
  });

  test("they count: at the limit the oldest is evicted", async () => {
    const transport = await open({ connections: 3 });
    const settled = await connect(transport);
    const [first, second] = [await connectRaw(transport), await connectRaw(transport)];
    await until(() => transport.counts.accepted === 3, "all are accepted");
    await expectAnswer(settled);
    await expectAnswer(await connect(transport));
    await untilClosed(first);
    expect(second.readableEnded).toBe(false);
    await expectAnswer(settled);
    expect(transport.counts).toMatchObject({ accepted: 4, evicted: 1 });
  });

  test("those that ended do not count", async () => {
    const transport = await open({ connections: 3, connectionsPerClient: 3 });
    for (let i = 0; i < 20; i++) {
      const socket = await connectRaw(transport);
      if (i % 2 === 0) socket.resetAndDestroy();
      else socket.end("x");
      if (i % 2 === 1) await untilClosed(socket);
      const client = await connect(transport);
      await expectAnswer(client);
      client.socket.end();
      await closedAfter(client);
    }
    expect(transport.counts.evicted).toBe(0);
  });

  test("a reset at any moment is no fault, and leaves no connection behind", async () => {
    const transport = await open();
    for (let i = 0; i < 40; i++) {
      const raw = await connectRaw(transport);
      const secured = connectSecure({ socket: raw, ca: pem.cert, host: transport.address.host });
      secured.on("error", () => undefined);
      for (let turn = 0; turn < i % 8; turn++) await new Promise((resolve) => setImmediate(resolve));
      raw.resetAndDestroy();
    }
    await expectAnswer(await connect(transport));
    const start = performance.now();
    await transport.close();
    expectMsBelow(performance.now() - start, 500);
  });

  test("close does not wait for them", async () => {
    const transport = await open();
    const socket = await connectRaw(transport);
    await until(() => transport.counts.accepted === 1, "it is accepted");
    const start = performance.now();
    await transport.close();
    expectMsBelow(performance.now() - start, 500);
    await untilClosed(socket);
  });
});

describe("TLS sessions and certificates", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("a session is taken up again: %s", async (version) => {
    const transport = await open();
    const options = { minVersion: version, maxVersion: version };
    const first = await connect(transport, options);
    let session = version === "TLSv1.2" ? first.socket.getSession() : undefined;
    first.socket.on("session", (bytes) => (session = bytes));
    await expectAnswer(first);
    await until(() => session !== undefined, "a ticket");
    const again = await connect(transport, { ...options, ...(session && { session }) });
    expect(again.socket.isSessionReused()).toBe(true);
    await expectAnswer(again);
  });

  test("no renegotiation", async () => {
    const client = await connect(await open({ idleMs: 200 }), { maxVersion: "TLSv1.2" });
    await expectAnswer(client);
    const outcome = await new Promise<string>((resolve) => {
      for (const end of ["end", "error", "close"]) client.socket.once(end, () => resolve("refused"));
      client.socket.renegotiate({}, (error) => resolve(error === null ? "done" : "refused"));
    });
    expect(outcome).toBe("refused");
  });

  test("a replaced certificate is for new connections; open ones stay", async () => {
    const identity = new TlsIdentity(pem);
    const transport = await open({}, echo, identity);
    const before = await connect(transport);
    await expectAnswer(before);
    identity.replace(otherPem);
    await expect(connect(transport)).rejects.toThrow(/self-signed/);
    const after = await connect(transport, { ca: otherPem.cert });
    expect(after.socket.getPeerCertificate().subjectaltname).toContain("other.example");
    await expectAnswer(after);
    await expectAnswer(before, 2);
  });
});
