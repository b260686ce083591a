// Wildcards, delegations and redirections out of small zones. That whole zone files are answered as by other servers is
// shown by test/zones-peers.test.ts.
import { describe, expect, test } from "vitest";
import { CNAME_COUNT_MAX, OUTCOME } from "../../src/answer/query-context.ts";
import { ask, askBytes, clientFrom, shown } from "../support/core/ask.ts";
import { smallZone, StaticCluster } from "../support/core/static-zone.ts";
import type { Message } from "../support/wire.ts";
import { writeQuery } from "../support/wire.ts";

const SOA = "authority z.example. 10 SOA ns.z.example. admin.z.example. 1 2 3 4 10";

function serve(...lines: readonly string[]): StaticCluster {
  const cluster = new StaticCluster();
  cluster.serve({ zones: [smallZone("z.example", ...lines)] });
  return cluster;
}

/** Names of `z.example.` without that, data of DNAME left out. */
function answered(message: Message): readonly string[] {
  return shown(message).map((line) => line.replaceAll(".z.example.", "").replace(/ \\# \d+ [0-9a-f]+$/, ""));
}

const zone = serve(
  "*.w A 192.0.2.1",
  "*.w MX 1 mx",
  "*.w MX 2 far.example.",
  "mx A 192.0.2.2",
  "x.ent.w A 192.0.2.3",
  "*.alias CNAME any.w",
  "cut NS ns.cut",
  "cut NS ns.far.example.",
  "ns.cut 9 A 192.0.2.4",
  "cut DS 1 8 2 00",
  "unsigned NS ns.far.example.",
  "to-cut CNAME a.cut",
  "d 5 DNAME w",
  'd TXT "own"',
  "x.w2 A 192.0.2.5",
  "twice DNAME e",
  "*.e CNAME x.twice2",
  "twice2 DNAME w2",
  "long DNAME " + ["a", "b", "c"].map((label) => label.repeat(59)).join(".") + ".z.example.",
);
const of = (name: string, type: string): readonly string[] =>
  answered(ask(zone.answerer, { name: `${name}.z.example.`, type }));

describe("wildcards", () => {
  test.each<[name: string, type: string, lines: readonly string[]]>([
    ["a.w", "A", ["NOERROR", "answer a.w 60 A 192.0.2.1"]],
    ["A.b.W", "A", ["NOERROR", "answer A.b.W 60 A 192.0.2.1"]],
    [
      "a.w",
      "MX",
      ["NOERROR", "answer a.w 60 MX 1 mx", "answer a.w 60 MX 2 far.example.", "additional mx 60 A 192.0.2.2"],
    ],
    ["a.w", "TXT", ["NOERROR", SOA.replaceAll(".z.example.", "")]],
    ["a.w", "ANY", ["NOERROR", 'answer a.w 60 HINFO "RFC8482" ""']],
    ["*.w", "A", ["NOERROR", "answer *.w 60 A 192.0.2.1"]],
    ["w", "A", ["NOERROR", SOA.replaceAll(".z.example.", "")]],
    ["ent.w", "A", ["NOERROR", SOA.replaceAll(".z.example.", "")]],
    ["a.ent.w", "A", ["NXDOMAIN", SOA.replaceAll(".z.example.", "")]],
    ["a.*.w", "A", ["NXDOMAIN", SOA.replaceAll(".z.example.", "")]],
    ["a.alias", "A", ["NOERROR", "answer a.alias 60 CNAME any.w", "answer any.w 60 A 192.0.2.1"]],
    [
      "a.alias",
      "MX",
      [
        "NOERROR",
        "answer a.alias 60 CNAME any.w",
        "answer any.w 60 MX 1 mx",
        "answer any.w 60 MX 2 far.example.",
        "additional mx 60 A 192.0.2.2",
      ],
    ],
    ["a.alias", "ANY", ["NOERROR", "answer a.alias 60 CNAME any.w"]],
  ])("%s %s", (name, type, lines) => {
    expect(of(name, type)).toEqual(lines);
  });
});

describe("delegations", () => {
  const referral = [
    "NOERROR",
    "authority cut 60 NS ns.cut",
    "authority cut 60 NS ns.far.example.",
    "additional ns.cut 9 A 192.0.2.4",
  ];
  test.each(["A", "NS", "ANY", "SOA", "TXT"])("%s at and below a cut is referred, and not vouched for", (type) => {
    for (const name of ["cut", "a.cut", "a.b.c.cut", "ns.cut", "x.ns.cut"]) {
      const message = ask(zone.answerer, { name: `${name}.z.example.`, type, opt: { size: 1232 } });
      expect([name, message.flags.aa, answered(message)]).toEqual([name, false, referral]);
    }
  });

  test("DS at the cut is the parent's, and at no other name", () => {
    const at = ask(zone.answerer, { name: "cut.z.example.", type: "DS" });
    expect([at.flags.aa, answered(at)]).toEqual([true, ["NOERROR", "answer cut 60 DS"]]);
    const none = ask(zone.answerer, { name: "unsigned.z.example.", type: "DS" });
    expect([none.flags.aa, answered(none)]).toEqual([true, ["NOERROR", SOA.replaceAll(".z.example.", "")]]);
    expect(ask(zone.answerer, { name: "a.cut.z.example.", type: "DS" }).flags.aa).toBe(false);
  });

  test("a chain that ends below a cut is ours up to there", () => {
    const message = ask(zone.answerer, { name: "to-cut.z.example.", type: "A" });
    expect(message.flags.aa).toBe(true);
    expect(answered(message)).toEqual(["NOERROR", "answer to-cut 60 CNAME a.cut", ...referral.slice(1)]);
  });

  test("addresses that do not fit are told by TC, where the client could not do without", () => {
    const names = Array.from({ length: 9 }, (_, i) => `ns${i}.${"x".repeat(30)}`);
    const { answerer } = serve(
      ...names.map((name) => `cut NS ${name}.cut`),
      ...names.flatMap((name) => [`${name}.cut A 192.0.2.1`, `${name}.cut AAAA 2001:db8::1`]),
    );
    const sizes = [512, 700, 900, 1232].map((size) => {
      const { flags, authority, additional } = ask(answerer, { name: "cut.z.example.", type: "A", opt: { size } });
      expect(flags.tc).toBe(additional.length < 18);
      expect(flags.aa).toBe(false);
      return [authority.length, additional.length];
    });
    expect(sizes[0]![0]).toBeLessThan(9);
    expect(sizes.at(-1)).toEqual([9, 18]);
    const tcp = ask(answerer, { name: "cut.z.example.", type: "A" }, "tcp");
    expect([tcp.flags.tc, tcp.additional.length]).toEqual([false, 18]);
  });
});

describe("redirections", () => {
  test.each<[name: string, type: string, lines: readonly string[]]>([
    ["a.d", "A", ["NOERROR", "answer d 5 TYPE39", "answer a.d 5 CNAME a.w", "answer a.w 60 A 192.0.2.1"]],
    ["A.B.d", "A", ["NOERROR", "answer d 5 TYPE39", "answer A.B.d 5 CNAME a.b.w", "answer a.b.w 60 A 192.0.2.1"]],
    ["d", "TXT", ["NOERROR", 'answer d 60 TXT "own"']],
    ["d", "A", ["NOERROR", SOA.replaceAll(".z.example.", "")]],
    ["d", "TYPE39", ["NOERROR", "answer d 5 TYPE39"]],
    ["a.d", "TYPE39", ["NOERROR", "answer d 5 TYPE39", "answer a.d 5 CNAME a.w", SOA.replaceAll(".z.example.", "")]],
    ["a.d", "CNAME", ["NOERROR", "answer d 5 TYPE39", "answer a.d 5 CNAME a.w"]],
    ["a.d", "ANY", ["NOERROR", "answer d 5 TYPE39", "answer a.d 5 CNAME a.w"]],
    [
      "a.ent.d",
      "A",
      ["NXDOMAIN", "answer d 5 TYPE39", "answer a.ent.d 5 CNAME a.ent.w", SOA.replaceAll(".z.example.", "")],
    ],
    [
      "a.d",
      "MX",
      [
        "NOERROR",
        "answer d 5 TYPE39",
        "answer a.d 5 CNAME a.w",
        "answer a.w 60 MX 1 mx",
        "answer a.w 60 MX 2 far.example.",
        "additional mx 60 A 192.0.2.2",
      ],
    ],
    [
      "a.twice",
      "A",
      [
        "NOERROR",
        "answer twice 60 TYPE39",
        "answer a.twice 60 CNAME a.e",
        "answer a.e 60 CNAME x.twice2",
        "answer twice2 60 TYPE39",
        "answer x.twice2 60 CNAME x.w2",
        "answer x.w2 60 A 192.0.2.5",
      ],
    ],
  ])("%s %s", (name, type, lines) => {
    const message = ask(zone.answerer, { name: `${name}.z.example.`, type });
    expect([message.flags.aa, answered(message)]).toEqual([true, lines]);
  });

  // The DNAME's target has 191 bytes: with 64 more before it the name has all that a name can have.
  test.each([
    [`${"q".repeat(63)}`, "NXDOMAIN", 2],
    [`${"q".repeat(62)}.q`, "RCODE6", 1],
  ])("a name that becomes too long: %s", (prefix, rcode, count) => {
    const message = ask(zone.answerer, { name: `${prefix}.long.z.example.`, type: "A", opt: { size: 1232 } });
    expect([message.rcode, message.flags.aa, message.answer.length]).toEqual([rcode, true, count]);
  });

  test("a DNAME that the chain comes by twice is said once", () => {
    const { answerer } = serve("d DNAME e", "a.e CNAME b.d", "b.e A 192.0.2.1");
    expect(answered(ask(answerer, { name: "a.d.z.example.", type: "A" }))).toEqual([
      "NOERROR",
      "answer d 60 TYPE39",
      "answer a.d 60 CNAME a.e",
      "answer a.e 60 CNAME b.d",
      "answer b.d 60 CNAME b.e",
      "answer b.e 60 A 192.0.2.1",
    ]);
  });

  test.each([
    ["two that lead to each other", ["d DNAME e", "e DNAME d"]],
    ["one that leads to itself by a CNAME", ["d DNAME e", "*.e CNAME a.d"]],
    ["one below itself", ["d DNAME x.d"]],
  ])("no end: %s", (_, lines) => {
    expect(shown(ask(serve(...lines).answerer, { name: "a.d.z.example.", type: "A" }))).toEqual(["SERVFAIL"]);
  });

  test.each(Array.from({ length: CNAME_COUNT_MAX + 2 }, (_, i) => i))("a chain of %i redirections", (length) => {
    const dnames = Array.from({ length }, (_, i) => `d${i} DNAME d${i + 1}`);
    const { answerer } = serve(...dnames, `a.d${length} A 192.0.2.1`);
    const message = ask(answerer, { name: "a.d0.z.example.", type: "A" }, "tcp");
    const isFollowed = length <= CNAME_COUNT_MAX;
    expect([message.rcode, message.answer.length]).toEqual(isFollowed ? ["NOERROR", 2 * length + 1] : ["SERVFAIL", 0]);
  });

  test("an answer that is cut anywhere is a message, and says that it is", () => {
    const label = "y".repeat(60);
    const lines = Array.from({ length: 4 }, (_, i) => `d${i} DNAME ${label}.d${i + 1}`);
    const { answerer } = serve(...lines, `*.d4 A 192.0.2.1`);
    const whole = ask(answerer, { name: "a.d0.z.example.", type: "A" }, "tcp").answer;
    for (let size = 512; size <= 1232; size++) {
      const { flags, answer } = ask(answerer, { name: "a.d0.z.example.", type: "A", opt: { size } });
      expect(answer).toEqual(whole.slice(0, answer.length));
      expect(flags.tc).toBe(answer.length < whole.length);
    }
  });

  test("out of our zones: the chain ends, or others are asked", () => {
    const { answerer } = serve("out DNAME far.example.");
    const query = writeQuery({ name: "a.out.z.example.", type: "A" });
    expect(askBytes(answerer, query)).toBeDefined();
    expect(answerer.outcome).toBe(OUTCOME.ANSWERED);
    expect(answered(ask(answerer, { name: "a.out.z.example.", type: "A" }))).toEqual([
      "NOERROR",
      "answer out 60 TYPE39",
      "answer a.out 60 CNAME a.far.example.",
    ]);
    const outside = writeQuery({ name: "far.example.", type: "A" });
    expect(answerer.answer(outside, 0, outside.length, new Uint8Array(1232), 0, clientFrom("udp"))).toBe(-1);
    expect(answerer.outcome).toBe(OUTCOME.OUTSIDE_NAME);
  });
});

test("chains lead from zone to zone, into the cluster and back", () => {
  const cluster = new StaticCluster();
  cluster.serve({
    zones: [
      smallZone(
        "one.example",
        "a CNAME a.two.example.",
        "ns CNAME dns-version.cluster.local.",
        "gone CNAME x.cluster.local.",
      ),
      smallZone("two.example", "a CNAME b.three.example."),
      smallZone("three.example", "* CNAME localhost."),
    ],
  });
  expect(shown(ask(cluster.answerer, { name: "a.one.example.", type: "A" }))).toEqual([
    "NOERROR",
    "answer a.one.example. 60 CNAME a.two.example.",
    "answer a.two.example. 60 CNAME b.three.example.",
    "answer b.three.example. 60 CNAME localhost.",
    "answer localhost. 30 A 127.0.0.1",
  ]);
  expect(shown(ask(cluster.answerer, { name: "ns.one.example.", type: "TXT" })).at(-1)).toBe(
    'answer dns-version.cluster.local. 28800 TXT "1.1.0"',
  );
  expect(shown(ask(cluster.answerer, { name: "gone.one.example.", type: "A" }))).toEqual([
    "NXDOMAIN",
    "answer gone.one.example. 60 CNAME x.cluster.local.",
    "authority cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5",
  ]);
});
