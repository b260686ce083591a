// Every protocol, from its name to an answer.
import { expect, test } from "vitest";
import { openExchange } from "../../src/forward/open-exchange.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import type { Upstream } from "../../src/net/upstream.ts";
import { makeCertificate } from "../support/certificates.ts";
import { ScriptedUpstream, answerOf, name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedSettings } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});

test("an upstream with edns=off is asked without", async () => {
  const upstream = await ScriptedUpstream.open(({ query }) => [{ bytes: rightAnswer(query) }]);
  const settings = { mixedCase: false, onMismatch: () => undefined, now: () => performance.now() };
  const exchange = openExchange({ ...upstream.upstream, edns: false }, settings);
  await exchange.exchange(QUERY, 2_000);
  expect(upstream.taken.map(({ query }) => readMessage(query).opt)).toEqual([undefined]);
  exchange.close();
  await upstream.close();
});

test.each<[Upstream["protocol"], ScriptedSettings["serve"] & string]>([
  ["udp", "udp+tcp"],
  ["tcp", "udp+tcp"],
  ["tls", "tls"],
  ["https", "https"],
])("F12 %s: FORMERR, then the answer without EDNS", async (protocol, serve) => {
  const identity = makeCertificate();
  const rejecting = await ScriptedUpstream.open(
    ({ query }, nth) => [{ bytes: nth === 0 ? writeReply(query, { rcode: 1, edns: false }) : rightAnswer(query) }],
    { serve, identity },
  );
  const settings = { mixedCase: true, onMismatch: () => undefined, ca: identity.cert, now: () => performance.now() };
  const exchange = openExchange({ ...rejecting.upstream, protocol }, settings);
  const result = await exchange.exchange(QUERY, 2_000);
  expect("reply" in result && answerOf(result.reply)).toEqual(["A 192.0.2.1"]);
  expect(rejecting.taken.map((asked) => asked.transport)).toEqual([protocol, protocol]);
  exchange.close();
  await rejecting.close();
});
