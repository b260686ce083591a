// One question of every kind of answer that no row of docs/answers.md is about: errors, EDNS options, cut answers,
// names of others, all types of records, other transports. Each says what shows that it was that kind.
import { COOKIE, ID, message, OPTION } from "../conformance/packets.ts";
import { writeOpt, writeOption, writeQuery, writeQuestion, writeTsig, type Query, type Tsig } from "../support/wire.ts";

export type Transport = "udp" | "tcp" | "tls" | "https";

/** A question, whom it goes to and how, and what `formatGist` makes of its answer. */
export interface Kind {
  readonly label: string;
  readonly to: "whole" | "alone" | "guarded" | "loading";
  readonly over: Transport;
  readonly query: Buffer;
  readonly gist: string;
}

const WEB = "web.default.svc.cluster.local.";
const BIG = "big.default.svc.cluster.local.";
const LARGE = "large.default.svc.cluster.local.";
const HUGE = "huge.default.svc.cluster.local.";
const EDNS = { size: 1232 };

type Row = readonly [label: string, query: Buffer, gist: string];

const ask = (name: string, type = "A", more: Partial<Query> = {}): Buffer =>
  writeQuery({ name, type, opt: EDNS, ...more });
const plain = (name: string, type = "A", more: Partial<Query> = {}): Buffer => writeQuery({ name, type, ...more });
const askWith = (...options: readonly Buffer[]): Buffer =>
  ask(WEB, "A", { opt: { ...EDNS, options: Buffer.concat(options) } });
/** A cookie's length is 8, or 16 to 40 bytes. */
const HALF_COOKIE = writeOption(OPTION.COOKIE, "0102");
const NSID = writeOption(OPTION.NSID);
const KEEPALIVE = writeOption(OPTION.KEEPALIVE);
const PADDING = writeOption(OPTION.PADDING, Buffer.alloc(64));
const signed = (settings: Partial<Tsig>, ...beside: readonly Buffer[]): Buffer =>
  message(0, [1, 0, 0, 1 + beside.length], writeQuestion(WEB), ...beside, writeTsig({ id: ID, ...settings }));

const ERRORS: readonly Row[] = [
  ["two questions", message(0, [2, 0, 0, 0], writeQuestion(WEB), writeQuestion(WEB)), "1 0/0/0"],
  ["a question cut off", message(0, [1, 0, 0, 0], writeQuestion(WEB).subarray(0, -3)), "1 0/0/0"],
  ["a cookie of two bytes", askWith(HALF_COOKIE), "1 0/0/0"],
  ["NOTIFY", message(0x2000, [1, 0, 0, 0], writeQuestion(WEB)), "4 0/0/0"],
  ["UPDATE", message(0x2800, [1, 0, 0, 0], writeQuestion(WEB)), "4 0/0/0"],
  ["STATUS", message(0x1000, [0, 0, 0, 0]), "4 0/0/0"],
  ["EDNS version 1", ask(WEB, "A", { opt: { size: 1232, version: 1 } }), "16 0/0/1"],
  ["AXFR", ask("cluster.local.", "AXFR"), "5 0/0/1 ede-21"],
  ["IXFR", ask("cluster.local.", "IXFR"), "5 0/0/1 ede-21"],
  ["class HS", ask(WEB, "A", { class: 4 }), "5 0/0/1 ede-21"],
  ["TSIG", signed({ key: "key.example." }), "9 0/0/1"],
  ["TSIG and EDNS", signed({ key: "key.example." }, writeOpt(EDNS)), "9 0/0/2"],
  ["version.bind", ask("version.bind.", "TXT", { class: 3 }), "5 0/0/1 ede-18"],
  ["id.server", ask("id.server.", "TXT", { class: 3 }), "0 1/0/1"],
  ["hostname.bind without EDNS", plain("hostname.bind.", "ANY", { class: 3 }), "0 1/0/0"],
];

const OPTIONS: readonly Row[] = [
  ["NSID", askWith(NSID), "0 AA 1/0/1 option-3"],
  ["a cookie", askWith(COOKIE), "0 AA 1/0/1 option-10"],
  ["a cookie and no question", message(0, [0, 0, 0, 1], writeOpt({ ...EDNS, options: COOKIE })), "0 0/0/1 option-10"],
  [
    "cookie, NSID and an unknown option",
    askWith(COOKIE, NSID, writeOption(OPTION.UNKNOWN, "00")),
    "0 AA 1/0/1 option-3 option-10",
  ],
  ["DO", ask(WEB, "A", { opt: { ...EDNS, flags: 0x8000 } }), "0 AA 1/0/1"],
  ["CD and AD", ask(WEB, "A", { flags: 0x0130 }), "0 AA 1/0/1"],
  ["no EDNS", plain(WEB), "0 AA 1/0/0"],
  ["ANY", ask(WEB, "ANY"), "0 AA 1/0/1"],
  ["ANY of an alias", ask("ext.default.svc.cluster.local.", "ANY"), "0 AA 1/0/1"],
  ["a type that nobody knows", ask(WEB, "TYPE65432"), "0 AA 0/1/1"],
  ["a name with odd bytes", ask("a\\.b\\000\\255.default.svc.cluster.local."), "3 AA 0/1/1"],
  ["cut at 512", plain(BIG), "0 AA TC 29/0/0"],
  ["cut at 1232", ask(BIG), "0 AA TC 73/0/1"],
  ["cut SRV", ask(BIG, "SRV"), "0 AA TC 19/0/1"],
];

const STREAMS: readonly Row[] = [
  ["keepalive", askWith(KEEPALIVE, NSID, COOKIE), "0 AA 1/0/1 option-3 option-10 option-11"],
  ["59 kB of A", ask(LARGE), "0 AA 3700/0/1"],
  ["cut SRV", ask(LARGE, "SRV"), "0 AA TC 1017/0/1"],
  ["cut at 64 KiB", ask(HUGE), "0 AA TC 4092/0/1"],
  ["cut at 64 KiB without EDNS", plain(HUGE), "0 AA TC 4092/0/0"],
  ["records of others that do not fit a datagram", ask("many.up.test."), "0 60/0/1"],
];

const ENCRYPTED: readonly Row[] = [
  ["padding", askWith(PADDING), "0 AA 1/0/1 option-12"],
  ["padding and all else", askWith(COOKIE, NSID, PADDING), "0 AA 1/0/1 option-3 option-10 option-12"],
  ["padding of REFUSED", ask("x.", "AXFR", { opt: { ...EDNS, options: PADDING } }), "5 0/0/1 ede-21 option-12"],
  ["padding of 59 kB", ask(LARGE, "A", { opt: { ...EDNS, options: PADDING } }), "0 AA 3700/0/1 option-12"],
];

const OTHERS: readonly Row[] = [
  ["an address", ask("www.up.test."), "0 1/0/1"],
  ["without EDNS", plain("www.up.test."), "0 1/0/0"],
  ["a chain", ask("chain.up.test."), "0 4/0/1"],
  ["an ExternalName that leads there", ask("ext.default.svc.cluster.local."), "0 AA 5/0/1"],
  ["a zone's alias that leads there", ask("out.types.example."), "0 AA 2/0/1"],
  ["NXDOMAIN", ask("missing.up.test."), "3 0/1/1"],
  ["NODATA", ask("empty.up.test."), "0 0/1/1"],
  ["an alias to nowhere", ask("gone.up.test."), "3 1/1/1"],
  ["SERVFAIL", ask("failing.up.test."), "2 0/0/1"],
  ["signed, with DO", ask("signed.up.test.", "A", { opt: { ...EDNS, flags: 0x8000 } }), "0 2/0/1"],
  ["cut", plain("many.up.test."), "0 TC 30/0/0"],
  ["MX", ask("mx.up.test.", "MX"), "0 1/0/1"],
  ["SRV", ask("srv.up.test.", "SRV"), "0 1/0/1"],
  ["TXT", ask("txt.up.test.", "TXT"), "0 1/0/1"],
  ["SOA", ask("soa.up.test.", "SOA"), "0 1/0/1"],
  ["NAPTR", ask("naptr.up.test.", "NAPTR"), "0 1/0/1"],
  ["HTTPS", ask("https.up.test.", "HTTPS"), "0 1/0/1"],
  ["CAA", ask("caa.up.test.", "CAA"), "0 1/0/1"],
  ["a type that nobody knows", ask("odd.up.test.", "TYPE65285"), "0 1/0/1"],
  ["nobody is there", ask("www.dead.test."), "2 0/0/1 ede-23"],
];

/** Types that `types.example` has at a name of theirs; those without a name in the tests' decoder by number. */
export const TYPES_AT: readonly (readonly [owner: string, type: string, gist?: string])[] = [
  ["ns", "A"],
  ["ns", "AAAA"],
  ["mapped", "AAAA"],
  ["gaps", "AAAA"],
  ["@", "NS", "0 AA 2/0/3"],
  ["@", "SOA"],
  ["cname", "CNAME"],
  ["ptr", "PTR"],
  ["hinfo", "HINFO"],
  ["mx", "MX", "0 AA 2/0/3"],
  ["txt", "TXT", "0 AA 2/0/1"],
  ["bytes", "TXT"],
  ["rp", "TYPE17"],
  ["afsdb", "TYPE18"],
  ["loc", "LOC"],
  ["srv", "SRV", "0 AA 2/0/3"],
  ["naptr", "NAPTR", "0 AA 2/0/1"],
  ["dname", "TYPE39"],
  ["ds", "DS"],
  ["sshfp", "TYPE44"],
  ["rrsig", "RRSIG"],
  ["nsec", "NSEC"],
  ["dnskey", "DNSKEY"],
  ["2t7b4g4vsa5smi47k61mv5bv1a22bojr", "TYPE50"],
  ["nsec3param", "TYPE51"],
  ["tlsa", "TLSA"],
  ["smimea", "TYPE53"],
  ["cds", "TYPE59"],
  ["cdnskey", "TYPE60"],
  ["openpgpkey", "TYPE61"],
  ["svcb", "SVCB"],
  ["https", "HTTPS", "0 AA 2/0/1"],
  ["spf", "SPF"],
  ["eui48", "TYPE108"],
  ["eui64", "TYPE109"],
  ["uri", "TYPE256"],
  ["caa", "CAA", "0 AA 2/0/1"],
  ["type65280", "TYPE65280"],
  ["type64000", "TYPE64000"],
];

const ZONES: readonly Row[] = [
  ["a wildcard", ask("any.wild.types.example."), "0 AA 1/0/1"],
  ["a wildcard's NODATA", ask("any.wild.types.example.", "AAAA"), "0 AA 0/1/1"],
  ["an alias by wildcard into a DNAME", ask("any.aliases.types.example."), "0 AA 4/0/1"],
  ["NXDOMAIN", ask("nowhere.types.example."), "3 AA 0/1/1"],
  ["a referral", ask("www.cut.types.example."), "0 0/2/4"],
  ["a referral with DO", ask("www.ds.types.example.", "A", { opt: { ...EDNS, flags: 0x8000 } }), "0 0/1/3"],
  ["a referral that is cut", plain("x.bigcut.static.example."), "0 TC 0/12/0"],
  ["below a DNAME", ask("host.dname.types.example."), "0 AA 3/0/1"],
  ["YXDOMAIN", ask(`${"x".repeat(60)}.${"y".repeat(20)}.long.types.example.`), "6 AA 1/0/1"],
  ["a label with a dot", ask("one\\.label.types.example."), "0 AA 1/0/1"],
  ["labels of odd bytes", ask("\\032\\009\\000\\255.types.example."), "0 AA 1/0/1"],
  ["letters of both cases", ask("nS.TyPeS.eXaMpLe.", "AAAA"), "0 AA 1/0/1"],
  ["a hosts file", ask("printer.lan."), "0 AA 1/0/1"],
  ["a hosts file's PTR", ask("21.2.0.192.in-addr.arpa.", "PTR"), "0 AA 1/0/1"],
];

function kinds(to: Kind["to"], over: Transport, rows: readonly Row[], prefix = ""): Kind[] {
  return rows.map(([label, query, gist]) => ({ label: `${prefix}${label} (${over})`, to, over, query, gist }));
}

const TYPES: readonly Row[] = TYPES_AT.map(([owner, type, gist = "0 AA 1/0/1"]) => [
  `${owner} ${type}`,
  ask(owner === "@" ? "types.example." : `${owner}.types.example.`, type),
  gist,
]);

/** All kinds, in the order in which they are asked: names of others twice, so that they come out of the cache too. */
export const KINDS: readonly Kind[] = [
  ...kinds("whole", "udp", ERRORS),
  ...kinds("whole", "tcp", ERRORS),
  ...kinds("whole", "udp", OPTIONS),
  ...kinds("whole", "tcp", STREAMS),
  ...kinds("whole", "tls", ENCRYPTED),
  ...kinds("whole", "https", ENCRYPTED),
  ...kinds("whole", "udp", ZONES, "zone file: "),
  ...kinds("whole", "udp", TYPES, "type: "),
  ...kinds("whole", "udp", OTHERS, "others: "),
  ...kinds("whole", "udp", OTHERS, "cached: "),
  ...kinds("alone", "udp", [["outside the zones", ask("www.example."), "5 0/0/1 ede-20"]]),
  ...kinds("alone", "udp", [["ends outside the zones", ask("ext.default.svc.cluster.local."), "0 AA 1/0/1"]]),
  ...kinds("guarded", "udp", [["not for this client", ask("www.example."), "5 0/0/1 ede-18"]]),
  ...kinds("loading", "udp", [["not read yet", ask(WEB), "2 0/0/1 ede-14"]]),
];

/** A name whose answer has an extended error only after some time. */
export interface LateKind {
  readonly label: string;
  readonly name: string;
  readonly ede: number;
}

export const LATE_KINDS: readonly LateKind[] = [
  { label: "others: stale (udp)", name: "stale.up.test.", ede: 3 },
  { label: "others: stale NXDOMAIN (udp)", name: "stale-missing.up.test.", ede: 19 },
  { label: "others: nobody answers (udp)", name: "www.silent.test.", ede: 22 },
];
