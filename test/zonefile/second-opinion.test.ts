// Zone files that are made up, as BIND and NSD read them and as we do.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkZone, readZone } from "../../src/zonefile/check-zone.ts";
import { parseZoneFile } from "../../src/zonefile/parse-zone-file.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { checkWithNsd, compileWithNamed } from "./named-checkzone.ts";
import { settingsFor, showRecord } from "./zone-text.ts";

const APEX = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n";
const RUNS = 100;

const label = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/) },
  fc.constantFrom(
    "\\046x",
    "a\\.b",
    "\\;",
    "\\(q\\)",
    "\\\\",
    '\\"',
    "\\000\\255",
    "a\\ b",
    "\\@",
    "é",
    "x".repeat(63),
  ),
);
const relative = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
const name = fc.oneof(
  { weight: 3, arbitrary: relative },
  relative.map((text) => `${text}.`),
  relative.map((text) => `${text}.EXAMPLE.org.`),
  fc.constantFrom("@", ".", "*.w"),
);
const textUnit = fc.constantFrom(..."abcXYZ019 ;()=,é", "\\000", "\\255", '\\"', "\\\\", "\\;", "\\a");
const quoted = fc.array(textUnit, { maxLength: 40 }).map((units) => `"${units.join("")}"`);
const word = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+,./:<=>?^_`{|}~-]{1,20}$/).filter((text) => !text.startsWith("\\#"));
const text = fc.oneof(quoted, word);
const uint = (max: number): fc.Arbitrary<string> => fc.oneof(fc.nat({ max }), fc.constantFrom(0, max)).map(String);
const [uint8, uint16, uint32] = [uint(0xff), uint(0xffff), uint(0xffff_ffff)];
const duration = fc.oneof(uint32, fc.constantFrom("0s", "1h30m", "2W", "1d2h3m4S"));
const hexOf = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((data) => Buffer.from(data).toString("hex"));
const base64 = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((data) => Buffer.from(data).toString("base64"));
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter((address) => address !== "");
const digest = hexOf(32).chain((hex) =>
  fc.nat({ max: 31 }).map((cut) => `${hex.slice(0, 2 * cut)} ${hex.slice(2 * cut)}`),
);
const moment = fc.constantFrom("20260101120000", "20371231235959", "1767225600", "21060101000000");
const hash = fc.constantFrom("2t7b4g4vsa5smi47k61mv5bv1a22bojr", "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM");
const typeList = fc
  .uniqueArray(fc.constantFrom("A", "NS", "TXT", "RRSIG", "NSEC", "CAA", "TYPE300", "TYPE65280"), { minLength: 1 })
  .map((types) => types.join(" "));
const angle = (degrees: number, directions: readonly [string, string]): fc.Arbitrary<string> =>
  fc
    .tuple(
      uint(degrees - 1),
      uint(59),
      fc.nat({ max: 59_999 }),
      fc.constantFrom(...directions),
      fc.constantFrom(1, 2, 3),
    )
    .map(
      ([deg, min, ms, direction, parts]) =>
        [deg, min, (ms / 1_000).toFixed(3)].slice(0, parts).join(" ") + ` ${direction}`,
    );
const metres = (max: number): fc.Arbitrary<string> =>
  fc.tuple(fc.nat({ max }), fc.constantFrom("", "m", ".5m", ".25")).map(([count, unit]) => `${count}${unit}`);
const words = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((found) => found.join(" "));
const listOf = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(","));
const parameters = fc
  .uniqueArray(
    fc.oneof(
      listOf(fc.stringMatching(/^[a-z0-9-]{1,8}$/)).map((list) => `alpn=${list}`),
      uint16.map((port) => `port="${port}"`),
      listOf(ipv4).map((list) => `ipv4hint=${list}`),
      listOf(ipv6).map((list) => `ipv6hint="${list}"`),
      base64.map((data) => `ech=${data}`),
      fc.tuple(fc.integer({ min: 100, max: 65_279 }), quoted).map(([key, value]) => `key${key}=${value}`),
    ),
    { selector: (parameter) => parameter.split("=", 1)[0]! },
  )
  .map((list) => list.join(" "));

const DATA: Readonly<Record<string, fc.Arbitrary<string>>> = {
  A: ipv4,
  AAAA: ipv6,
  NS: name,
  PTR: name,
  MX: words(uint16, name),
  TXT: fc.array(text, { minLength: 1, maxLength: 4 }).map((texts) => texts.join(" ")),
  SPF: text,
  HINFO: words(text, text),
  RP: words(name, name),
  AFSDB: words(uint16, name),
  LOC: words(angle(90, ["N", "S"]), angle(180, ["E", "W"]), metres(8_000), metres(900), metres(90_000), metres(10)),
  SRV: words(uint16, uint16, uint16, name),
  NAPTR: words(uint16, uint16, fc.constantFrom('"u"', "S", '""'), text, fc.constant('"!^.*$!sip:a@b!"'), name),
  SSHFP: words(uint8, fc.constant("2"), digest),
  TLSA: words(uint8, uint8, uint8, digest),
  SMIMEA: words(uint8, uint8, uint8, digest),
  OPENPGPKEY: base64,
  URI: words(uint16, uint16, quoted),
  DS: words(uint16, fc.constantFrom("13", "ECDSAP256SHA256", "8"), fc.constant("2"), digest),
  CDS: words(uint16, fc.constantFrom("13", "ED25519"), fc.constant("2"), digest),
  DNSKEY: words(
    fc.constantFrom("256", "257"),
    fc.constant("3"),
    fc.constantFrom("13", "15"),
    hexOf(64).map((hex) => Buffer.from(hex, "hex").toString("base64")),
  ),
  CDNSKEY: words(fc.constantFrom("256", "257"), fc.constant("3"), fc.constantFrom("13", "15"), base64),
  RRSIG: words(
    fc.constantFrom("TXT", "TYPE65280"),
    fc.constant("13"),
    fc.constant("2"),
    uint32,
    moment,
    moment,
    uint16,
    fc.constant("example.org."),
    base64,
  ),
  NSEC: words(name, typeList),
  NSEC3: words(fc.constant("1"), fc.constantFrom("0", "1"), uint16, fc.constantFrom("-", "aabbcc"), hash, typeList),
  NSEC3PARAM: words(fc.constant("1"), fc.constant("0"), uint16, fc.constantFrom("-", "AABB")),
  CAA: words(uint8, fc.constantFrom("issue", "issuewild", "Iodef"), quoted),
  EUI48: hexOf(6).map((hex) => hex.match(/../g)!.join("-")),
  EUI64: hexOf(8).map((hex) => hex.toUpperCase().match(/../g)!.join("-")),
  SVCB: words(fc.integer({ min: 1, max: 9 }).map(String), name, parameters),
  HTTPS: words(fc.integer({ min: 1, max: 9 }).map(String), name, parameters),
  CERT: words(
    fc.constantFrom("PKIX", "PGP", "URI", "OID", "4"),
    uint16,
    fc.constantFrom("0", "13", "RSASHA256"),
    base64,
  ),
  APL: fc
    .array(
      fc.oneof(
        ipv4.chain((address) => fc.nat({ max: 32 }).map((size) => `1:${address}/${size}`)),
        ipv6.chain((address) => fc.nat({ max: 128 }).map((size) => `!2:${address}/${size}`)),
      ),
      { maxLength: 3 },
    )
    .map((items) => items.join(" ")),
  ZONEMD: words(uint32, fc.constant("1"), fc.constant("1"), hexOf(48)),
  KX: words(uint16, name),
  CSYNC: words(uint32, uint16, typeList),
  IPSECKEY: fc.oneof(
    words(uint8, fc.constant("0 2 ."), base64),
    words(uint8, fc.constant("1 2"), ipv4, base64),
    words(uint8, fc.constant("2 1"), ipv6, base64),
    words(uint8, fc.constant("3 1"), name, base64),
  ),
  AMTRELAY: fc.oneof(
    words(uint8, fc.constantFrom("0", "1"), fc.constant("0 .")),
    words(uint8, fc.constantFrom("0", "1"), fc.constant("1"), ipv4),
    words(uint8, fc.constantFrom("0", "1"), fc.constant("2"), ipv6),
    words(uint8, fc.constantFrom("0", "1"), fc.constant("3"), name),
  ),
  HIP: words(
    fc.constant("2"),
    hexOf(16),
    base64,
    fc.array(name, { maxLength: 2 }).map((all) => all.join(" ")),
  ),
  NID: words(uint16, fc.constantFrom("0014:4fff:ff20:ee64", "14:4FFF:0:1")),
  L32: words(uint16, ipv4),
  L64: words(uint16, fc.constantFrom("2001:0db8:1140:1000", "1:2:3:4")),
  LP: words(uint16, name),
  X25: fc.stringMatching(/^[0-9]{4,12}$/),
  ISDN: words(fc.stringMatching(/^[0-9]{4,12}$/), fc.constantFrom("", "004")),
  GPOS: fc.constant("-22.6882 116.8652 250.0"),
  RT: words(uint16, name),
  NSAP: fc.constantFrom("0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00", "0x0102"),
  "NSAP-PTR": name,
  KEY: words(fc.constantFrom("256", "257"), fc.constant("3"), fc.constant("13"), base64),
  RKEY: words(fc.constant("0"), fc.constant("3"), fc.constant("13"), base64),
  EID: digest,
  NIMLOC: digest,
  SINK: words(uint8, uint8, uint8, base64),
  TALINK: words(name, name),
  NINFO: text,
  AVC: text,
  RESINFO: text,
  WALLET: text,
  DHCID: base64,
  DOA: words(uint32, uint32, uint8, text, fc.oneof(base64, fc.constant("-"))),
  TA: words(uint16, fc.constantFrom("13", "8"), fc.constant("2"), digest),
  DLV: words(uint16, fc.constantFrom("13", "8"), fc.constant("2"), digest),
  PX: words(uint16, name, name),
  MINFO: words(name, name),
  TYPE65280: fc.nat({ max: 40 }).chain((bytes) => hexOf(bytes).map((hex) => `\\# ${bytes} ${hex}`)),
  TYPE1: hexOf(4).map((hex) => `\\# 4 ${hex}`),
  SOA: words(name, name, uint32, duration, duration, duration, duration),
  CNAME: name,
  DNAME: name,
};

/** A record of each type, each with an owner of its own, written in one of the ways in which it may be. */
const record = fc
  .constantFrom(...Object.keys(DATA).filter((type) => type !== "SOA"))
  .chain((type) =>
    fc.tuple(
      fc.constant(type),
      DATA[type]!,
      fc.nat({ max: 5 }),
      fc.constantFrom("7", "1h30m", "2147483647"),
      fc.boolean(),
    ),
  );
const lines = fc.tuple(DATA["SOA"]!, fc.array(record, { minLength: 40, maxLength: 60 })).map(([soa, records]) => {
  const written = records.map(([type, data, form, ttl, isUnderOrigin], index) => {
    const owner = isUnderOrigin ? `$ORIGIN r${index}.example.org.\n@` : `$ORIGIN example.org.\nr${index}`;
    const head = [`${ttl} IN`, `IN ${ttl}`, ttl, "in", "", "( IN ; (\n"][form]!;
    return `${owner} ${head} ${type} ${data}${form === 5 ? " ) ; end" : ""}`;
  });
  return `$TTL 1d\n@ ( SOA ${soa} )\n@ NS ns\nns A 10.0.0.1\n${written.join("\n")}\n`;
});

function readOurs(zoneText: string): string[] | string {
  const { zone, problems } = readZone(zoneText, settingsFor());
  if (zone === undefined) return JSON.stringify(problems);
  return zone.records.map((found) => showRecord({ ...found, owner: found.owner.map(lower) })).sort();
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

describe("as named-checkzone reads it", () => {
  skipAll(whyNot("named-checkzone"));
  test("a made-up zone has the same bytes", () => {
    fc.assert(
      fc.property(lines, (zoneText) => {
        expect(readOurs(zoneText)).toEqual(compileWithNamed("example.org", zoneText));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  test.each([
    "www.example.com. A 10.0.0.1",
    "x.example.net. A 10.0.0.1\n  TXT below\nw A 10.0.0.2",
    "w 2147483648 A 10.0.0.1",
    "w 7000w A 10.0.0.1",
    "$TTL 4294967295\nw A 10.0.0.1",
  ])("a zone that BIND takes in part: %s", (extra) => {
    const zoneText = `${APEX}${extra}\n`;
    expect(readOurs(zoneText)).toEqual(compileWithNamed("example.org", zoneText));
  });

  test("a zone with all kinds of lines has the same bytes", () => {
    const zoneText = `${APEX}\
; owners
  IN TXT "of ns"
*.wild 7 TXT wild
$ORIGIN sub
@ A 10.0.0.2
   AAAA ::2
a.b ( ; several
  TXT ( one
two ) ) ; done
$ORIGIN example.org.
$TTL 1w
\tTXT last
LAST A 10.0.0.9
last A 10.0.0.9
`;
    expect(readOurs(zoneText)).toEqual(compileWithNamed("example.org", zoneText));
  });
});

const modifiers = fc.oneof(
  fc.constantFrom("$", "${0}", "${-3}", "${1,3}", "${-9,4,d}"),
  fc
    .tuple(fc.integer({ min: -3, max: 300 }), fc.nat({ max: 12 }), fc.constantFrom("d", "o", "x", "X"))
    .map(([offset, width, base]) => `\${${offset},${width},${base}}`),
  fc
    .tuple(fc.integer({ min: 0, max: 300 }), fc.nat({ max: 5 }), fc.constantFrom("n", "N"))
    .map(([offset, width, base]) => `\${${offset},${2 * width + 1},${base}}`),
);
const generate = fc
  .tuple(fc.nat({ max: 300 }), fc.nat({ max: 20 }), fc.integer({ min: 1, max: 9 }), modifiers, modifiers)
  .map(([first, count, step, owner, data]) => {
    const range = `${first}-${first + count}${step === 1 ? "" : `/${step}`}`;
    return [
      `$GENERATE ${range} h${owner} 300 IN A 10.0.0.1`,
      `$GENERATE ${range} ${owner}.p CNAME x${data}`,
      `$GENERATE ${range} $$.${owner}.m MX "10 m${data}.example.com."`,
      `$GENERATE ${range} \\$${owner}.t IN TXT "\\"no. ${data}\\" ${data}"`,
      `$GENERATE ${range} ${owner}. TXT outside`,
    ].join("\n");
  });

describe("lines of $GENERATE, as named-checkzone reads them", () => {
  skipAll(whyNot("named-checkzone"));
  test("they have the same bytes", () => {
    fc.assert(
      fc.property(fc.array(generate, { minLength: 5, maxLength: 10 }), (all) => {
        const zoneText = all.map((each, index) => `$ORIGIN r${index}.example.org.\n${each}\n`).join("");
        expect(readOurs(APEX + zoneText)).toEqual(compileWithNamed("example.org", APEX + zoneText));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});

describe("as nsd-checkzone judges it", () => {
  skipAll(whyNot("nsd-checkzone"));
  test.each<[title: string, lines: string, isZone: boolean]>([
    ["plain", "www A 10.0.0.1", true],
    ["a CNAME beside others", "www A 10.0.0.1\nwww CNAME ns", false],
    ["a bad address", "www A 10.0.0.256", false],
    ["an unknown type", "www FOO 1", false],
    ["a quote that is not closed", 'www TXT "a\n', false],
    ["two DNAMEs", "www DNAME a.\nwww DNAME b.", false],
  ])("%s", (_title, extra, isZone) => {
    const zoneText = `${APEX}${extra}\n`;
    const { zone, problems } = checkZone(parseZoneFile(zoneText, settingsFor()), "example.org.zone");
    expect(zone !== undefined, JSON.stringify(problems)).toBe(isZone);
    expect(checkWithNsd("example.org", zoneText) === undefined).toBe(isZone);
  });
});
