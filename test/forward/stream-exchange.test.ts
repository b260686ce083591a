// One upstream over TCP and TLS: which connections are made, kept and trusted.
import { createHash, X509Certificate } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { StreamExchange } from "../../src/forward/stream-exchange.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { until } from "../contract/transport-clients.ts";
import { makeCertificate } from "../support/certificates.ts";
import { freePort } from "../support/process.ts";
import { ScriptedUpstream, answerOf, name, rightAnswer } from "../support/scripted-upstream.ts";
import { warningsDuring } from "../support/warnings.ts";
import type { Script, ScriptedSettings } from "../support/scripted-upstream.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});
const right: Script = ({ query }) => [{ bytes: rightAnswer(query) }];

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function open(script: Script, settings: ScriptedSettings = {}): Promise<ScriptedUpstream> {
  const upstream = await ScriptedUpstream.open(script, settings);
  cleanUp.push(() => upstream.close());
  return upstream;
}

function connect(...args: ConstructorParameters<typeof StreamExchange>): StreamExchange {
  const exchange = new StreamExchange(...args);
  cleanUp.push(() => exchange.close());
  return exchange;
}

async function ask(exchange: StreamExchange, withinMs = 2_000): Promise<unknown> {
  const result = await exchange.exchange(QUERY, withinMs);
  return "reply" in result ? answerOf(result.reply) : result;
}
const RIGHT = ["A 192.0.2.1"];

describe("over TCP", () => {
  test("all queries share one connection, each under an id of its own", async () => {
    const upstream = await open(right);
    const exchange = connect(upstream.upstream);
    expect(await Promise.all(Array.from({ length: 500 }, () => ask(exchange)))).toEqual(Array(500).fill(RIGHT));
    expect(await ask(exchange)).toEqual(RIGHT);
    expect(upstream.connections).toBe(1);
    const ids = upstream.taken.slice(0, 500).map(({ query }) => query.readUInt16BE(0));
    expect(new Set(ids).size).toBe(500);
  });

  test("a connection that was closed while idle is opened again", async () => {
    const upstream = await open(right);
    const exchange = connect(upstream.upstream);
    for (let i = 1; i <= 3; i++) {
      expect(await ask(exchange)).toEqual(RIGHT);
      expect(upstream.connections).toBe(i);
      upstream.dropConnections();
    }
  });

  test("one that is closed on a query: asked once more where it has been of use, not else", async () => {
    const upstream = await open((_, nth) => (nth === 1 ? [{ end: true }] : right(upstream.taken.at(-1)!, nth)));
    const exchange = connect(upstream.upstream);
    expect(await ask(exchange)).toEqual(RIGHT);
    expect(await ask(exchange)).toEqual(RIGHT);
    expect([upstream.taken.length, upstream.connections]).toEqual([3, 2]);

    upstream.script = () => [{ end: true }];
    expect(await ask(exchange)).toMatchObject({ fault: "closed" });
    expect(upstream.taken.length).toBe(5);
    expect(await ask(exchange)).toMatchObject({ fault: "closed" });
    expect(upstream.taken.length).toBe(6);
  });

  test("one that has gone silent with a query takes no more", async () => {
    const upstream = await open((_, nth) => (nth === 1 ? [] : right(upstream.taken.at(-1)!, nth)));
    const exchange = connect(upstream.upstream);
    expect(await ask(exchange)).toEqual(RIGHT);
    const silent = ask(exchange, 3_000);
    await until(() => performance.now() - (upstream.taken[1]?.atMs ?? Infinity) > 1_050, "a second of silence");
    expect(await ask(exchange)).toEqual(RIGHT);
    expect(upstream.connections).toBe(2);
    exchange.close();
    expect(await silent).toEqual({ fault: "closed" });
  });

  test("refused, silent, closed by us", async () => {
    const closedPort = connect({ text: "a", protocol: "tcp", host: "127.0.0.1", port: await freePort() });
    expect(await ask(closedPort)).toEqual({ fault: "refused", detail: "ECONNREFUSED" });
    const exchange = connect((await open(() => [])).upstream);
    expect(await ask(exchange, 50)).toEqual({ fault: "timeout" });
    const pending = ask(exchange);
    exchange.close();
    expect(await pending).toEqual({ fault: "closed" });
    expect(await ask(exchange)).toEqual({ fault: "closed" });
  });
});

describe("over TLS", () => {
  const identity = makeCertificate({ names: ["dns.example"], addresses: ["127.0.0.1"] });
  const tls = { serve: "tls", identity } as const;

  test.each([
    ["by its address", {}],
    ["by its name", { serverName: "dns.example" }],
  ])("verified %s; a session is resumed", async (_, names) => {
    const upstream = await open(right, tls);
    const exchange = connect({ ...upstream.upstream, ...names }, { ca: identity.cert });
    expect(await ask(exchange)).toEqual(RIGHT);
    expect([upstream.connections, upstream.resumed]).toEqual([1, 0]);
    upstream.dropConnections();
    expect(await ask(exchange)).toEqual(RIGHT);
    expect([upstream.connections, upstream.resumed]).toEqual([2, 1]);
    expect(upstream.taken.map(({ transport }) => transport)).toEqual(["tls", "tls"]);
  });

  test.each([
    ["an untrusted certificate", {}, {}, "certificate-untrusted", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    [
      "one for another name",
      { serverName: "other.example" },
      { ca: identity.cert },
      "certificate-name",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
  ])("%s: not a byte of the query is sent", async (_, names, settings, fault, detail) => {
    const upstream = await open(right, tls);
    const exchange = connect({ ...upstream.upstream, ...names }, settings);
    expect(await ask(exchange)).toEqual({ fault, detail });
    expect(upstream.taken).toEqual([]);
  });

  test("a pin must fit the public key, and the certificate be trusted too", async () => {
    const upstream = await open(right, tls);
    const key = new X509Certificate(identity.cert).publicKey.export({ type: "spki", format: "der" });
    const pin = createHash("sha256").update(key).digest("base64");
    const other = Buffer.alloc(32).toString("base64");
    const askWith = (pins: readonly string[], ca: object): Promise<unknown> =>
      ask(connect({ ...upstream.upstream, pins }, ca));
    expect(await askWith([other, pin], { ca: identity.cert })).toEqual(RIGHT);
    expect(await askWith([other], { ca: identity.cert })).toEqual({
      fault: "certificate-pin",
      detail: "ERR_TLS_CERT_PIN",
    });
    expect(await askWith([pin], {})).toMatchObject({ fault: "certificate-untrusted" });
    expect(upstream.taken).toHaveLength(1);
  });

  test("a key that is not that of the certificate is a fault, and nothing is thrown", async () => {
    const upstream = await open(right, tls);
    const settings = { ca: identity.cert, cert: identity.cert, key: makeCertificate().key };
    expect(await ask(connect(upstream.upstream, settings))).toMatchObject({ fault: "tls" });
    expect(upstream.taken).toEqual([]);
  });

  test("a server without TLS gets no query", async () => {
    const upstream = await open(right);
    const exchange = connect({ ...upstream.upstream, protocol: "tls" }, { ca: identity.cert });
    // The handshake is, as a length, the beginning of a long message.
    expect(await ask(exchange, 100)).toEqual({ fault: "timeout" });
    expect(upstream.taken).toEqual([]);
  });
});

test("a query without time left is not sent", async () => {
  const upstream = await open(right);
  const exchange = connect(upstream.upstream);
  const warnings = await warningsDuring(async () => {
    expect(await ask(exchange, -5)).toEqual({ fault: "timeout" });
  });
  expect(warnings).toEqual([]);
  expect(upstream.taken).toHaveLength(0);
});
