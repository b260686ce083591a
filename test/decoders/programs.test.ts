// dig, kdig and drill ask the server themselves, each over all the transports that it has: what they show is what the
// tests' own decoder reads. And what they say of options, errors and signatures is what those are.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askTcp, type Endpoint } from "../support/network.ts";
import { whyNot } from "../support/optional-programs.ts";
import { readMessage, writeQuery, type Message } from "../support/wire.ts";
import { TYPES_AT } from "./kinds.ts";
import { ask, askAll, canAsk, parseShown, type Asked, type Program, type Shown } from "./programs.ts";
import { startServers, type Servers } from "./servers.ts";
import { differencesFromShown } from "./shown-differences.ts";

const PROGRAMS = ["dig", "kdig", "drill"] as const;
const TRANSPORTS = ["udp", "tcp", "tls", "https"] as const;
const WEB = "web.default.svc.cluster.local";

const QUESTIONS: readonly Asked[] = [
  ...TYPES_AT.map(([owner, type]) => ({ name: owner === "@" ? "types.example" : `${owner}.types.example`, type })),
  ...(
    [
      [WEB, "A"],
      [WEB, "SRV"],
      [WEB, "TXT"],
      [`nothing.${WEB}`, "A"],
      ["_http._tcp.web.default.svc.cluster.local", "SRV"],
      ["db.default.svc.cluster.local", "AAAA"],
      ["db-0.db.default.svc.cluster.local", "A"],
      ["cluster.local", "SOA"],
      ["80.0.96.10.in-addr.arpa", "PTR"],
      ["ext.default.svc.cluster.local", "CNAME"],
      ["any.wild.types.example", "TXT"],
      ["any.aliases.types.example", "A"],
      ["host.dname.types.example", "A"],
      ["www.cut.types.example", "A"],
      ["one\\.label.types.example", "A"],
      ["\\032\\009\\000\\255.types.example", "A"],
      [`${"x".repeat(60)}.${"y".repeat(20)}.long.types.example`, "A"],
      ["printer.lan", "A"],
      ["localhost", "AAAA"],
      ["example.invalid", "A"],
    ] as const
  ).map(([name, type]) => ({ name, type })),
];

let servers: Servers;
let expected: readonly Message[];
beforeAll(async () => {
  servers = await startServers();
  const replies: Message[] = [];
  for (const { name, type } of QUESTIONS) {
    const query = writeQuery({ name: `${name}.`, type, opt: { size: 1232 } });
    replies.push(readMessage(await askTcp(servers.whole.udp, query)));
  }
  expected = replies;
});
afterAll(() => servers?.close());

const WAYS = PROGRAMS.flatMap((program) =>
  TRANSPORTS.filter((over) => canAsk(program, over)).map((over) => [program, over] as const),
);

describe.each(WAYS)("%s over %s", (program, over) => {
  const endpoint = (): Endpoint => (over === "tls" || over === "https" ? servers.whole[over] : servers.whole.udp);
  const hasBytes = (message: Message): boolean =>
    message.answer.length > 0 && message.answer.every(({ rdata }) => rdata.startsWith("\\#"));

  test("shows what we read", async ({ skip }) => {
    const missing = whyNot(program);
    if (missing !== undefined) skip(missing);
    const shown = await askAll(program, endpoint(), { over, bytes: false }, QUESTIONS);
    expect(shown).toHaveLength(QUESTIONS.length);
    expect(findings(shown, QUESTIONS, expected)).toEqual([]);
  });

  test("shows the same bytes of data", async ({ skip }) => {
    const missing = whyNot(program);
    if (missing !== undefined) skip(missing);
    if (program === "drill") skip("drill shows no data as bytes");
    const indices = QUESTIONS.map((_, index) => index).filter((index) => hasBytes(expected[index]!));
    const questions = indices.map((index) => QUESTIONS[index]!);
    expect(questions.length).toBeGreaterThan(20);
    const shown = await askAll(program, endpoint(), { over, bytes: true }, questions);
    expect(shown).toHaveLength(questions.length);
    const messages = indices.map((index) => expected[index]!);
    expect(findings(shown, questions, messages)).toEqual([]);
  });
});

function findings(shown: readonly Shown[], asked: readonly Asked[], messages: readonly Message[]): string[] {
  return asked.flatMap(({ name, type }, index) =>
    differencesFromShown(shown[index]!, messages[index]!).map((difference) => `${name} ${type}: ${difference}`),
  );
}

/** Any key of the length of a digest will do: the server has none. */
const KEY = "dHdlbnR5LWZvdXIgYnl0ZXMtb2Yta2V5IQ==";
const BIG = "big.default.svc.cluster.local";
const LARGE = "large.default.svc.cluster.local";
type At = "udp" | "tls" | "alone" | "guarded" | "loading";

describe("what a program says of", () => {
  test.for<readonly [what: string, program: Program, at: At, options: readonly string[], says: readonly RegExp[]]>([
    ["NSID and cookie", "dig", "udp", ["+nsid", WEB], [/NSID: .*\("replica-1"\)/, /COOKIE: [0-9a-f]{48} \(good\)/]],
    ["keepalive", "dig", "udp", ["+tcp", "+keepalive", WEB], [/TCP KEEPALIVE: 10\.0 secs/]],
    ["another version", "dig", "udp", ["+edns=1", "+noednsneg", WEB], [/status: BADVERS/, /EDNS: version: 0/]],
    ["a name of others", "dig", "alone", ["www.example"], [/status: REFUSED/, /EDE: 20 \(Not Authoritative\)/]],
    ["who may not ask", "dig", "guarded", ["www.example"], [/status: REFUSED/, /EDE: 18 \(Prohibited\)/]],
    ["a server that loads", "dig", "loading", [WEB], [/status: SERVFAIL/, /EDE: 14 \(Not Ready\)/]],
    ["a dead upstream", "dig", "udp", ["www.dead.test"], [/status: SERVFAIL/, /EDE: 23 \(Network Error\)/]],
    [
      "a chain of others",
      "dig",
      "udp",
      ["chain.up.test"],
      [/ANSWER: 4,/, /chain-3\.up\.test\.\s+\d+\s+IN\s+A\s+192\.0\.2\.9/],
    ],
    ["a transfer", "dig", "udp", ["cluster.local", "AXFR"], [/Transfer failed/]],
    ["id.server", "dig", "udp", ["-c", "CH", "-t", "TXT", "id.server"], [/id\.server\.\s+0\s+CH\s+TXT\s+"replica-1"/]],
    ["version.bind", "dig", "udp", ["-c", "CH", "-t", "TXT", "version.bind"], [/status: REFUSED/, /EDE: 18/]],
    ["UPDATE", "dig", "udp", ["+opcode=update", WEB], [/opcode: UPDATE, status: NOTIMP/, /flags: qr;/]],
    ["a signature", "dig", "udp", ["-y", `hmac-sha256:key.example:${KEY}`, WEB], [/NOTAUTH/, /TSIG.* BADKEY/]],
    ["ANY", "dig", "udp", [WEB, "ANY"], [/ANSWER: 1,/, /HINFO\s+"RFC8482" ""/]],
    ["a cut answer", "dig", "udp", ["+ignore", "+noedns", BIG], [/flags: qr aa tc rd ra;/, /ANSWER: 29,/]],
    ["a cut answer, and comes by TCP", "dig", "udp", [BIG], [/Truncated, retrying in TCP mode/, /ANSWER: 100,/]],
    ["59 kB", "dig", "udp", ["+tcp", "+noedns", LARGE], [/flags: qr aa rd ra;/, /ANSWER: 3700,/, /rcvd: 59249/]],
    [
      "padding, NSID and cookie",
      "kdig",
      "tls",
      ["+tls", "+padding", "+nsid", "+cookie", WEB],
      [/PADDING: \d+ B/, /NSID: .* "replica-1"/, /COOKIE: [0-9A-F]{48}/, /Received 468 B/],
    ],
    [
      "59 kB and padding",
      "kdig",
      "tls",
      ["+tls", "+padding", LARGE],
      [/ANSWER: 3700;/, /PADDING: \d+ B/, /Received 59436 B/],
    ],
    ["another version", "kdig", "udp", ["+edns=1", WEB], [/ext-rcode: BADVERS/, /Version: 0;/]],
    ["a name of others", "kdig", "alone", ["+edns", "www.example"], [/status: REFUSED/, /EDE: 20/]],
    ["a transfer", "kdig", "udp", ["-t", "AXFR", "cluster.local"], [/server replied with error 'REFUSED'/]],
    ["a signature", "kdig", "udp", ["-y", `hmac-sha256:key.example:${KEY}`, WEB], [/TSIG.* BADKEY/]],
    ["NOTIFY", "kdig", "udp", ["-t", "NOTIFY", "types.example"], [/opcode: NOTIFY; status: NOTIMPL/]],
    ["ANY", "kdig", "udp", ["-t", "ANY", WEB], [/ANSWER: 1;/, /HINFO\s+"RFC8482" ""/]],
    ["a cut answer, and comes by TCP", "kdig", "udp", [BIG], [/truncated reply .* retrying over TCP/, /ANSWER: 100;/]],
    ["a cut answer", "drill", "udp", [BIG], [/flags: qr aa tc rd ra/, /ANSWER: 29,/]],
    ["59 kB", "drill", "udp", ["-t", LARGE], [/flags: qr aa rd ra/, /ANSWER: 3700,/, /rcvd: 59249/]],
  ])("%s: %s", async ([, program, at, options, says], { skip }) => {
    const missing = whyNot(program);
    if (missing !== undefined) skip(missing);
    const endpoint = at === "udp" || at === "tls" ? servers.whole[at] : servers[at];
    const text = await ask(program, endpoint, options);
    for (const each of says) expect(text).toMatch(each);
  });
});

test("a program that shows another message is found out", async () => {
  const query = writeQuery({ name: `${WEB}.`, type: "A" });
  const message = readMessage(await askTcp(servers.whole.udp, query));
  const right = `;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0
;; ANSWER SECTION:
${WEB}. 30 IN A 10.96.0.80
`;
  const found = (text: string): number => differencesFromShown(parseShown(text)[0]!, message).length;
  expect(found(right)).toBe(0);
  for (const [from, to] of [
    ["NOERROR", "NXDOMAIN"],
    ["qr aa", "qr"],
    ["ANSWER: 1", "ANSWER: 2"],
    [" 30 ", " 31 "],
    ["web.", "WEB."],
    ["IN A", "IN TXT"],
    ["10.96.0.80", "10.96.0.8"],
    [";; ANSWER SECTION", ";; AUTHORITY SECTION"],
  ] as const) {
    expect([to, found(right.replaceAll(from, to))]).not.toContain(0);
  }
});
