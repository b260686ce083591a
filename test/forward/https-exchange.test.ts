// One upstream over HTTPS: a scripted one, and servers that are none.
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { Http2SecureServer, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { afterEach, describe, expect, test } from "vitest";
import { HttpsExchange } from "../../src/forward/https-exchange.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { makeCertificate } from "../support/certificates.ts";
import { freePort } from "../support/process.ts";
import { ScriptedUpstream, answerOf, name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";
import { warningsDuring } from "../support/warnings.ts";
import type { Script } from "../support/scripted-upstream.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});
/** RFC 9113 7. */
const REFUSED_STREAM = 7;
const RIGHT = ["A 192.0.2.1"];
const right: Script = ({ query }) => [{ bytes: rightAnswer(query) }];
const identity = makeCertificate({ names: ["dns.example"], addresses: ["127.0.0.1"] });
const trusted = { ca: identity.cert };

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function open(script: Script): Promise<ScriptedUpstream> {
  const upstream = await ScriptedUpstream.open(script, { serve: "https", identity });
  cleanUp.push(() => upstream.close());
  return upstream;
}

function connect(...args: ConstructorParameters<typeof HttpsExchange>): HttpsExchange {
  const exchange = new HttpsExchange(...args);
  cleanUp.push(() => exchange.close());
  return exchange;
}

async function ask(exchange: HttpsExchange, withinMs = 2_000): Promise<unknown> {
  const result = await exchange.exchange(QUERY, withinMs);
  return "reply" in result ? answerOf(result.reply) : result;
}

describe("over HTTPS", () => {
  test("all queries share one connection, under the id 0", async () => {
    const upstream = await open(right);
    const exchange = connect({ ...upstream.upstream, serverName: "dns.example" }, trusted);
    expect(await Promise.all(Array.from({ length: 50 }, () => ask(exchange)))).toEqual(Array(50).fill(RIGHT));
    expect(await ask(exchange)).toEqual(RIGHT);
    expect(upstream.connections).toBe(1);
    expect(new Set(upstream.taken.map(({ query }) => query.readUInt16BE(0)))).toEqual(new Set([0]));
  });

  test("a session that was closed while idle, or on a query, is opened again", async () => {
    const upstream = await open((_, nth) => (nth === 2 ? [{ end: true }] : right(upstream.taken.at(-1)!, nth)));
    const exchange = connect(upstream.upstream, trusted);
    expect(await ask(exchange)).toEqual(RIGHT);
    upstream.dropConnections();
    expect(await ask(exchange)).toEqual(RIGHT);
    expect(await ask(exchange)).toEqual(RIGHT);
    expect([upstream.taken.length, upstream.connections]).toEqual([4, 3]);
  });

  test("F04 F07 a reply that is not to the question", async () => {
    const wrong: [string, Script][] = [
      ["another id", ({ query }) => [{ bytes: writeReply(query, { id: 1 }) }]],
      ["QR=0", ({ query }) => [{ bytes: writeReply(query, { flags: 0x0100 }) }]],
      ["cut", ({ query }) => [{ bytes: rightAnswer(query).subarray(0, -14) }]],
    ];
    const upstream = await open(right);
    const exchange = connect(upstream.upstream, trusted);
    for (const [what, script] of wrong) {
      upstream.script = script;
      expect([what, await ask(exchange)]).toEqual([what, { fault: "garbage", detail: "not the reply to the query" }]);
    }
    upstream.script = right;
    expect(await ask(exchange)).toEqual(RIGHT);
  });

  test("refused, silent, closed by us", async () => {
    const port = await freePort();
    const closedPort = connect({ text: "a", protocol: "https", host: "127.0.0.1", port, path: "/dns-query" }, trusted);
    expect(await ask(closedPort)).toEqual({ fault: "refused", detail: "ECONNREFUSED" });
    const upstream = await open(() => []);
    const exchange = connect(upstream.upstream, trusted);
    expect(await ask(exchange, 200)).toEqual({ fault: "timeout" });
    const pending = ask(exchange);
    exchange.close();
    expect(await pending).toMatchObject({ fault: "closed" });
    expect(await ask(exchange)).toEqual({ fault: "closed" });
  });

  test("a key that is not that of the certificate is a fault, and nothing is thrown", async () => {
    const upstream = await open(right);
    const exchange = connect(upstream.upstream, { ...trusted, cert: identity.cert, key: makeCertificate().key });
    expect(await ask(exchange)).toMatchObject({ fault: "tls" });
  });

  test.each([
    ["an untrusted certificate", {}, {}, "certificate-untrusted", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    [
      "one for another name",
      { serverName: "other.example" },
      trusted,
      "certificate-name",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
  ])("%s: no query is sent", async (_, names, settings, fault, detail) => {
    const upstream = await open(right);
    const exchange = connect({ ...upstream.upstream, ...names }, settings);
    expect(await ask(exchange)).toEqual({ fault, detail });
    expect(upstream.taken).toEqual([]);
  });
});

describe("servers that are no upstreams", () => {
  async function serve(respond: (stream: ServerHttp2Stream) => void): Promise<HttpsExchange> {
    const server: Http2SecureServer = createSecureServer(identity);
    const sessions = new Set<ServerHttp2Session>();
    server.on("session", (session) => sessions.add(session));
    server.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => undefined);
      respond(stream);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanUp.push(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    return connect({ text: "a", protocol: "https", host: "127.0.0.1", port, path: "/dns-query" }, trusted);
  }
  const dns = { ":status": 200, "content-type": "application/dns-message" };

  test.each([429, 503, 302])("HTTP status %d is a fault of its own", async (status) => {
    const exchange = await serve((stream) => stream.respond({ ":status": status, location: "/" }, { endStream: true }));
    expect(await ask(exchange)).toEqual({ fault: "http-status", detail: `HTTP status ${status}` });
  });

  test.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    [
      "another type",
      (stream) => {
        stream.respond({ ":status": 200, "content-type": "text/html" });
        stream.end("<p>");
      },
      "a reply of type text/html",
    ],
    [
      "too much",
      (stream) => {
        stream.respond(dns);
        stream.end(Buffer.alloc(65_536));
      },
      "a reply that is too large",
    ],
  ])("%s is garbage", async (_, respond, detail) => {
    expect(await ask(await serve(respond))).toEqual({ fault: "garbage", detail });
  });

  const body = (ttl: number): Buffer => rightAnswer(QUERY, ttl);

  test.each(["Application/DNS-Message", "application/dns-message; charset=utf-8"])("%s is the type", async (type) => {
    const exchange = await serve((stream) => {
      stream.respond({ ":status": 200, "content-type": type });
      stream.end(body(60));
    });
    expect(await ask(exchange)).toEqual(RIGHT);
  });

  test.each([
    ["20", 40],
    ["90", 0],
    ["-1", 60],
    ["soon", 60],
  ])("a reply of the age %s has a TTL of %i", async (age, ttl) => {
    const exchange = await serve((stream) => {
      stream.respond({ ...dns, age });
      stream.end(body(60));
    });
    const result = await exchange.exchange(QUERY, 2_000);
    expect("reply" in result && readMessage(Buffer.from(result.reply)).answer[0]!.ttl).toBe(ttl);
  });

  test("a request that is refused goes to another session, once", async () => {
    const sessions = new Set<unknown>();
    const exchange = await serve((stream) => {
      sessions.add(stream.session);
      if (sessions.size === 1) return stream.close(REFUSED_STREAM);
      stream.respond(dns);
      stream.end(body(60));
    });
    expect(await ask(exchange)).toEqual(RIGHT);
    expect(sessions.size).toBe(2);
    const refusing = await serve((stream) => stream.close(REFUSED_STREAM));
    expect(await ask(refusing)).toMatchObject({ fault: "closed" });
  });

  test("a reply that never ends times out", async () => {
    const exchange = await serve((stream) => {
      stream.respond(dns);
      stream.write(Buffer.alloc(20));
    });
    expect(await ask(exchange, 200)).toEqual({ fault: "timeout" });
  });

  test("one that is reset, or has no body, is none", async () => {
    expect(await ask(await serve((stream) => stream.close(2)))).toMatchObject({ fault: "closed" });
    expect(await ask(await serve((stream) => stream.respond(dns, { endStream: true })))).toMatchObject({
      fault: "closed",
    });
  });
});

test("a query without time left is not sent", async () => {
  const upstream = await open(right);
  const exchange = connect({ ...upstream.upstream, serverName: "dns.example" }, trusted);
  const warnings = await warningsDuring(async () => {
    expect(await ask(exchange, -5)).toEqual({ fault: "timeout" });
  });
  expect(warnings).toEqual([]);
  expect(upstream.taken).toHaveLength(0);
});
