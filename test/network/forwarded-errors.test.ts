// Extended errors of upstreams on their way to clients, over real sockets: all codes and texts, with answers and without.
import { afterAll, beforeAll, expect, test } from "vitest";
import { NamedUpstream, startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedReply } from "../support/scripted-upstream.ts";
import type { Message } from "../support/wire.ts";

type Told = readonly (readonly [code: number, text: string])[];

let forwarding: Forwarding;
let stub: NamedUpstream;
beforeAll(async () => {
  stub = await NamedUpstream.open();
  forwarding = await startForwarding({
    stubDomain: [`stub.example=${stub.address}`],
    rewrite: ["name exact a-much-longer-name-than-the-other.example b.up.example answer auto"],
  });
});
afterAll(async () => {
  await forwarding.close();
  await stub.close();
});

function say(upstream: NamedUpstream, owner: string, reply: ScriptedReply): void {
  upstream.say(owner, ({ query }) => [{ bytes: writeReply(query, reply) }]);
}

function told({ opt }: Message): Told {
  const errors = opt?.options.filter(({ code }) => code === 15) ?? [];
  return errors.map(({ data }) => [data.readUInt16BE(0), data.toString("utf8", 2)]);
}

const A = (owner: string) => ({ owner, type: "A", rdata: address("192.0.2.1") });
const SOA = { owner: "up.example.", type: "SOA", rdata: soa() };
const long = "é".repeat(200);

test.each<[what: string, reply: ScriptedReply, errors: Told, passedOn: Told]>([
  ["an answer that is stale", { answer: [A("n0.up.example.")] }, [[3, "old"]], [[3, "old"]]],
  ["an answer that is forged", { answer: [A("n1.up.example.")] }, [[4, ""]], [[4, ""]]],
  ["a denial that is blocked", { rcode: 3, authority: [SOA] }, [[15, "by list x"]], [[15, "by list x"]]],
  [
    "several",
    { answer: [A("n3.up.example.")] },
    [
      [6, ""],
      [9, "no key"],
      [22, "at 192.0.2.9"],
    ],
    [
      [6, ""],
      [9, "no key"],
      [22, "at 192.0.2.9"],
    ],
  ],
  ["a code that no registry has", { answer: [A("n4.up.example.")] }, [[49_152, "own"]], [[49_152, "own"]]],
  ["an other error without text: nothing", { answer: [A("n5.up.example.")] }, [[0, ""]], []],
  ["a text that controls a terminal", { answer: [A("n6.up.example.")] }, [[0, "\u001b[2J"]], [[0, "\\u{1b}[2J"]]],
  ["a long text: its beginning", { answer: [A("n7.up.example.")] }, [[1, long]], [[1, "é".repeat(127)]]],
  [
    "more than there is room for",
    { answer: [A("n8.up.example.")] },
    [1, 2, 3, 4].map((code) => [code, "x".repeat(100)]),
    [1, 2, 3].map((code) => [code, "x".repeat(100)]),
  ],
])("of %s, from the upstream and from the cache", async (what, reply, errors, passedOn) => {
  const { client, upstream } = forwarding;
  const owner = reply.answer?.[0]?.owner ?? "blocked.up.example.";
  say(upstream, owner, { ...reply, errors });
  expect(told(await client.ask(owner)), what).toEqual(passedOn);
  expect(told(await client.ask(owner)), what).toEqual(passedOn);
  expect(upstream.askedFor(owner)).toHaveLength(1);
  // Without EDNS there is nowhere to say it.
  expect(told(await client.askPlain({ name: owner, type: "A" }))).toEqual([]);
});

test("a failure also says which upstream it is of", async () => {
  const { client, upstream } = forwarding;
  const own = `upstream ${upstream.address} answers SERVFAIL`;
  const cases: readonly [errors: Told, passedOn: Told][] = [
    [[], [[0, own]]],
    [
      [[7, ""]],
      [
        [7, ""],
        [0, own],
      ],
    ],
    [
      [
        [6, "bogus"],
        [22, "at 192.0.2.9"],
      ],
      [
        [6, "bogus"],
        [22, "at 192.0.2.9"],
        [0, own],
      ],
    ],
    [
      [[20, "not here"]],
      [
        [20, "not here"],
        [0, own],
      ],
    ],
  ];
  for (const [i, [errors, passedOn]] of cases.entries()) {
    say(upstream, `f${i}.up.example.`, { rcode: 2, errors });
    for (let times = 0; times < 2; times++) {
      const message = await client.ask(`f${i}.up.example.`);
      expect([message.rcode, told(message)]).toEqual(["SERVFAIL", passedOn]);
    }
  }
});

test("those of one domain's upstreams say nothing of what another domain's answer", async () => {
  const { client, upstream } = forwarding;
  const alias = { owner: "alias.stub.example.", type: "CNAME", rdata: name("end.up.example.") };
  say(stub, "alias.stub.example.", { answer: [alias], errors: [[17, "filtered inside"]] });
  say(upstream, "end.up.example.", { answer: [A("end.up.example.")], errors: [[3, "old"]] });
  const message = await client.ask("alias.stub.example.");
  expect([message.answer.length, told(message)]).toEqual([2, [[3, "old"]]]);
});

test("names that are rewritten leave less room; replies stay whole", async () => {
  const { client, upstream } = forwarding;
  const errors: Told = [250, 100, 100].map((length, i) => [i + 1, "x".repeat(length)]);
  say(upstream, "b.up.example.", { rcode: 3, authority: [SOA], errors });
  const seen = new Set<string>();
  for (let size = 512; size < 700; size++) {
    const options = Buffer.from([0, 3, 0, 0]);
    const asked = { name: "a-much-longer-name-than-the-other.example.", opt: { size, options } };
    const message = await client.ask(asked.name, "A", asked);
    expect(message).toMatchObject({ rcode: "NXDOMAIN", authority: [{}], flags: { tc: false } });
    seen.add(
      told(message)
        .map(([code, text]) => `${code} ${text.length}`)
        .join(", "),
    );
  }
  expect([...seen]).toEqual(["1 250", "1 250, 2 100, 3 0", "1 250, 2 100, 3 100"]);
});
