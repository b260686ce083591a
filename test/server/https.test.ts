// DNS over HTTPS on real TLS sockets, by HTTP/2 and HTTP/1.1: status, other programs, certificates, connection limits.
// The contract suite has the rest; https-connection.test.ts has deadlines and abuse.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import { type HttpsLimits, type HttpsTransport, openHttps } from "../../src/server/https.ts";
import { TlsIdentity } from "../../src/server/tls-identity.ts";
import { http1Client, http2Client, type HttpAsk, type HttpClient } from "../contract/https-client.ts";
import { echo, echoOf, LateEcho, makeLateQuery, makeQuery, until } from "../contract/transport-clients.ts";
import { makeCertificate } from "../support/certificates.ts";
import { whyNot } from "../support/optional-programs.ts";
import { expectMsBelow, isTimed } from "../support/timing.ts";

const { Request, Response } = globalThis;
const pem = makeCertificate();
const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];
const run = promisify(execFile);

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

interface Opening {
  readonly limits?: Partial<HttpsLimits>;
  readonly answerer?: LateAnswerer;
  readonly identity?: TlsIdentity;
}

async function open(opening: Opening = {}): Promise<HttpsTransport> {
  const { limits = {}, answerer = echo, identity = new TlsIdentity(pem) } = opening;
  const onFault = (fault: Error): void => void faults.push(fault);
  const address = { scheme: "https", host: "127.0.0.1", port: 0 } as const;
  const transport = await openHttps(address, answerer, { identity, limits, onFault });
  cleanUp.push(() => transport.close());
  return transport;
}

const versions = {
  "HTTP/2": http2Client,
  "HTTP/1.1": (...args: Parameters<typeof http1Client>) => Promise.resolve(http1Client(...args)),
};

async function connect(transport: HttpsTransport, version: keyof typeof versions): Promise<HttpClient> {
  const client = await versions[version](transport.address, pem.cert);
  cleanUp.push(() => client.close());
  return client;
}

const dnsType = { "content-type": "application/dns-message" };
const get = (query: Uint8Array): HttpAsk => ({ path: `/dns-query?dns=${Buffer.from(query).toString("base64url")}` });
const post = (body: Uint8Array): HttpAsk => ({ method: "POST", headers: dnsType, body });

describe.each(["HTTP/2", "HTTP/1.1"] as const)("%s", (version) => {
  test("the status of each kind of request, all on one connection", async () => {
    const transport = await open();
    const client = await connect(transport, version);
    const query = makeQuery(0, 60);
    const cases: [string, HttpAsk, number][] = [
      ["GET", get(query), 200],
      ["POST", post(query), 200],
      ["GET of a large message", get(makeQuery(0, 24_000)), 200],
      ["POST of the largest message", post(makeQuery(0, 65_535)), 200],
      ["HEAD", { ...get(query), method: "HEAD" }, 200],
      ["POST of another type", { ...post(query), headers: { "content-type": "text/plain" } }, 415],
      ["no dns=", {}, 400],
      ["no base64url", { path: "/dns-query?dns=%00%ff" }, 400],
      ["no message", get(Buffer.alloc(5)), 400],
      ["70 kB by POST", post(Buffer.alloc(70_000)), 413],
      ["50 kB by GET", { path: `/dns-query?dns=${"A".repeat(50_000)}` }, 414],
      ["PUT", { ...post(query), method: "PUT" }, 405],
      ["another path", { path: "/" }, 404],
      ["another path by POST", { ...post(query), path: "/x" }, 404],
      ["GET afterwards", get(query), 200],
    ];
    for (const [name, ask, status] of cases) {
      const reply = await client.ask(ask);
      expect(reply.status, name).toBe(status);
      expect(Number(reply.headers["content-length"] ?? reply.body.length), name).toBeGreaterThan(0);
    }
    // A connection whose body was not read to its end may be closed for that; no other.
    expect(transport.counts).toMatchObject({ requests: cases.length, timedOut: 0 });
    expect(transport.counts.accepted).toBeLessThanOrEqual(version === "HTTP/2" ? 1 : 5);
  });

  test("id 0 goes back as 0, any other as it came; bytes, type, length and freshness are there", async () => {
    const client = await connect(await open(), version);
    for (const id of [0, 1, 0xffff]) {
      const query = makeQuery(id, 33);
      for (const ask of [get(query), post(query)]) {
        const { body, headers } = await client.ask(ask);
        expect(body).toEqual(echoOf(query));
        expect(headers).toMatchObject({ "content-type": "application/dns-message", "content-length": "33" });
        expect(headers["cache-control"]).toMatch(/^(no-store|max-age=\d+)$/);
      }
    }
  });

  if (isTimed) {
    test("1,000 bad requests cost little", async () => {
      const client = await connect(await open(), version);
      const bad: HttpAsk[] = [
        { path: `/dns-query?dns=${"A".repeat(50_000)}` },
        { path: "/" },
        { path: "/dns-query?dns=!" },
        { method: "PUT" },
      ];
      for (const ask of bad) await client.ask(ask);
      const before = process.cpuUsage();
      for (let i = 0; i < 1_000; i++) await client.ask(bad[i % bad.length]!);
      const { user, system } = process.cpuUsage(before);
      // The client's half is in this too, with 50 kB encrypted on one side and decrypted on the other.
      expectMsBelow((user + system) / 1_000, 2_000);
    });
  }

  test("close waits for pending answers and closes idle connections", async () => {
    const late = new LateEcho();
    const transport = await open({ answerer: late });
    const [idle, waiting] = [await connect(transport, version), await connect(transport, version)];
    const early = makeQuery(1);
    early[3] = 0;
    expect((await idle.ask(get(early))).status).toBe(200);
    const asked = waiting.ask(post(makeLateQuery(5)));
    await until(() => late.waiting.length === 1, "the query is asked");
    const start = performance.now();
    const closed = transport.close();
    setTimeout(() => late.release(), 100);
    expect(await asked).toMatchObject({ status: 200, body: echoOf(makeLateQuery(5)) });
    await closed;
    expectMsBelow(performance.now() - start, 500);
    await expect(idle.ask(get(early))).rejects.toThrow();
  });

  test("a client that leaves before its answer is no fault, and nothing is logged", async () => {
    const logged = [vi.spyOn(console, "error"), vi.spyOn(console, "info"), vi.spyOn(console, "warn")];
    const late = new LateEcho();
    const transport = await open({ answerer: late });
    for (const leavesFirst of [true, false]) {
      const client = await connect(transport, version);
      const asked = client.ask(post(makeLateQuery(9, 1_000))).catch((error: Error) => error);
      await until(() => late.waiting.length === 1, "the query is asked");
      if (leavesFirst) {
        client.close();
        expect(await asked).toBeInstanceOf(Error);
      }
      // An answer for nobody, and one whose asker leaves in the same turn as it comes.
      late.release();
      client.close();
      await asked;
    }
    const client = await connect(transport, version);
    expect((await client.ask(get(makeQuery(3)))).status).toBe(200);
    for (const spy of logged) expect(spy).not.toHaveBeenCalled();
  });
});

describe("a URL that no field of HTTP/2 can hold", () => {
  const path = `/dns-query?dns=${"A".repeat(90_000)}`;

  test("HTTP/1.1 tells 414", async () => {
    const client = await connect(await open(), "HTTP/1.1");
    expect((await client.ask({ path })).status).toBe(414);
  });

  test("HTTP/2 closes that connection alone", async () => {
    const transport = await open();
    const [client, other] = [await connect(transport, "HTTP/2"), await connect(transport, "HTTP/2")];
    await expect(client.ask({ path })).rejects.toThrow(/error code 9|COMPRESSION_ERROR/);
    expect((await other.ask(get(makeQuery(1)))).status).toBe(200);
  });

  test("HTTP/1.1 closes the connection for headers beyond their limit", async () => {
    const transport = await open();
    const client = await connect(transport, "HTTP/1.1");
    const outcome = await client.ask({ path: path + path }).then(
      ({ status }) => String(status),
      (error: Error) => error.message,
    );
    // The reset of what was not read may overtake the status.
    expect(outcome).toMatch(/^431$|ECONNRESET|EPIPE/);
    expect(transport.counts.requests).toBe(0);
  });
});

test("headers of HTTP/2 that are too large together are refused", async () => {
  const transport = await open();
  const [client, other] = [await connect(transport, "HTTP/2"), await connect(transport, "HTTP/2")];
  const headers = Object.fromEntries(["a", "b", "c", "d"].map((name) => [`x-${name}`, name.repeat(40_000)]));
  await expect(client.ask({ ...get(makeQuery(1)), headers })).rejects.toThrow();
  expect((await other.ask(get(makeQuery(1)))).status).toBe(200);
  expect(transport.counts.requests).toBe(1);
});

test("the globals are left as they are", async () => {
  const client = await connect(await open(), "HTTP/2");
  expect((await client.ask(get(makeQuery(1)))).status).toBe(200);
  expect(globalThis.Request).toBe(Request);
  expect(globalThis.Response).toBe(Response);
});

describe("versions", () => {
  const options = { ca: pem.cert, servername: "dns.example" };

  async function agree(transport: HttpsTransport, ALPNProtocols?: string[]): Promise<TLSSocket> {
    const { host, port } = transport.address;
    const socket = connectTls({ ...options, host, port, ...(ALPNProtocols && { ALPNProtocols }) });
    cleanUp.push(() => void socket.destroy());
    await once(socket, "secureConnect");
    return socket;
  }

  test.each([
    [["h2", "http/1.1"], "h2"],
    [["http/1.1", "h2"], "h2"],
    [["http/1.1"], "http/1.1"],
    [undefined, false],
  ])("of %j the server takes %s", async (offered, taken) => {
    expect((await agree(await open(), offered)).alpnProtocol).toBe(taken);
  });

  test("who offers neither is refused in the handshake", async () => {
    await expect(agree(await open(), ["dot"])).rejects.toThrow(/no_application_protocol|no application protocol/);
  });

  test("HTTP/1.0 without a Host is answered, then closed", async () => {
    const socket = await agree(await open(), ["http/1.1"]);
    socket.write("GET /dns-query HTTP/1.0\r\n\r\n");
    const [text] = (await socket.setEncoding("latin1").toArray()).join("").split("\r\n");
    expect(text).toBe("HTTP/1.1 400 Bad Request");
  });

  test.each([
    ["plain HTTP", "GET /dns-query HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a plain DNS query", "\0\x0c\0\0\x01\0\0\x01\0\0\0\0\0\0"],
    ["a record of TLS that is none", `\x16\x03\x01\x02\0${"x".repeat(512)}`],
  ])("%s instead of TLS is closed", async (_name, bytes) => {
    const transport = await open({ limits: { firstRequestMs: 1_000 } });
    const socket = connectPlain(transport.address.port, transport.address.host);
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(Buffer.from(bytes, "latin1"));
    await once(socket, "close");
    const client = await connect(transport, "HTTP/2");
    expect((await client.ask(get(makeQuery(1)))).status).toBe(200);
  });

  test("garbage instead of HTTP is answered with 400", async () => {
    const transport = await open();
    const socket = await agree(transport, ["http/1.1"]);
    socket.write("\0\x01\x02 nonsense\r\n\r\n");
    expect((await socket.setEncoding("latin1").toArray()).join("")).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("other programs", () => {
  function caFile(): string {
    const folder = mkdtempSync(join(tmpdir(), "cluster-dns-https-"));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "ca.pem"), pem.cert);
    return join(folder, "ca.pem");
  }

  test.for(["+https", "+https-get"])("kdig %s", async (how, { skip }) => {
    const missing = whyNot("kdig");
    if (missing !== undefined) skip(missing);
    const { address } = await open();
    const tls = [how, `+tls-ca=${caFile()}`, "+tls-hostname=dns.example", "+timeout=15", "+retry=0"];
    const { stdout } = await run("kdig", ["@127.0.0.1", "-p", String(address.port), ...tls, "www.example.com", "A"]);
    expect(stdout).toMatch(/status: NOERROR/);
    expect(stdout).toMatch(/www\.example\.com\.\s+IN\s+A/);
  });

  // It takes one reply from each TLS record.
  test("dnsperf with a hundred queries outstanding", async ({ skip }) => {
    const missing = whyNot("dnsperf");
    if (missing !== undefined) skip(missing);
    const { address } = await open();
    const folder = mkdtempSync(join(tmpdir(), "cluster-dns-https-"));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "questions.txt");
    writeFileSync(file, Array.from({ length: 500 }, (_, i) => `n${i}.example A\n`).join(""));
    const load = ["-c", "1", "-q", "100", "-n", "1", "-d", file, "-t", "5"];
    const { stdout } = await run("dnsperf", ["-m", "doh", "-s", "127.0.0.1", "-p", String(address.port), ...load]);
    expect(stdout).toMatch(/Queries completed: +500 /);
  });

  test.for(["--http2", "--http1.1"])("curl %s", async (how, { skip }) => {
    const missing = whyNot("curl");
    if (missing !== undefined) skip(missing);
    const { address } = await open();
    const url = `https://127.0.0.1:${address.port}/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB`;
    const told = "%{http_version} %{http_code} %{content_type} %{size_download}";
    const { stdout } = await run("curl", ["-sS", how, "--cacert", caFile(), "-o", "/dev/null", "-w", told, url]);
    expect(stdout).toBe(`${how === "--http2" ? "2" : "1.1"} 200 application/dns-message 33`);
  });
});

test("a certificate that is replaced is shown to the next connection, and the open ones stay", async () => {
  const identity = new TlsIdentity(pem);
  const transport = await open({ identity });
  const before = await connect(transport, "HTTP/2");
  const next = makeCertificate();
  identity.replace(next);
  expect((await before.ask(get(makeQuery(1)))).status).toBe(200);
  const after = await http2Client(transport.address, next.cert);
  cleanUp.push(() => after.close());
  expect((await after.ask(get(makeQuery(2)))).status).toBe(200);
  await expect(http2Client(transport.address, pem.cert)).rejects.toThrow(/certificate/);
});

describe("connections at the limit", () => {
  test.each([
    ["of one client", { connectionsPerClient: 3 }],
    ["of all", { connections: 3 }],
  ])("%s: the longest idle goes, the new one is served", async (_name, limits) => {
    const transport = await open({ limits });
    const clients: HttpClient[] = [];
    for (let i = 0; i < 4; i++) {
      const client = await connect(transport, "HTTP/2");
      clients.push(client);
      expect((await client.ask(get(makeQuery(i)))).status).toBe(200);
      // The first is used again: the second is the longest idle then.
      expect((await clients[0]!.ask(get(makeQuery(i)))).status).toBe(200);
    }
    expect(transport.counts).toMatchObject({ accepted: 4, evicted: 1 });
    await expect(clients[1]!.ask(get(makeQuery(9)))).rejects.toThrow();
    for (const i of [0, 2, 3]) expect((await clients[i]!.ask(get(makeQuery(9)))).status).toBe(200);
  });

  test("those that never speak TLS count too", async () => {
    const transport = await open({ limits: { connectionsPerClient: 3 } });
    const silent = Array.from({ length: 5 }, () => connectPlain(transport.address.port, transport.address.host));
    for (const socket of silent) {
      socket.on("error", () => undefined);
      cleanUp.push(() => void socket.destroy());
    }
    await until(() => transport.counts.evicted === 2, "two had to go");
    const client = await connect(transport, "HTTP/2");
    expect((await client.ask(get(makeQuery(1)))).status).toBe(200);
  });
});

describe("the frames of a reply by HTTP/2", () => {
  const query = makeQuery(3, 40);
  const path = `/dns-query?dns=${Buffer.from(query).toString("base64url")}`;

  test.each([
    ["GET", "one frame of data", [echoOf(query).length]],
    ["HEAD", "headers alone", []],
  ])("to %s: %s, which end the stream", async (method, _, sizes) => {
    const transport = await open();
    const { host, port } = transport.address;
    const socket = connectTls({ host, port, ca: pem.cert, ALPNProtocols: ["h2"] });
    cleanUp.push(() => void socket.destroy());
    await once(socket, "secureConnect");
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(FRAME.SETTINGS, 0, 0, Buffer.alloc(0)));
    const fields = Buffer.concat([
      Buffer.from([0x87]),
      literal(1, `${host}:${port}`),
      literal(4, path),
      literal(2, method),
    ]);
    socket.write(frame(FRAME.HEADERS, 0x05, 1, fields));
    const frames: { type: number; flags: number; size: number }[] = [];
    let bytes = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk]);
      for (; bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3);) {
        const size = bytes.readUIntBE(0, 3);
        if (bytes.readUInt32BE(5) === 1) frames.push({ type: bytes[3]!, flags: bytes[4]!, size });
        bytes = bytes.subarray(9 + size);
      }
      if (frames.some(({ flags }) => (flags & 1) !== 0)) break;
    }
    expect(frames.filter(({ type }) => type === FRAME.DATA).map(({ size }) => size)).toEqual(sizes);
    expect(frames.at(-1)!.flags & 1).toBe(1);
  });
});

/** Types of frames (RFC 9113 6). */
const FRAME = { DATA: 0, HEADERS: 1, SETTINGS: 4 } as const;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A field that is not to be indexed, by the index of its name (RFC 7541 6.2.2). */
function literal(name: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([name, value.length]), Buffer.from(value)]);
}
