// Seed queries and pieces for mutations: one for each kind of answer that the sample zone gives, and the odd ones that
// clients and attackers send.
import {
  parseLabels,
  writeHeader,
  writeName,
  writeOpt,
  writeOption,
  writeQuery,
  writeQuestion,
  writeRecord,
  writeTsig,
} from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

const LONG = "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz";

/** Names of the sample zone, of each kind, and some beside it. */
const SAMPLE_NAMES: readonly string[] = [
  ".",
  "z.",
  "a.z.",
  "A.Z.",
  "many.z.",
  "s.z.",
  "v4.z.",
  "ent.z.",
  "deep.ent.z.",
  "*.z.",
  "none.z.",
  "a.b.c.none.z.",
  "in.alias.z.",
  "twice.alias.z.",
  "missing.alias.z.",
  "outside.alias.z.",
  "srv.alias.z.",
  "rev.alias.z.",
  "hidden.alias.z.",
  "10-9-8-7.pod.z.",
  "fd00--5.pod.z.",
  "10-244-1-5.known.z.",
  "\\010\\244\\001\\005.known.z.",
  "5.1.10.arpa.",
  "1.10.arpa.",
  "www.example.com.",
  "version.bind.",
  "id.server.",
  "Hostname.Bind.",
  "few.z.",
  "few.alias.z.",
  `${LONG}.z.`,
  `${`${LONG}.`.repeat(3)}${LONG.slice(0, 59)}.z.`,
  "x.w.z.",
  "a.b.cut.z.",
  "ns.cut.z.",
  "q.d.z.",
  "q.dd.z.",
  "q.loop.z.",
  "a.others.z.",
  "www.up.",
  "b.up.",
  "c.up.",
];

/** The names as bytes. */
export const NAME_PIECES: readonly Uint8Array[] = SAMPLE_NAMES.map((name) => writeName(parseLabels(name)));

const COOKIE = writeOption(10, "0102030405060708");
const OPTIONS: readonly Buffer[] = [
  COOKIE,
  writeOption(10, Buffer.alloc(24, 7)),
  writeOption(3),
  writeOption(8, "0001180a0000"),
  writeOption(11),
  writeOption(12, Buffer.alloc(31)),
  writeOption(65_001, Buffer.from("x")),
  Buffer.concat([COOKIE, COOKIE]),
  Buffer.from("000a0009", "hex"),
  Buffer.from("000a", "hex"),
];

const PLAIN: readonly Query[] = [
  ...SAMPLE_NAMES.map((name) => ({ name, type: "A" })),
  ...["AAAA", "SRV", "PTR", "TXT", "CNAME", "NS", "SOA", "MX", "ANY", "AXFR", "IXFR", "HTTPS", "TYPE65280"].flatMap(
    (type) => ["a.z.", "z.", "s.z.", "5.1.10.arpa."].map((name) => ({ name, type })),
  ),
  ...[0, 0x0010, 0x03f0, 0x1000, 0x2000, 0x2800, 0x8100].map((flags) => ({ name: "a.z.", type: "A", flags })),
  ...[3, 4, 254, 255].map((each) => ({ name: "version.bind.", type: "TXT", class: each })),
  ...["TXT", "ANY", "A"].map((type) => ({ name: "id.server.", type, class: 3, opt: { size: 1232 } })),
  ...[512, 700, 1232].flatMap((size) =>
    ["few.z.", "few.alias.z."].map((name) => ({ name, type: "SRV", opt: { size } })),
  ),
  ...[0, 511, 512, 513, 1232, 4096, 65_535].map((size) => ({ name: "many.z.", type: "A", opt: { size } })),
  ...OPTIONS.map((options) => ({ name: "many.z.", type: "A", opt: { size: 1232, options } })),
  { name: "a.z.", type: "A", opt: { size: 1232, version: 1 } },
  { name: "a.z.", type: "A", opt: { size: 1232, flags: 0xffff } },
];

const QUESTION = writeQuestion("a.z.");
const OPT = writeOpt({ size: 1232 });
/** A signature of 32 bytes; names up to the longest. */
function tsig(key: string, algorithm: string): Buffer {
  return writeTsig({ id: 0xabcd, key, algorithm, mac: Buffer.alloc(32, 9), timeS: 0x6800_0000 });
}

const TSIG = tsig("k.", "hmac-sha256.");
const TXT = writeRecord({ owner: "a.z.", type: "TXT", rdata: Buffer.from([1, 0x78]) });

const ODD: readonly Buffer[] = [
  message([1, 0, 0, 1], QUESTION, TSIG),
  message([1, 0, 0, 2], QUESTION, OPT, TSIG),
  message([1, 0, 0, 1], QUESTION, tsig(SAMPLE_NAMES.at(-1)!, SAMPLE_NAMES.at(-1)!)),
  message([1, 0, 0, 2], QUESTION, TSIG, OPT),
  message([1, 0, 0, 2], QUESTION, OPT, OPT),
  message([1, 1, 0, 0], QUESTION, OPT),
  message([1, 1, 1, 2], QUESTION, TXT, TXT, TXT, OPT),
  message([2, 0, 0, 0], QUESTION, QUESTION),
  message([0, 0, 0, 1], writeOpt({ size: 1232, options: COOKIE })),
  message([0, 0, 0, 0]),
  message([1, 0, 0, 0], Buffer.from([0xc0, 12, 0, 1, 0, 1])),
  message([1, 0, 0, 0], Buffer.from([0x41, 0x61, 0, 0, 1, 0, 1])),
  message([1, 0, 0, 1], QUESTION, Buffer.from([0xc0, 12, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])),
  message([1, 0, 0, 0], QUESTION, Buffer.alloc(5, 1)),
  message([1, 0xffff, 0xffff, 0xffff], QUESTION),
];

/** Whole queries. */
export const SAMPLE_QUERIES: readonly Buffer[] = [
  ...PLAIN.map((query) => writeQuery({ id: 0xabcd, ...query })),
  ...ODD,
];

function message(counts: readonly [number, number, number, number], ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([writeHeader(0xabcd, 0x0100, ...counts), ...parts]);
}
