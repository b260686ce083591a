// Situations and what the doctor says of them: a healthy cluster, and for each code a way to break it.
import { describe, expect, test } from "vitest";
import { DOCTOR_CODES } from "../../src/doctor/codes.ts";
import type { DoctorCode, DoctorFinding } from "../../src/doctor/codes.ts";
import { diagnose } from "../../src/doctor/diagnose.ts";
import type { Outcome } from "../../src/doctor/observation.ts";
import { observe, POD_CONF, reply, situationOf } from "./situation.ts";
import type { Break, Change } from "./situation.ts";

const SILENCE: Outcome = { kind: "timeout", ms: 3000 };
const REFUSED: Outcome = { kind: "refused", ms: 1 };
const GARBAGE: Outcome = { kind: "malformed", ms: 1 };
const SERVFAIL = reply({ rcode: "SERVFAIL" });
const NXDOMAIN = reply({ rcode: "NXDOMAIN" });
const WEB = "web.shop.svc.cluster.local.";
const API_SERVER = "kubernetes.default.svc.cluster.local.";
const TWO_SERVERS = `nameserver 10.96.0.11\n${POD_CONF}`;
const LONG_LIST = `${POD_CONF}search ${Array.from({ length: 7 }, (_, i) => `d${i}.example.`).join(" ")}\n`;

function findings(change: Change = {}, broken?: Break): readonly DoctorFinding[] {
  const situation = situationOf(change);
  return diagnose(situation, observe(situation, broken));
}

/** Every question over a transport. */
const over =
  (transport: "udp" | "tcp", outcome: Outcome): Break =>
  ({ probe }) =>
    probe.transport === transport ? outcome : undefined;

/** Questions for a name, or of a purpose. */
const of =
  (what: string, outcome: Outcome, type?: string): Break =>
  ({ probe, question }) =>
    (question.name === what || probe.purpose === what) && (type ?? question.type) === question.type
      ? outcome
      : undefined;

const at =
  (host: string, outcome: Outcome, what?: string): Break =>
  (each, index) =>
    each.probe.server.host === host && (what === undefined || of(what, outcome)(each, index) !== undefined)
      ? outcome
      : undefined;

const both =
  (...breaks: readonly Break[]): Break =>
  (each, index) =>
    breaks.map((one) => one(each, index)).find((outcome) => outcome !== undefined);

interface Row {
  readonly what: string;
  readonly change?: Change;
  readonly broken?: Break;
  /** Codes, worst first. */
  readonly codes: readonly DoctorCode[];
  /** In the message of the first one. */
  readonly says?: string;
}

const ROWS: readonly Row[] = [
  { what: "a healthy pod", codes: [] },
  { what: "nothing listens", broken: () => REFUSED, codes: ["port-closed"], says: "nothing listens on 10.96.0.10:53" },
  {
    what: "the stub of systemd-resolved in a container",
    change: { conf: POD_CONF.replace("10.96.0.10", "127.0.0.53") },
    broken: () => REFUSED,
    codes: ["stub-in-container"],
  },
  {
    what: "the same stub on a machine of its own",
    change: { conf: POD_CONF.replace("10.96.0.10", "127.0.0.53"), isContainer: false },
    broken: () => REFUSED,
    codes: ["port-closed"],
  },
  { what: "no route", broken: () => ({ kind: "error", code: "ENETUNREACH", ms: 1 }), codes: ["server-unreachable"] },
  { what: "silence", broken: () => SILENCE, codes: ["no-reply"] },
  { what: "silence, and TCP refused", broken: both(over("udp", SILENCE), over("tcp", REFUSED)), codes: ["no-reply"] },
  {
    what: "replies from another address",
    broken: both(of("anySource", reply({ from: "10.0.3.7:53" })), over("udp", SILENCE)),
    codes: ["wrong-source"],
  },
  { what: "UDP dropped", broken: over("udp", SILENCE), codes: ["udp-blocked"], says: "does not answer over UDP" },
  { what: "UDP refused", broken: over("udp", REFUSED), codes: ["udp-blocked"], says: "refuses UDP" },
  {
    what: "TCP refused, and a truncated answer",
    broken: over("tcp", REFUSED),
    codes: ["truncation-without-tcp"],
    says: "10.96.0.10:53 truncates . and refuses TCP",
  },
  {
    what: "TCP dropped, and no truncated answer",
    broken: both(over("tcp", SILENCE), of("large", SERVFAIL)),
    codes: ["tcp-blocked"],
    says: "does not answer over TCP",
  },
  {
    what: "upstreams are silent, over TCP too",
    change: { conf: "nameserver 10.96.0.10\n", isPod: false, names: ["web."] },
    broken: both(of("example.com.", SILENCE), of("large", SILENCE)),
    codes: ["outside-fails", "name-not-found"],
  },
  { what: "malformed replies only", broken: () => GARBAGE, codes: ["malformed-reply"] },
  { what: "one malformed reply", broken: of("plain", GARBAGE, "A"), codes: ["malformed-reply"] },
  {
    what: "a lost AAAA of pairs",
    broken: of("pair", SILENCE, "AAAA"),
    codes: ["pair-lost"],
    says: "loses AAAA in 4 of 4 pairs",
  },
  {
    what: "a lost A of pairs",
    broken: of("pair", SILENCE, "A"),
    codes: ["pair-lost"],
    says: "loses A or AAAA in 4 of 4 pairs",
  },
  {
    what: "a lost A of one pair, and AAAA of the others",
    broken: both(
      ({ probe, question }, index) =>
        probe.purpose === "pair" && question.type === "A" && index < 9 ? SILENCE : undefined,
      ({ probe, question }, index) =>
        probe.purpose === "pair" && question.type === "AAAA" && index > 9 ? SILENCE : undefined,
    ),
    codes: ["pair-lost"],
    says: "loses A or AAAA in 4 of 4 pairs",
  },
  {
    what: "packets lost now and then",
    broken: ({ probe: { purpose } }, index) =>
      ["plain", "alone", "pair"].includes(purpose) && index % 3 === 0 ? SILENCE : undefined,
    codes: ["packets-lost"],
  },
  {
    what: "AAAA is never answered",
    broken: ({ question }) => (question.type === "AAAA" ? SILENCE : undefined),
    codes: ["aaaa-fails"],
    says: `answers A of ${API_SERVER}, but nothing to AAAA`,
  },
  {
    what: "AAAA fails outside",
    broken: of("example.com.", SERVFAIL, "AAAA"),
    codes: ["aaaa-fails"],
    says: "but SERVFAIL to AAAA",
  },
  {
    what: "slow replies",
    broken: () => reply({ ms: 900, answers: ["192.0.2.1"] }),
    codes: ["nxdomain-rewritten", "slow-server"],
  },
  { what: "EDNS dropped", broken: of("edns", SILENCE), codes: ["edns-dropped"] },
  { what: "EDNS refused", broken: of("edns", reply({ rcode: "FORMERR" })), codes: ["edns-refused"], says: "FORMERR" },
  { what: "EDNS ignored", broken: of("edns", reply({ hasEdns: false })), codes: ["edns-ignored"] },
  {
    what: "answers cut at 512 bytes",
    broken: ({ probe }) =>
      probe.purpose === "large" && probe.transport === "udp" ? reply({ isTruncated: true, size: 40 }) : undefined,
    codes: ["cut-at-512"],
    says: "an answer of 864 bytes",
  },
  {
    what: "answers larger than EDNS allows are truncated",
    broken: ({ probe: { purpose, transport } }) =>
      purpose === "large" ? reply({ isTruncated: transport === "udp", size: 1233, answers: [""] }) : undefined,
    codes: [],
  },
  {
    what: "answers of 512 bytes are whole",
    broken: ({ probe: { purpose } }) => (purpose === "large" ? reply({ size: 512, answers: [""] }) : undefined),
    codes: [],
  },
  {
    what: "large answers lost over UDP",
    broken: ({ probe }) => (probe.purpose === "large" && probe.transport === "udp" ? SILENCE : undefined),
    codes: ["large-lost"],
  },
  {
    what: "SERVFAIL of one of two servers",
    change: { conf: TWO_SERVERS },
    broken: at("10.96.0.11", SERVFAIL, "outside"),
    codes: ["one-server-fails"],
    says: "10.96.0.11:53 fails on example.com. (SERVFAIL), and 10.96.0.10:53 answers",
  },
  {
    what: "one of two servers is dead",
    change: { conf: TWO_SERVERS },
    broken: at("10.96.0.11", SILENCE),
    codes: ["no-reply"],
    says: "10.96.0.11:53",
  },
  {
    what: "one of two servers does not know the cluster",
    change: { conf: TWO_SERVERS },
    broken: both(at("10.96.0.11", NXDOMAIN, WEB), at("10.96.0.11", NXDOMAIN, API_SERVER)),
    codes: ["servers-disagree"],
    says: "10.96.0.11:53 says NXDOMAIN, 10.96.0.10:53 says records",
  },
  {
    what: "a lost packet of one of two servers",
    change: { conf: TWO_SERVERS },
    broken: at("10.96.0.11", SILENCE, "plain"),
    codes: ["packets-lost"],
  },
  {
    what: "forwarding is broken",
    broken: of("example.com.", SERVFAIL),
    codes: ["outside-fails"],
    says: "gets SERVFAIL",
  },
  {
    what: "upstreams are silent",
    broken: of("example.com.", SILENCE),
    codes: ["outside-fails"],
    says: "gets no reply",
  },
  {
    what: "outside names are refused",
    broken: of("example.com.", reply({ rcode: "REFUSED" })),
    codes: ["outside-refused"],
  },
  {
    what: "one server refuses outside names, and one fails",
    change: { conf: TWO_SERVERS },
    broken: both(at("10.96.0.11", SERVFAIL, "outside"), at("10.96.0.10", reply({ rcode: "REFUSED" }), "outside")),
    codes: ["outside-fails"],
    says: "gets SERVFAIL or REFUSED",
  },
  {
    what: "A and AAAA contradict each other",
    broken: of(WEB, NXDOMAIN, "AAAA"),
    codes: ["a-aaaa-incoherent"],
    says: "records for A, NXDOMAIN for AAAA",
  },
  {
    what: "NXDOMAIN rewritten",
    broken: of("missing", reply({ answers: ["198.51.100.1"] })),
    codes: ["nxdomain-rewritten"],
  },
  { what: "NODATA for a missing name", broken: of("missing", reply()), codes: ["nodata-for-missing"] },
  {
    what: "a wildcard in the search list",
    change: { conf: POD_CONF.replace("cluster.local\n", "cluster.local corp.example\n") },
    broken: of("doctor-0.corp.example.", reply({ answers: ["198.51.100.1"] })),
    codes: ["search-wildcard"],
    says: "every name in corp.example.",
  },
  {
    what: "another cluster domain",
    change: { conf: POD_CONF.replaceAll("cluster.local", "k8s.example"), names: [API_SERVER] },
    codes: ["wrong-cluster-domain"],
    says:
      "k8s.example is not the cluster domain: kubernetes.default.svc.k8s.example. gets NXDOMAIN; " +
      "the domain of the server is cluster.local",
  },
  {
    what: "another cluster domain, which the server refuses",
    change: { conf: POD_CONF.replaceAll("cluster.local", "k8s.example"), names: [API_SERVER] },
    broken: of("kubernetes.default.svc.k8s.example.", reply({ rcode: "REFUSED" })),
    codes: ["wrong-cluster-domain"],
    says: "gets REFUSED; the domain of the server is cluster.local",
  },
  {
    what: "a cluster that is not ready",
    change: { names: ["example.com."] },
    broken: of(API_SERVER, SERVFAIL),
    codes: ["cluster-domain-fails"],
    says: "gets SERVFAIL",
  },
  {
    what: "a pod that asks its node's servers",
    change: { conf: "nameserver 10.96.0.10\n", names: ["example.com"] },
    codes: ["not-cluster-dns"],
  },
  {
    what: "a machine that is no pod",
    change: { conf: "nameserver 10.96.0.10\n", names: ["example.com"], isPod: false },
    codes: [],
  },
  {
    what: "a name that does not exist",
    change: { names: ["nope"] },
    codes: ["name-not-found"],
    says: "nope does not exist: none of the 4 names of its search does",
  },
  {
    what: "a name that does not exist, and outside names are refused",
    change: { names: ["nope"] },
    broken: of("nope.", reply({ rcode: "REFUSED" })),
    codes: ["name-not-found"],
  },
  {
    what: "a name without addresses",
    change: { names: ["db"] },
    broken: of("db.shop.svc.cluster.local.", reply()),
    codes: ["name-not-found"],
    says: "db has no address: db.shop.svc.cluster.local. exists without",
  },
  {
    what: "a name whose search fails",
    change: { names: ["nope"] },
    broken: of("nope.", SERVFAIL),
    codes: ["name-fails"],
    says: "nope gets no answer: nope. gets SERVFAIL",
  },
  {
    what: "a step that fails before the name is found",
    change: { names: ["api.example.com"] },
    broken: of("api.example.com.svc.cluster.local.", SERVFAIL),
    codes: ["step-fails", "ndots-cost"],
    says: "fails on api.example.com.svc.cluster.local. (SERVFAIL) before it finds api.example.com.",
  },
  {
    what: "the cost of ndots",
    change: { names: ["api.example.com"] },
    codes: ["ndots-cost"],
    says: "costs 8 queries (A and AAAA of 4 names), 8 ms; api.example.com. with its final dot costs 2",
  },
  {
    what: "a name with an IPv6 address only",
    broken: (each, index) => of(WEB, reply({ answers: each.question.type === "A" ? [] : ["fd00::80"] }))(each, index),
    codes: [],
  },
  { what: "no cost with a final dot", change: { names: ["api.example.com."] }, codes: [] },
  {
    what: "no cost with ndots:1",
    change: { conf: POD_CONF.replace(":5", ":1"), names: ["api.example.com"] },
    codes: [],
  },
  { what: "a file that can't be read", change: { fault: "permission denied" }, codes: ["resolv-conf-unreadable"] },
  {
    what: "a file that can't be read has no search list to judge",
    change: { fault: "permission denied", conf: "nameserver 10.96.0.10\n", names: ["example.com"] },
    codes: ["resolv-conf-unreadable"],
  },
  { what: "a nameserver with a zone", change: { conf: POD_CONF.replace("10.96.0.10", "fe80::1%eth0") }, codes: [] },
  { what: "no nameserver", change: { conf: "search a.example\n", isPod: false }, codes: ["no-nameserver"] },
  {
    what: "a nameserver that is a name",
    change: { conf: `nameserver dns.example\n${POD_CONF}` },
    codes: ["nameserver-not-an-address"],
  },
  {
    what: "four nameservers",
    change: { conf: `${POD_CONF}${[1, 2, 3].map((i) => `nameserver 10.96.0.${i}\n`).join("")}` },
    codes: ["too-many-nameservers"],
    says: "resolv.conf has 4 nameservers, and resolvers ask 3",
  },
  {
    what: "a long search list",
    change: { conf: LONG_LIST, isPod: false, names: ["example.com."] },
    codes: ["search-list-cut"],
    says: "has 7 domains, 76 characters: more than old resolvers take",
  },
  {
    what: "a search list as long as old resolvers take",
    change: { conf: LONG_LIST.replace("d0.example. ", ""), isPod: false, names: ["example.com."] },
    codes: [],
  },
  {
    what: "a search list with as many characters as old resolvers take",
    change: { conf: `${POD_CONF}search ${"x.".repeat(127)}yz\n`, isPod: false, names: ["example.com."] },
    codes: [],
  },
  {
    what: "a search list too long for Kubernetes",
    change: { conf: LONG_LIST.replace("d0.", `${"x.".repeat(1200)}d0.`), isPod: false, names: ["example.com."] },
    codes: ["search-list-cut"],
    says: "more than Kubernetes and many resolvers take",
  },
  { what: "nothing was asked", broken: () => ({ kind: "late" }), codes: ["not-all-asked"] },
];

describe("the doctor says what is wrong", () => {
  test.each(ROWS)("$what", ({ change, broken, codes, says }) => {
    const found = findings(change, broken);
    expect(found.map(({ code }) => code)).toEqual(codes);
    if (says !== undefined) expect(found[0]?.message).toContain(says);
  });

  test("for each code there is a situation", () => {
    const shown = new Set(ROWS.flatMap(({ codes }) => codes));
    expect(Object.keys(DOCTOR_CODES).filter((code) => !shown.has(code as DoctorCode))).toEqual([]);
  });

  test("a finding has who was asked what, what came, and what to do", () => {
    expect(findings({ names: ["nope"] })).toEqual([
      {
        code: "name-not-found",
        severity: "error",
        message: "nope does not exist: none of the 4 names of its search does",
        evidence: [
          "10.96.0.10:53 UDP: nope.shop.svc.cluster.local. A: NXDOMAIN in 2 ms",
          "10.96.0.10:53 UDP: nope.svc.cluster.local. A: NXDOMAIN in 2 ms",
          "10.96.0.10:53 UDP: nope.cluster.local. A: NXDOMAIN in 2 ms",
          "10.96.0.10:53 UDP: nope. A: NXDOMAIN in 2 ms",
        ],
        advice: DOCTOR_CODES["name-not-found"].advice,
      },
    ]);
  });

  test("the advice for ndots is the number that would do", () => {
    const [found] = findings({ names: ["api.example.com"] });
    expect(found?.advice).toBe(
      "write api.example.com. with its final dot, which saves 6 queries, or set ndots to 2 in dnsConfig options",
    );
    const [single] = findings({ names: ["corp"] }, of("corp.", reply({ answers: ["192.0.2.1"] })));
    expect(single?.advice).toBe("write corp. with its final dot, which saves 6 queries");
  });
});
