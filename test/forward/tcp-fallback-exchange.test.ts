// UDP with TCP behind it, at a scripted upstream that serves both on one port.
import { afterEach, describe, expect, test } from "vitest";
import { StreamExchange } from "../../src/forward/stream-exchange.ts";
import { TcpFallbackExchange } from "../../src/forward/tcp-fallback-exchange.ts";
import { UdpExchange } from "../../src/forward/udp-exchange.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { ScriptedUpstream, address, answerOf, name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedSettings, Step } from "../support/scripted-upstream.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(overUdp: (query: Buffer) => readonly Step[], settings: ScriptedSettings = {}) {
  const upstream = await ScriptedUpstream.open(
    ({ transport, query }) => (transport === "udp" ? overUdp(query) : [{ bytes: rightAnswer(query) }]),
    settings,
  );
  const udp = new UdpExchange(upstream.upstream, { mixedCase: false, onMismatch: () => undefined });
  const exchange = new TcpFallbackExchange(udp, new StreamExchange(upstream.upstream));
  cleanUp.push(
    () => upstream.close(),
    () => exchange.close(),
  );
  return { upstream, exchange };
}

const wrongId = (query: Buffer): Step => ({ bytes: writeReply(query, { id: (query.readUInt16BE(0) + 1) & 0xffff }) });
const truncated = (query: Buffer): Step => ({ bytes: writeReply(query, { flags: 0x8380 }) });

describe("where UDP is not enough", () => {
  test.each<[string, (query: Buffer) => readonly Step[]]>([
    ["F10 a truncated reply", (query) => [truncated(query)]],
    [
      "F10 a truncated reply, cut within a record",
      (query) => {
        const reply = rightAnswer(query);
        reply[2]! |= 0x02;
        return [{ bytes: reply.subarray(0, -16) }];
      },
    ],
    ["F13 BADCOOKIE", (query) => [{ bytes: writeReply(query, { rcode: 23 }) }]],
    ["F04 three datagrams that do not fit", (query) => [wrongId(query), wrongId(query), wrongId(query)]],
    ["F08 a header alone", (query) => [{ bytes: writeReply(query, { headerOnly: true }) }]],
  ])("%s: the answer comes over TCP", async (_, overUdp) => {
    const { exchange, upstream } = await start(overUdp);
    const result = await exchange.exchange(QUERY, 2_000);
    expect("reply" in result && answerOf(result.reply)).toEqual(["A 192.0.2.1"]);
    expect(upstream.taken.map(({ transport }) => transport)).toEqual(["udp", "tcp"]);
  });

  test.each([
    ["F10 X24 truncated", truncated, "truncated"],
    ["a header alone", (query: Buffer) => ({ bytes: writeReply(query, { headerOnly: true }) }), "garbage"],
  ])("%s, and TCP is refused: a fault at once, but not `refused`", async (_, overUdp, fault) => {
    const { exchange } = await start((query) => [overUdp(query)], { serve: "udp" });
    const startMs = performance.now();
    expect(await exchange.exchange(QUERY, 3_000)).toEqual({
      fault,
      detail: expect.stringMatching(/over TCP: refused \(ECONNREFUSED\)$/) as string,
    });
    expect(performance.now() - startMs).toBeLessThan(1_500);
  });

  test("F28 an answer of 60 kB", async () => {
    const { exchange, upstream } = await start((query) => [truncated(query)]);
    upstream.script = ({ transport, query }) => {
      if (transport === "udp") return [truncated(query)];
      const record = { owner: "www.up.test.", type: "A", rdata: address("192.0.2.1") };
      return [{ bytes: writeReply(query, { answer: Array(2_200).fill(record) as (typeof record)[] }) }];
    };
    const result = await exchange.exchange(QUERY, 2_000);
    expect("reply" in result && result.reply.length).toBeGreaterThan(59_000);
  });

  test("UDP and TCP share the time that there is", async () => {
    const { exchange, upstream } = await start((query) => [{ ...truncated(query), afterMs: 100 }]);
    const overUdp = upstream.script;
    upstream.script = (asked, nth) => (asked.transport === "udp" ? overUdp(asked, nth) : []);
    const startMs = performance.now();
    expect(await exchange.exchange(QUERY, 300)).toEqual({ fault: "truncated", detail: "over TCP: timeout" });
    expect(performance.now() - startMs).toBeLessThan(600);
  });
});

describe("when UDP is enough, or the upstream is down", () => {
  test("no TCP after an answer, or after silence", async () => {
    const { exchange, upstream } = await start((query) => [{ bytes: rightAnswer(query) }]);
    expect(await exchange.exchange(QUERY, 2_000)).toHaveProperty("reply");
    upstream.script = () => [];
    expect(await exchange.exchange(QUERY, 50)).toEqual({ fault: "timeout" });
    await upstream.close();
    expect(await exchange.exchange(QUERY, 2_000)).toMatchObject({ fault: "refused" });
    expect(upstream.connections).toBe(0);
  });
});
