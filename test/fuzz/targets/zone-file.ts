// The text of a zone file into records (src/zonefile/parse-zone-file.ts): any text gives some, or problems with places
// in it; records written as bytes of an unknown type (RFC 3597 5) come back the same.
import { formatName } from "../../../src/dns/name.ts";
import { parseZoneFile } from "../../../src/zonefile/parse-zone-file.ts";
import type { ZoneFileSettings } from "../../../src/zonefile/parse-zone-file.ts";
import type { ZoneRecord } from "../../../src/zonefile/zone-record.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

const PATH = "example.org.zone";
const TTL_MAX = 0x7fff_ffff;
const INCLUDED = new Map([
  ["one", "x 60 A 192.0.2.1\n"],
  ["itself", "$INCLUDE itself\ny 60 A 192.0.2.1\n"],
  ["wrong", "y 60 A (\n"],
]);

const SETTINGS: ZoneFileSettings = {
  path: PATH,
  origin: "example.org",
  include(path, place) {
    const text = INCLUDED.get(path);
    if (text !== undefined) return { path, text };
    return { code: "test-include", severity: "error", message: "none", advice: "none", place };
  },
};

const DATA = [
  'A 192.0.2.1|NS ns|CNAME @|SOA ns h 1 2h 3d 4w 5|PTR a.b.|HINFO a "b c"|MX 10 mx|TXT "a\\"b" \\065 c|RP a b|AFSDB 1 a',
  'AAAA 2001:db8::1|LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m|SRV 1 2 3 t.|NAPTR 1 2 "s" "a" "!.*!x!" .',
  "DNAME d.|DS 1 8 2 aabb cc|SSHFP 1 1 aabb|NSEC b.example.org. A TYPE65280|DNSKEY 256 3 8 AwEA AQ==|NSEC3PARAM 1 0 5 -",
  "NSEC3 1 0 5 aa 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG|TLSA 3 1 1 aa|SVCB 1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1",
  'RRSIG A 8 2 60 20300101000000 20200101000000 1 example.org. AAAA|HTTPS 0 x.|EUI48 00-00-5e-00-53-2a|URI 1 2 "http://x"',
  'CAA 0 issue "ca.example"|OPENPGPKEY AAAA|TYPE65280 \\# 3 aabbcc|A \\# 4 c0000201|SMIMEA 1 1 1 aa|CDS 0 0 0 00',
].flatMap((line) => line.split("|"));

const SEEDS = [
  "$TTL 1h\n@ SOA ns hostmaster ( 2026 ; serial\n 2h 15m 4w 5m )\n NS ns\nns A 192.0.2.1\n*.w CNAME ns\n",
  "$ORIGIN a\nx 60 A 192.0.2.1\n$ORIGIN b.c.\n@ 60 IN CNAME y\n$INCLUDE one sub\n$INCLUDE itself\n$INCLUDE wrong ; x\n",
  '\\$x\\046y 60 CLASS1 TYPE1 192.0.2.1\n"q" 60 A 192.0.2.1\n\\999 60 A 1\n60 60 60\n( ) \n)\n',
  ...DATA.map((data) => `w 60 ${data}\n`),
];

const WORDS =
  '$TTL |$ORIGIN |$INCLUDE |$GENERATE |@|(|)|;|"|\\|\\"|\\000|\\255|\\256|\n|\r\n|\t|\0|IN|CH|CLASS1|TYPE1|TYPE0|\\# |\\# 0|' +
  ".|..|*|-1|0|65535|65536|4294967296|1w2d3h4m5s|1h1h|::|192.0.2.256|=|,|key65535=|alpn=|mandatory=|ä";

export const target: Target = {
  input: "text",
  sizeMax: 1_024,
  seeds: SEEDS.map((text) => Buffer.from(text)),
  dictionary: [...WORDS.split("|"), ...DATA].map((word) => Buffer.from(word)),
  run(input) {
    const text = Buffer.from(input).toString();
    const { records, problems } = parseZoneFile(text, SETTINGS);
    const lines = text.split("\n");
    for (const { message, advice, place } of problems) {
      // What the file says is repeated, and may say anything.
      const odd = /\n|undefined|NaN/.exec(message + advice)?.[0];
      law(message !== "" && (odd === undefined || text.includes(odd)), () => `message ${message}; ${advice}`);
      law(place !== undefined && place.line >= 1 && place.column >= 1, () => `${message} at no place`);
      const length = place!.file === PATH ? (lines[place!.line - 1]?.length ?? -2) : Infinity;
      law(place!.column <= length + 1, () => `${message} at ${place!.line}:${place!.column}`);
    }
    for (const record of records) checkRecord(record);
    const codes = [...new Set(problems.map(({ code }) => code))].toSorted();
    return codes.slice(0, 2).join(" ") || `${Math.min(records.length, 2)} records`;
  },
};

function checkRecord({ owner, type, ttl, rdata }: ZoneRecord): void {
  law(ttl >= 0 && ttl <= TTL_MAX, () => `TTL ${ttl}`);
  law(type > 0 && type <= 65_535 && rdata.length <= 65_535, () => `type ${type}, ${rdata.length} bytes`);
  const hex = Buffer.from(rdata).toString("hex");
  const line = `${formatName(owner)} ${ttl} IN TYPE${type} \\# ${rdata.length} ${hex}`;
  const { records, problems } = parseZoneFile(line, SETTINGS);
  law(problems.length === 0, () => `${line}: ${problems[0]!.message}`);
  const [again] = records;
  law(again !== undefined && Buffer.compare(again.owner, owner) === 0, () => `${line}: another owner`);
  law(again!.type === type && again!.ttl === ttl, () => `${line}: TYPE${again!.type} ${again!.ttl}`);
  law(Buffer.compare(again!.rdata, rdata) === 0, () => `${line}: other data`);
}
