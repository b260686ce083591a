// Real servers behind and before this one. Behind: Knot DNS and Unbound, whose answers through this server are the same as
// asked directly. Before: Unbound and delv, which validate a signed zone through this server (RFC 4035 4).
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startEngine } from "../support/engine.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Asker } from "../support/forwarding.ts";
import { askTcp } from "../support/network.ts";
import type { Endpoint } from "../support/network.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { signZone, startUnbound } from "../support/real-upstreams.ts";
import type { SignedZone } from "../support/real-upstreams.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message, ResourceRecord } from "../support/wire.ts";
import { startZonePeer } from "../support/zone-peers.ts";

const ORIGIN = "many.example";
const ZONE = `$ORIGIN ${ORIGIN}.
$TTL 3600
@       SOA   ns admin 7 3600 600 86400 60
        NS    ns
        NS    ns.elsewhere.example.
        MX    10 mail
        MX    20 mail.elsewhere.example.
        TXT   "v=one" "and two"
        CAA   0 issue "ca.example"
ns      A     192.0.2.53
mail    A     192.0.2.25
        AAAA  2001:db8::25
a       20 A  192.0.2.1
many    A     192.0.2.1
        A     192.0.2.2
        A     192.0.2.3
alias   300 CNAME a
twice   CNAME alias
out     CNAME www.elsewhere.example.
gone    CNAME nothing
loop    CNAME loop2
loop2   CNAME loop
*.wild  A     192.0.2.77
        TXT   "star"
host.wild A   192.0.2.78
deep.ent A    192.0.2.5
dn      DNAME wild
srv     SRV   0 5 443 a
        SRV   1 5 443 mail
naptr   NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp
tlsa    TLSA  3 1 1 00112233
loc     LOC   52 22 23 N 4 53 32 E -2m
hinfo   HINFO "cpu" "os"
sshfp   SSHFP 4 2 0011223344
https   HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1
svcb    SVCB  2 a port=8443
odd     TYPE65280 \\# 5 00C00CFF01
bytes   TXT   "\\000\\255\\192\\012"
\\000\\255x A   192.0.2.9
zero    0 A   192.0.2.10
${Array.from({ length: 60 }, (_, i) => `large A 10.0.1.${i}\n`).join("")}`;
const NAMES = (
  "@ ns mail a A MANY alias twice out gone nothing ent deep.ent x.ent x.wild x.y.wild host.wild x.host.wild wild " +
  "host.dn x.y.dn dn srv naptr tlsa loc hinfo sshfp https svcb odd bytes \\000\\255x zero large *.wild x.a"
).split(" ");
const TYPES = "A AAAA MX TXT NS SOA CNAME SRV HTTPS".split(" ");
const OWN_TYPES: readonly (readonly [name: string, type: string])[] = [
  ["@", "CAA"],
  ["naptr", "NAPTR"],
  ["tlsa", "TLSA"],
  ["loc", "LOC"],
  ["hinfo", "HINFO"],
  ["sshfp", "TYPE44"],
  ["svcb", "SVCB"],
  ["odd", "TYPE65280"],
  ["dn", "TYPE39"],
  ["host.dn", "TYPE39"],
];
const nameOf = (label: string): string => (label === "@" ? `${ORIGIN}.` : `${label}.${ORIGIN}.`);
/** Asked for by itself below. */
const isCnameOfDname = ({ name, type }: { name: string; type: string }): boolean =>
  type === "CNAME" && name.endsWith(`.${nameOf("dn")}`);
const QUESTIONS = [
  ...NAMES.flatMap((label) => TYPES.map((type) => ({ name: nameOf(label), type }))),
  ...OWN_TYPES.map(([label, type]) => ({ name: nameOf(label), type })),
].filter((question) => !isCnameOfDname(question));

const missing = whyNot("knotd", "unbound", "dnssec-signzone", "dnssec-keygen");

const cleanUp: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A server of ours that asks there; serves nothing itself. */
async function startOurs(upstreamPort: number): Promise<Endpoint> {
  const server = startEngine({ upstream: `127.0.0.1:${upstreamPort}`, cacheSize: 1 });
  cleanUp.push(() => server.close());
  const [endpoint] = await server.ready;
  return endpoint!;
}

async function openAsker(endpoint: Endpoint): Promise<Asker> {
  const asker = await Asker.open(endpoint);
  cleanUp.push(() => asker.close());
  return asker;
}

const local = (port: number): Endpoint => ({ host: "127.0.0.1", port });
const lineOf = ({ owner, type, rdata }: ResourceRecord): string => `${owner} ${type} ${rdata}`.toLowerCase();
const told = ({ rcode, answer }: Message): readonly string[] => [rcode, ...answer.map(lineOf).toSorted()];

/** What differs between the answers of two servers to all questions; TTLs may by a second. */
async function differences(direct: Endpoint, ours: Endpoint): Promise<string[]> {
  const found: string[] = [];
  for (const { name, type } of QUESTIONS) {
    const query = writeQuery({ name, type });
    const [theirs, first, second] = [
      readMessage(await askTcp(direct, query)),
      readMessage(await askTcp(ours, query)),
      readMessage(await askTcp(ours, query)),
    ];
    for (const reply of [first, second]) {
      if (told(theirs).join("\n") !== told(reply).join("\n"))
        found.push(`${name} ${type}: ${told(theirs).join(" | ")}; ours: ${told(reply).join(" | ")}`);
      const ttls = new Map(theirs.answer.map((record) => [lineOf(record), record.ttl]));
      for (const record of reply.answer) {
        const ttl = ttls.get(lineOf(record));
        if (ttl !== undefined && Math.abs(ttl - record.ttl) > 1)
          found.push(`${name} ${type}: TTL ${record.ttl}, not ${ttl}`);
      }
    }
  }
  return found;
}

describe("beside real servers", () => {
  skipAll(missing);
  const SIGNED = `$TTL 300
@ SOA ns admin 1 3600 600 86400 60
  NS ns
ns A 192.0.2.53
www A 192.0.2.1
alias CNAME www
*.wild A 192.0.2.7
deep.ent TXT "x"
`;
  const zones: Record<string, SignedZone> = {};
  let knotPort = 0;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "forwarding-peers-"));
    cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
    zones["signed.example"] = signZone("signed.example", SIGNED, "nsec");
    zones["hashed.example"] = signZone("hashed.example", SIGNED, "nsec3");
    const { text, anchor } = signZone("bogus.example", SIGNED, "nsec");
    zones["bogus.example"] = { text: text.replaceAll("192.0.2.1\n", "203.0.113.66\n"), anchor };
    const files = Object.entries({ ...zones, [ORIGIN]: { text: ZONE } }).map(([origin, zone]) => {
      const path = join(folder, `${origin}.zone`);
      writeFileSync(path, zone.text);
      return { origin, path };
    });
    const knot = await startZonePeer("knotd", files);
    cleanUp.push(() => knot.stop());
    knotPort = knot.port;
  });

  test(`${QUESTIONS.length} questions: as Knot DNS answers them`, async () => {
    expect(QUESTIONS.length).toBeGreaterThan(300);
    const ours = await startOurs(knotPort);
    expect(await differences(local(knotPort), ours)).toEqual([]);
  });

  test(`${QUESTIONS.length} questions: as Unbound answers them`, async () => {
    const data = ["www.elsewhere.example. 60 A 192.0.2.99", "ns.elsewhere.example. 60 A 192.0.2.54"];
    const unbound = await startUnbound({ stubs: { [ORIGIN]: knotPort }, data });
    cleanUp.push(() => unbound.stop());
    const ours = await startOurs(unbound.port);
    expect(await differences(local(unbound.port), ours)).toEqual([]);
  });

  // A CNAME that is made by a DNAME can't be validated without it (RFC 6672 5.3.1).
  test("who asks for a CNAME that a DNAME makes is told the DNAME too", async () => {
    const direct = await openAsker(local(knotPort));
    const ours = await openAsker(await startOurs(knotPort));
    const name = nameOf("host.dn");
    expect(told(await ours.ask(name, "CNAME"))).toEqual(told(await direct.ask(name, "CNAME")));
  });

  describe("F24 through this server", () => {
    let endpoint: Endpoint;
    let validator: Asker;
    beforeAll(async () => {
      endpoint = await startOurs(knotPort);
      const anchors = Object.values(zones).map(({ anchor }) => anchor);
      const unbound = await startUnbound({ forwardPort: endpoint.port, anchors });
      cleanUp.push(() => unbound.stop());
      validator = await openAsker(local(unbound.port));
    });

    test.each(["signed.example.", "hashed.example."])(
      "Unbound finds %s secure: answers, denials, wildcards",
      async (zone) => {
        for (const [label, type, rcode, count] of [
          ["www", "A", "NOERROR", 1],
          ["alias", "A", "NOERROR", 2],
          ["x.wild", "A", "NOERROR", 1],
          ["www", "AAAA", "NOERROR", 0],
          ["ent", "A", "NOERROR", 0],
          ["none", "A", "NXDOMAIN", 0],
          ["x.none", "A", "NXDOMAIN", 0],
          ["x.wild", "AAAA", "NOERROR", 0],
        ] as const) {
          const message = await validator.ask(`${label}.${zone}`, type, { flags: 0x0120 });
          expect([label, type, message.rcode, message.answer.length, message.flags.ad]).toEqual([
            label,
            type,
            rcode,
            count,
            true,
          ]);
        }
      },
    );

    test("Unbound refuses what was changed on the way, and with CD it passes", async () => {
      const name = "www.bogus.example.";
      const refused = await validator.ask(name, "A");
      expect([refused.rcode, refused.answer]).toEqual(["SERVFAIL", []]);
      const unchecked = await validator.ask(name, "A", { flags: 0x0110 });
      expect([unchecked.rcode, unchecked.answer.map(({ rdata }) => rdata)]).toEqual(["NOERROR", ["203.0.113.66"]]);
      // What was not changed is as good as ever.
      expect((await validator.ask("x.wild.bogus.example.", "A", { flags: 0x0120 })).flags.ad).toBe(true);
    });

    test("what a validator is told out of the cache is as good as what is new", async () => {
      const direct = await openAsker(endpoint);
      const opt = { size: 1232, flags: 0x8000 };
      for (const [label, type] of [
        ["www", "A"],
        ["none", "A"],
        ["x.wild", "A"],
      ] as const) {
        const asked = `${label}.signed.example.`;
        const replies = [await direct.ask(asked, type, { opt }), await direct.ask(asked, type, { opt })];
        const [first, second] = replies.map((each) => [...each.answer, ...each.authority].map(lineOf));
        expect(second).toEqual(first);
        expect(first!.filter((line) => line.includes(" rrsig ")).length).toBeGreaterThan(0);
        // Who has not asked for signatures gets none.
        const plain = await direct.ask(asked, type);
        expect(
          [...plain.answer, ...plain.authority].some((each) => each.type === "RRSIG" || each.type === "NSEC"),
        ).toBe(false);
      }
    });

    test("delv validates the zone by its key, and refuses the bogus one", async ({ skip }) => {
      const noDelv = whyNot("delv");
      if (noDelv !== undefined) skip(noDelv);
      const delv = async (zone: string): Promise<string> => {
        const [, , , flags, protocol, algorithm, ...key] = zones[zone]!.anchor.split(/\s+/);
        const file = join(folder, `${zone}.anchor`);
        const text = `trust-anchors { "${zone}." static-key ${flags} ${protocol} ${algorithm} "${key.join("")}"; };\n`;
        writeFileSync(file, text);
        const args = ["@127.0.0.1", "-p", String(endpoint.port), "-a", file, `+root=${zone}`, `www.${zone}`, "A"];
        return promisify(execFile)("delv", args, { timeout: 60_000 }).then(
          ({ stdout, stderr }) => stdout + stderr,
          (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
        );
      };
      expect(await delv("signed.example")).toMatch(/^; fully validated$/m);
      expect(await delv("hashed.example")).toMatch(/^; fully validated$/m);
      const bogus = await delv("bogus.example");
      expect(bogus).not.toMatch(/fully validated/);
      expect(bogus).toMatch(/failed|broken/);
    });
  });
});
