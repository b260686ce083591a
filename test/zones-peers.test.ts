// The same zone files served by us, by Knot DNS and by NSD: the same answers to every name of the files and to names
// beside, above and below them, in all types that the files have. Where servers differ, the reason stands in `EXPLAINED`.
import { fileURLToPath } from "node:url";
import { formatName } from "../src/dns/name.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askBytes } from "./support/core/ask.ts";
import { fixturePath, fixtureZone, StaticCluster } from "./support/core/static-zone.ts";
import { UdpClient } from "./support/network.ts";
import { skipAll, whyNot } from "./support/optional-programs.ts";
import { readMessage, writeQuery } from "./support/wire.ts";
import type { Message, Query, ResourceRecord } from "./support/wire.ts";
import { startZonePeer } from "./support/zone-peers.ts";
import type { RunningPeer } from "./support/zone-peers.ts";

const ORIGINS = ["static.example", "inner.static.example", "rfc4592.example"] as const;
const ZONES = ORIGINS.map(fixtureZone);
const TYPES = "A AAAA TXT MX CNAME NS SOA SRV DS TYPE39 HTTPS TYPE64000 TYPE65280".split(" ");
/** Names that no file has, and that are near to what files have. */
const MORE = [
  "a.b.c.d.e.static.example.",
  "*.static.example.",
  "x.*.wild.static.example.",
  "*.*.wild.static.example.",
  "a.b.c.wild.static.example.",
  "x.host.wild.static.example.",
  "x.ent.wild.static.example.",
  "ent.wild.static.example.",
  "deep.ent2.static.example.",
  "ent2.static.example.",
  "x.ent2.static.example.",
  "b.ent.static.example.",
  "ent.static.example.",
  "x.b.ent.static.example.",
  "stars.static.example.",
  "x.stars.static.example.",
  "z.y.stars.static.example.",
  "x.*.stars.static.example.",
  "entcut.static.example.",
  "a.ns.deleg.static.example.",
  "a.b.c.deleg.static.example.",
  "DELEG.Static.Example.",
  "wWw.sTaTiC.ExAmPlE.",
  "mixed.case.static.example.",
  "host.dn.static.example.",
  "HOST.DN.static.example.",
  "c.dn.static.example.",
  "nothing.dn.static.example.",
  "x.w.dn.static.example.",
  "x.y.dn.static.example.",
  "host.dn-dn.static.example.",
  "a.b.dn-out.static.example.",
  "any.dn-wild.static.example.",
  "host.dn-wild.static.example.",
  "host.dn-cut.static.example.",
  "x.dn-back.static.example.",
  `${"a".repeat(40)}.dn-long.static.example.`,
  `${"a".repeat(63)}.${"b".repeat(50)}.dn-long.static.example.`,
  "www.inner.static.example.",
  "other.inner.static.example.",
  "x.www.inner.static.example.",
  "up.inner.static.example.",
  "host3.rfc4592.example.",
  "foo.bar.rfc4592.example.",
  "host.subdel.rfc4592.example.",
  "ghost.*.rfc4592.example.",
  "_telnet._tcp.host1.rfc4592.example.",
  "_tcp.host1.rfc4592.example.",
  "host2.rfc4592.example.",
];

const owners = ZONES.flatMap(({ records }) => records.map(({ owner }) => formatName(owner)));
const NAMES = [...new Set([...owners, ...owners.map((name) => `x.${name}`), ...MORE])];
const QUESTIONS = NAMES.flatMap((name) => TYPES.map((type) => ({ name, type })));

/** What is compared: counts of records in the authority section only where they say something. */
interface Outcome {
  readonly rcode: string;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly glue: readonly string[];
}

const FOLDED = new Set(["NS", "CNAME", "MX", "SOA", "PTR", "SRV"]);

function lines(records: readonly ResourceRecord[]): readonly string[] {
  return records
    .map(({ owner, ttl, type, rdata }) => {
      const data = FOLDED.has(type) ? rdata.toLowerCase() : rdata;
      return `${owner.toLowerCase()} ${ttl} ${type} ${data}`;
    })
    .toSorted();
}

function outcomeOf(message: Message): Outcome {
  const { rcode, flags, answer, authority, additional } = message;
  const isNegative = authority.some(({ type }) => type === "SOA");
  const isReferral = !isNegative && !flags.aa && authority.some(({ type }) => type === "NS");
  return {
    rcode,
    aa: flags.aa,
    tc: flags.tc,
    answer: flags.tc ? [] : lines(answer),
    authority: isNegative || isReferral ? lines(authority) : [],
    glue: isReferral ? lines(additional) : [],
  };
}

/** Asked without EDNS too, for what is cut, and how. */
const LARGE = ["big", "big.target", "bigcut", "x.bigcut", "types", "dn-long", "deleg", "www"].flatMap((name) =>
  ["A", "NS", "TXT"].map((type) => ({ name: `${name}.static.example.`, type })),
);
const QUERIES: readonly Query[] = [
  ...QUESTIONS.map((question) => ({ ...question, flags: 0, opt: { size: 1232 } })),
  ...LARGE.map((question) => ({ ...question, flags: 0 })),
];

interface Explanation {
  readonly peers: readonly string[];
  readonly name: RegExp;
  readonly onlyPlain?: true;
  readonly reason: string;
}

const EXPLAINED: readonly Explanation[] = [
  {
    peers: ["knotd"],
    name: /^up\.inner\.static\.example\.$/,
    reason: "Knot follows a CNAME within its zone only; here, as in NSD, it goes on in the other one",
  },
  {
    peers: ["knotd"],
    name: /\.dn-long\.static\.example\.$/,
    reason: "Knot says NXDOMAIN where RFC 6672 2.2 wants YXDOMAIN for a name that grows too long, as NSD does",
  },
  {
    peers: ["knotd", "nsd"],
    name: /\bbigcut\.static\.example\.$/,
    onlyPlain: true,
    reason: "addresses of name servers that do not fit are left out without a word; RFC 9471 3.1 wants TC then",
  },
];

function explains({ peers, name, onlyPlain }: Explanation, program: string, query: Query): boolean {
  return peers.includes(program) && name.test(query.name) && !(onlyPlain === true && query.opt !== undefined);
}

describe.each(["knotd", "nsd"] as const)("E31 beside %s", (program) => {
  const missing = whyNot(program);
  skipAll(missing);
  let peer: RunningPeer;
  let client: UdpClient;
  const cluster = new StaticCluster();
  cluster.serve({ zones: ZONES });

  beforeAll(async () => {
    if (missing !== undefined) return;
    peer = await startZonePeer(
      program,
      ORIGINS.map((origin) => ({ origin, path: fileURLToPath(fixturePath(origin)) })),
    );
    client = await UdpClient.open({ host: "127.0.0.1", port: peer.port });
  }, 20_000);
  afterAll(async () => {
    if (missing !== undefined) return;
    client.close();
    await peer.stop();
  });

  test("every answer is the same, but for what is explained", async () => {
    const unexplained: object[] = [];
    const needed = new Set<Explanation>();
    for (const query of QUERIES) {
      const bytes = writeQuery(query);
      const theirs = outcomeOf(readMessage(await client.ask(bytes)));
      const ours = outcomeOf(readMessage(askBytes(cluster.answerer, bytes)!));
      if (JSON.stringify(ours) === JSON.stringify(theirs)) continue;
      const explanation = EXPLAINED.find((each) => explains(each, program, query));
      if (explanation === undefined) unexplained.push({ ...query, ours, theirs });
      else needed.add(explanation);
    }
    expect(unexplained).toEqual([]);
    expect(EXPLAINED.filter((each) => each.peers.includes(program) && !needed.has(each))).toEqual([]);
  });
});

test("the questions are many, and of every kind", () => {
  const cluster = new StaticCluster();
  cluster.serve({ zones: ZONES });
  const outcomes = QUERIES.map((query) => outcomeOf(readMessage(askBytes(cluster.answerer, writeQuery(query))!)));
  const count = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length;
  expect(QUERIES.length).toBeGreaterThan(2_000);
  expect(count(({ rcode }) => rcode === "NXDOMAIN")).toBeGreaterThan(300);
  expect(count(({ rcode, answer }) => rcode === "NOERROR" && answer.length > 0)).toBeGreaterThan(400);
  expect(count(({ aa }) => !aa)).toBeGreaterThan(200);
  expect(count(({ glue }) => glue.length > 0)).toBeGreaterThan(100);
  expect(count(({ answer }) => answer.some((line) => line.includes(" TYPE39 ")))).toBeGreaterThan(100);
  expect(count(({ tc }) => tc)).toBeGreaterThan(3);
  expect(count(({ rcode }) => rcode === "RCODE6")).toBeGreaterThan(0);
});
