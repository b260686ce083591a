// Section D, TLS and HTTPS, and padding. RFC 7858, 8310, 7830, 8467, 8484, 9113.
import { once } from "node:events";
import { expect, test, type TestContext } from "vitest";
import type { Endpoint } from "../support/network.ts";
import { expectMsBelow } from "../support/timing.ts";
import { readMessage, writeQuery, writeOption, writeQuestion, writeTsig } from "../support/wire.ts";
import { testName, type CheckId } from "./catalog.ts";
import { LARGE, largeName, PADDED_SIZES, paddingService } from "./fixture.ts";
import { faultsOf, rcodeOf } from "./judge.ts";
import { linkTo, watchedConnection } from "./links.ts";
import { hex, ID, KUBERNETES, message, OPTION, ZONE } from "./packets.ts";
import {
  askHttp1,
  askHttp2,
  askTls,
  closeOf,
  DNS_MESSAGE,
  DNS_PATH,
  exchangeTls,
  getPath,
  openHttp2,
  openTls,
  stormOfResets,
  streamOf,
  type HttpAsk,
} from "./secure.ts";
import { notApplicable } from "./suite.ts";
import { IS_OURS, useSecureServer } from "./target.ts";
import { needPid, residentBytes } from "./usage.ts";

const targetOf = useSecureServer();
const TIMER_TEST_MS = 40_000;
const HANDSHAKE_MS = 6_500;
const TTL = 30;
const MOST_STREAMS = 100;
const RESETS = 20_000;
const goodQuery = writeQuery({ name: KUBERNETES, type: "A", id: ID });

function check(id: CheckId, run: (context: TestContext) => Promise<void>, what = ""): void {
  test(`${testName(id)}${what === "" ? "" : `: ${what}`}`, run, TIMER_TEST_MS);
}

/** One that waits for a timer of the server: they wait at the same time. */
function checkTimer(id: CheckId, run: (context: TestContext) => Promise<void>, what: string): void {
  test.concurrent(`${testName(id)}: ${what}`, run, TIMER_TEST_MS);
}

function needTls(context: TestContext): Endpoint {
  return targetOf().tls ?? notApplicable(context, "no DNS over TLS");
}

function needHttps(context: TestContext): Endpoint {
  return targetOf().https ?? notApplicable(context, "no DNS over HTTPS");
}

async function expectGood(reply: Promise<Buffer>): Promise<void> {
  expect(readMessage(await reply).answer.map(({ rdata }) => rdata)).toEqual(["10.96.0.1"]);
}

function paddedQuery(bytes: number, options: Buffer): Buffer {
  return writeQuery({ name: largeName(paddingService(bytes)), type: "A", id: ID, opt: { size: 4096, options } });
}

check("C19", async (context) => {
  const tls = needTls(context);
  const sizes = await Promise.all(
    PADDED_SIZES.map(async ([bytes]) => [
      bytes,
      (await askTls(tls, paddedQuery(bytes, writeOption(OPTION.PADDING)))).length,
    ]),
  );
  expect(sizes).toEqual(PADDED_SIZES);
});

/** Whether a reply has the padding option. */
function isPadded(reply: Buffer): boolean {
  return readMessage(reply).opt?.options.some(({ code }) => code === OPTION.PADDING) === true;
}

check(
  "C19",
  async () => {
    for (const transport of ["udp", "tcp"] as const) {
      const link = linkTo(transport, targetOf().v4!);
      for (const [bytes] of PADDED_SIZES)
        expect(isPadded(await link.ask(paddedQuery(bytes, writeOption(OPTION.PADDING))))).toBe(false);
    }
  },
  "over UDP and TCP",
);

check("C20", async (context) => {
  const tls = needTls(context);
  for (const [bytes] of PADDED_SIZES)
    expect(isPadded(await askTls(tls, paddedQuery(bytes, Buffer.alloc(0))))).toBe(false);
});

check(
  "D16",
  async (context) => {
    const tls = needTls(context);
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await openTls(tls, { ALPNProtocols: ["dot"], minVersion: version, maxVersion: version });
      // A server may agree on none; ours knows this one.
      expect(IS_OURS ? ["dot"] : ["dot", false]).toContain(socket.alpnProtocol);
      await expectGood(exchangeTls(socket, goodQuery));
      socket.destroy();
    }
    for (const version of ["TLSv1", "TLSv1.1"] as const) {
      const old = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" } as const;
      await expect(openTls(tls, old)).rejects.toThrow(/version|alert|handshake|protocol/i);
    }
  },
  "versions",
);

check(
  "D16",
  async (context) => {
    const tls = needTls(context);
    const wrong = await openTls(tls, { ALPNProtocols: ["h2"] }).catch(() => undefined);
    // Refused, or none agreed upon; never the wrong one.
    expect(wrong?.alpnProtocol || undefined).toBeUndefined();
    wrong?.destroy();
    const none = await openTls(tls);
    await expectGood(exchangeTls(none, goodQuery));
    none.destroy();
  },
  "ALPN",
);

check(
  "D16",
  async (context) => {
    const tls = needTls(context);
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const options = { ALPNProtocols: ["dot"], minVersion: version, maxVersion: version } as const;
      const first = await openTls(tls, options);
      const sessions: Buffer[] = [];
      first.on("session", (session: Buffer) => sessions.push(session));
      await expectGood(exchangeTls(first, goodQuery));
      // In TLS 1.2 the session came with the handshake, before anybody listened.
      const session = sessions.at(-1) ?? first.getSession();
      first.end();
      const second = await openTls(tls, { ...options, ...(session === undefined ? {} : { session }) });
      expect({ version, isReused: second.isSessionReused() }).toEqual({ version, isReused: true });
      second.destroy();
    }
  },
  "resumption",
);

const REFUSALS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["UPDATE", message(0x2800, [1, 0, 0, 0], writeQuestion(ZONE, 6))],
  ["NOTIFY", message(0x2000, [1, 0, 0, 0], writeQuestion(ZONE, 6))],
  ["AXFR", message(0, [1, 0, 0, 0], writeQuestion(ZONE, 252))],
  ["IXFR", message(0, [1, 0, 0, 0], writeQuestion(ZONE, 251))],
];

function expectRefused(what: string, reply: Buffer): void {
  const decoded = readMessage(reply);
  expect(["NOTIMP", "REFUSED"], what).toContain(decoded.rcode);
  expect(decoded.answer, what).toEqual([]);
}

check(
  "D19",
  async (context) => {
    const tls = needTls(context);
    for (const [what, bytes] of REFUSALS) expectRefused(what, await askTls(tls, bytes));
  },
  "TLS",
);

const post = (body: Buffer, contentType = DNS_MESSAGE): HttpAsk => ({ method: "POST", contentType, body });

check(
  "D19",
  async (context) => {
    const https = needHttps(context);
    for (const [what, bytes] of REFUSALS) expectRefused(what, (await askHttp2(https, post(bytes))).body);
  },
  "HTTPS",
);

check(
  "G08",
  async (context) => {
    const signed = message(0, [1, 0, 0, 1], writeQuestion(ZONE, 6), writeTsig({ id: ID, key: "nobody." }));
    const replies = [await askTls(needTls(context), signed), (await askHttp2(needHttps(context), post(signed))).body];
    for (const reply of replies) {
      const decoded = readMessage(reply);
      expect(rcodeOf(decoded)).toBe("RCODE9");
      expect(decoded).toMatchObject({ answer: [], additional: [{ type: "TYPE250" }] });
    }
  },
  "TLS and HTTPS",
);

for (const [version, ask] of [
  ["HTTP/1.1", askHttp1],
  ["HTTP/2", askHttp2],
] as const) {
  check(
    "D17",
    async (context) => {
      const https = needHttps(context);
      const zeroId = writeQuery({ name: KUBERNETES, type: "A", id: 0 });
      for (const asked of [{ path: getPath(zeroId) }, post(zeroId)]) {
        const { status, headers, body } = await ask(https, asked);
        expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: DNS_MESSAGE });
        expect(String(headers["cache-control"])).toMatch(new RegExp(`max-age=${TTL}(?!\\d)`));
        expect(faultsOf("plain", zeroId, body)).toEqual([]);
        expect(body.readUInt16BE(0)).toBe(0);
      }
      const missing = writeQuery({ name: `nosuch.default.svc.${ZONE}`, type: "A", id: 0 });
      const negative = await ask(https, { path: getPath(missing) });
      expect(readMessage(negative.body).rcode).toBe("NXDOMAIN");
      expect(String(negative.headers["cache-control"])).toMatch(new RegExp(`max-age=${TTL}(?!\\d)`));
      const large = await ask(https, post(writeQuery({ name: largeName(LARGE.big), type: "A", id: 0 })));
      expect(readMessage(large.body).answer).toHaveLength(200);
    },
    `${version} GET and POST`,
  );

  check(
    "D17",
    async (context) => {
      const https = needHttps(context);
      const rows: readonly (readonly [what: string, asked: HttpAsk, status: number])[] = [
        ["another type", post(goodQuery, "text/plain"), 415],
        ["no dns=", { path: DNS_PATH }, 400],
        ["no base64", { path: `${DNS_PATH}?dns=%%%` }, 400],
        ["a body of 70 kB", post(Buffer.alloc(70_000)), 413],
        ["PUT", { method: "PUT", contentType: DNS_MESSAGE, body: goodQuery }, 405],
        ["another path", { path: "/other" }, 404],
      ];
      const statuses: [string, number | string][] = [];
      for (const [what, asked] of rows)
        statuses.push([
          what,
          await ask(https, asked).then(
            ({ status }) => status,
            (error: Error) => error.message,
          ),
        ]);
      expect(statuses).toEqual(rows.map(([what, , status]) => [what, status]));
      const long = await ask(https, { path: `${DNS_PATH}?dns=${"A".repeat(90_000)}` }).catch(() => "ended");
      // HTTP/2 may end a stream or a connection whose headers are too long, before there is a request to answer.
      if (version === "HTTP/1.1" || long !== "ended") expect(long).toMatchObject({ status: 414 });
      await expectGood(ask(https, { path: getPath(goodQuery) }).then(({ body }) => body));
    },
    `${version} refusals`,
  );

  check(
    "D17",
    async (context) => {
      const { status, body } = await ask(needHttps(context), post(Buffer.concat([goodQuery, hex("deadbeef")])));
      expect(status === 400 || faultsOf("formerr", goodQuery, body).length === 0).toBe(true);
    },
    `${version} bytes behind the query`,
  );
}

check(
  "D18",
  async (context) => {
    const https = needHttps(context);
    const session = await openHttp2(https);
    const settled =
      session.remoteSettings.maxConcurrentStreams === undefined ? once(session, "remoteSettings") : undefined;
    await settled;
    expect(session.remoteSettings.maxConcurrentStreams).toBeLessThanOrEqual(MOST_STREAMS);
    const replies = await Promise.all(
      Array.from({ length: 1_000 }, () => streamOf(session, { path: getPath(goodQuery) })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1_000);
    session.destroy();
  },
  "1,000 streams",
);

check(
  "D18",
  async (context) => {
    const https = needHttps(context);
    const pid = needPid(targetOf(), context);
    const before = residentBytes(pid);
    const closed = await stormOfResets(https, RESETS);
    expect(closed).toBe(true);
    expect(residentBytes(pid) - before).toBeLessThan(96 * 1024 * 1024);
    expect((await askHttp2(https, { path: getPath(goodQuery) })).status).toBe(200);
  },
  "a storm of resets",
);

checkTimer(
  "D16",
  async (context) => {
    const tls = needTls(context);
    const [silent, junk] = [await watchedConnection(tls), await watchedConnection(tls)];
    silent.socket.resume();
    junk.socket.resume().write(Buffer.alloc(600, 0x55));
    const [silentMs, junkMs] = await Promise.all([silent.closedMs, junk.closedMs]);
    expectMsBelow(silentMs, HANDSHAKE_MS);
    expectMsBelow(junkMs, HANDSHAKE_MS);
    await expectGood(askTls(tls, goodQuery));
  },
  "handshakes that do not come to an end",
);

checkTimer(
  "D18",
  async (context) => {
    const https = needHttps(context);
    const slow = await openTls(https, { ALPNProtocols: ["http/1.1"] });
    slow.setTimeout(0);
    slow.write(`GET ${DNS_PATH} HTTP/1.1\r\nHost: x\r\n`);
    const patience = new Promise((resolve) => setTimeout(() => resolve("still open"), 15_000));
    const ended = await Promise.race([closeOf(slow), patience]);
    slow.destroy();
    expect(ended).not.toBe("still open");
  },
  "headers that do not end",
);
