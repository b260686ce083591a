import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { parseHostsFile } from "../../src/zonefile/parse-hosts-file.ts";
import { parseZoneFile } from "../../src/zonefile/parse-zone-file.ts";
import { PROBLEMS_MAX } from "../../src/zonefile/zone-problems.ts";
import { expectLinear, expectMsBelow, isTimed } from "../support/timing.ts";
import { settingsFor, showProblem, showRecord } from "./zone-text.ts";

const A = "A 0a000001";

describe("records", () => {
  test.each<[title: string, text: string, records: string[]]>([
    ["TTL, class and type", "www 60 IN A 10.0.0.1", [`www.example.org. 60 ${A}`]],
    ["class before TTL", "www IN 60 A 10.0.0.1", [`www.example.org. 60 ${A}`]],
    ["in lower case, with units, class by number", "www 1h30m class1 a 10.0.0.1", [`www.example.org. 5400 ${A}`]],
    ["the zone's own name", "@ 60 A 10.0.0.1", [`example.org. 60 ${A}`]],
    ["an absolute name", "A.Example.ORG. 60 A 10.0.0.1", [`A.Example.ORG. 60 ${A}`]],
    [
      "the last owner",
      "a 60 A 10.0.0.1\n  60 A 10.0.0.1\n\n; x\n\t60 A 10.0.0.1",
      Array<string>(3).fill(`a.example.org. 60 ${A}`),
    ],
    [
      "names that are like types and classes",
      "in 60 in a 10.0.0.1\na 60 a 10.0.0.1",
      [`in.example.org. 60 ${A}`, `a.example.org. 60 ${A}`],
    ],
    ["a record over several lines", "a ( 60\n; x\n IN ) A (\n10.0.0.1 )", [`a.example.org. 60 ${A}`]],
    [
      "$TTL",
      "$TTL 60\na A 10.0.0.1\nb 7 A 10.0.0.1\n$ttl 2m\nc A 10.0.0.1",
      [`a.example.org. 60 ${A}`, `b.example.org. 7 ${A}`, `c.example.org. 120 ${A}`],
    ],
    [
      "the last TTL where there is no $TTL",
      "a 7 A 10.0.0.1\nb A 10.0.0.1",
      [`a.example.org. 7 ${A}`, `b.example.org. 7 ${A}`],
    ],
    [
      "the SOA's minimum where there is none",
      "@ SOA . . 1 2 3 4 5m\na A 10.0.0.1",
      ["example.org. 300 SOA 000000000001000000020000000300000004" + "0000012c", `a.example.org. 300 ${A}`],
    ],
    [
      "$ORIGIN",
      "$ORIGIN a\nx 60 A 10.0.0.1\n$ORIGIN b\n@ 60 CNAME y\n$ORIGIN c.\nz 60 A 10.0.0.1",
      [`x.a.example.org. 60 ${A}`, "b.a.example.org. 60 CNAME 017901620161076578616d706c65036f726700", `z.c. 60 ${A}`],
    ],
    [
      "types by number",
      "a 60 TYPE1 10.0.0.1\na 60 IN TYPE65280 \\# 1 ff",
      [`a.example.org. 60 ${A}`, "a.example.org. 60 TYPE65280 ff"],
    ],
    ["what looks like a directive", "\\$ttl 60 A 10.0.0.1", [`\\$ttl.example.org. 60 ${A}`]],
  ])("%s", (_title, text, records) => {
    const parsed = parseZoneFile(text, settingsFor());
    expect(parsed.problems).toEqual([]);
    expect(parsed.records.map(showRecord)).toEqual(records);
  });

  test("know where they are written", () => {
    const { records } = parseZoneFile("$INCLUDE b\n\na 60 A (\n10.0.0.1 )", settingsFor({ b: "b 60 A 10.0.0.1" }));
    expect(records.map(({ file, line }) => `${file}:${line}`)).toEqual(["b:1", "example.org.zone:3"]);
  });
});

describe("the zone's name", () => {
  const soa = (owner: string): string => `${owner} 60 SOA . . 1 2 3 4 5\n`;

  test.each<[title: string, text: string, origin: string]>([
    ["that of the file", soa("@"), "example.org."],
    ["that of $ORIGIN, when it comes first", `$TTL 60\n$ORIGIN example.com.\n${soa("@")}`, "example.com."],
    ["that of the SOA, when $ORIGIN comes first", `$ORIGIN com.\n${soa("example")}`, "example.com."],
    ["that of the first SOA", `$ORIGIN com.\n${soa("a")}${soa("b")}`, "a.com."],
    ["that of the file, when $ORIGIN comes later", `${soa("@")}$ORIGIN com.\n${soa("b")}`, "example.org."],
    ["that of the first $ORIGIN without an SOA", "$ORIGIN a.\n$ORIGIN b.\nx 60 A 10.0.0.1", "a."],
  ])("is %s", (_title, text, origin) => {
    const parsed = parseZoneFile(text, settingsFor());
    expect(parsed.problems).toEqual([]);
    expect(formatName(parsed.origin)).toBe(origin);
  });

  test("must be one", () => {
    const { problems } = parseZoneFile("", { ...settingsFor(), origin: "a..b" });
    expect(problems.map(showProblem)).toEqual(["error zone-name example.org.zone:1:1"]);
  });
});

describe("included files", () => {
  test("begin with what holds, and leave it as it was", () => {
    const files = {
      "a.inc": " A 10.0.0.1\n$TTL 7\n$ORIGIN deep\nx A 10.0.0.1\n$INCLUDE b.inc\n",
      "b.inc": "y 9 A 10.0.0.1",
    };
    const text = "$TTL 60\nwww A 10.0.0.1\n$INCLUDE a.inc\n A 10.0.0.1\n$INCLUDE b.inc other.\nz A 10.0.0.1";
    const parsed = parseZoneFile(text, settingsFor(files));
    expect(parsed.problems).toEqual([]);
    expect(parsed.records.map(showRecord)).toEqual([
      `www.example.org. 60 ${A}`,
      `www.example.org. 60 ${A}`,
      `x.deep.example.org. 7 ${A}`,
      `y.deep.example.org. 9 ${A}`,
      `www.example.org. 60 ${A}`,
      `y.other. 9 ${A}`,
      `z.example.org. 60 ${A}`,
    ]);
  });

  test("have faults of their own", () => {
    const { problems } = parseZoneFile("$INCLUDE a\n$INCLUDE b", settingsFor({ a: "\nx 60 A 1" }));
    expect(problems.map(showProblem)).toEqual(["error zone-record a:2:8", "error test-include example.org.zone:2:10"]);
  });

  test.each<[title: string, files: Record<string, string>, text: string]>([
    ["includes itself", { a: "$INCLUDE a" }, "$INCLUDE a"],
    [
      "includes two that include two and so on",
      { a: "$INCLUDE b\n".repeat(9), b: "$INCLUDE a\n".repeat(9) },
      "$INCLUDE a",
    ],
    ["is included a thousand times", { a: "" }, "$INCLUDE a\n".repeat(1_000)],
  ])("a file that %s", (_title, files, text) => {
    const { problems } = parseZoneFile(text, settingsFor(files));
    expect(problems.map(({ code }) => code)).toContain("zone-include");
    expect(problems.length).toBeLessThanOrEqual(PROBLEMS_MAX + 1);
  });
});

test.each(["2147483648", "4294967295", "7000w"])("the TTL %s counts as 0, with a warning", (ttl) => {
  const { records, problems } = parseZoneFile(`a ${ttl} A 10.0.0.1\n$TTL ${ttl}\nb A 10.0.0.1`, settingsFor());
  expect(records.map((record) => record.ttl)).toEqual([0, 0]);
  const code = "warning zone-ttl-too-large example.org.zone";
  expect(problems.map(showProblem)).toEqual([`${code}:1:3`, `${code}:2:6`]);
});

test("warnings without end hide no record and no error", () => {
  const lines = "a 4294967295 A 10.0.0.1\n".repeat(100);
  expect(parseZoneFile(lines, settingsFor()).records).toHaveLength(100);
  const { problems } = parseZoneFile(`${lines}b 60 A 1`, settingsFor());
  expect(problems.at(-1)?.severity).toBe("error");
});

describe("$GENERATE", () => {
  const read = (text: string): string[] => parseZoneFile(`$TTL 60\n${text}`, settingsFor()).records.map(showRecord);

  test("makes records like lines of its own, and leaves the owner of the next line alone", () => {
    const lines = "a A 10.0.0.9\n$GENERATE 1-2 b$ 7 IN MX 10 c$\n A 10.0.0.8";
    expect(read(lines)).toEqual(read("a A 10.0.0.9\nb1 7 MX 10 c1\nb2 7 MX 10 c2\na A 10.0.0.8"));
  });

  test("takes several texts, in quotes or not", () => {
    expect(read('$GENERATE 1-1 b$ TXT "a $" c$')).toEqual(read('b1 TXT "a 1" c1'));
    expect(read('$GENERATE 1-1 b$ TXT "a $"')).toEqual(read("b1 TXT a 1"));
    expect(read('$GENERATE 1-1 b$ TXT x="a $"')).toEqual(read('b1 TXT x="a 1"'));
  });
});

describe("faults have a code and a place", () => {
  test.each<[code: string, place: string, text: string]>([
    ["zone-syntax", "1:13", 'a 60 IN TXT "b'],
    ["zone-syntax", "1:8", "a 60 A (10.0.0.1\nb 60 A 10.0.0.2"],
    ["zone-syntax", "1:16", "a 60 A 10.0.0.1)"],
    ["zone-syntax", "1:2", " 60 A 10.0.0.1"],
    ["zone-syntax", "1:5", "a 60"],
    ["zone-syntax", "1:5", "a IN"],
    ["zone-syntax", "1:1", "$DATE"],
    ["zone-generate", "1:10", "$GENERATE"],
    ["zone-generate", "1:11", "$GENERATE 9-1 a$ 60 A 10.0.0.$"],
    ["zone-generate", "1:11", "$GENERATE 1-9/0 a$ 60 A 10.0.0.$"],
    ["zone-generate", "1:15", "$GENERATE 1-9 a${x} 60 A 10.0.0.$"],
    ["zone-generate", "1:23", "$GENERATE 1-9 a$ 60 A ${0,3,x"],
    ["zone-record", "1:1", "$GENERATE 255-256 a$ 60 A 10.0.0.$"],
    ["zone-record", "1:1", "$GENERATE 1-2 a$ 60 A"],
    ["zone-syntax", "1:1", String.raw`$GENERATE 1-2 a$ 60 TXT "\"$"`],
    ["zone-name", "1:1", "$GENERATE 1-2 a$..b 60 A 10.0.0.$"],
    ["zone-limit", "1:1", "$GENERATE 0-1000000 a$ 60 A 10.0.0.1"],
    ["zone-ttl", "1:3", "a 4294967296 A 10.0.0.1"],
    ["zone-syntax", "1:5", "$TTL"],
    ["zone-syntax", "1:9", "$TTL 60 70"],
    ["zone-syntax", "1:15", "$INCLUDE a b. c"],
    ["zone-name", "1:9", "$ORIGIN a..b"],
    ["zone-name", "1:12", "$INCLUDE a b..c"],
    ["zone-name", "2:1", "\na..b 60 A 10.0.0.1"],
    ["zone-ttl", "1:6", "$TTL 1y"],
    ["zone-ttl", "1:1", "a A 10.0.0.1"],
    ["zone-class", "1:6", "a 60 CH TXT b"],
    ["zone-class", "1:6", "a 60 CLASS3 TXT b"],
    ["zone-type", "1:6", "a 60 FOO b"],
    ["zone-type", "1:6", "a 60 ANY b"],
    ["zone-type", "1:6", "a 60 OPT \\# 0"],
    ["zone-type", "1:6", 'a 60 "A" 10.0.0.1'],
    ["zone-type", "1:9", "a IN 60 IN A 10.0.0.1"],
    ["zone-type", "1:6", "a 60 61 A 10.0.0.1"],
    ["zone-record", "1:8", "a 60 A 10.0.0.256"],
    ["zone-record", "2:4", "a 60 MX (10\n   b..c )"],
  ])("%s at %s: %j", (code, place, text) => {
    const { problems } = parseZoneFile(text, settingsFor());
    expect(problems.map(showProblem)).toEqual([`error ${code} example.org.zone:${place}`]);
    expect(problems[0]!.advice).not.toBe("");
  });

  test("each of them is told, so many at most", () => {
    const parsed = parseZoneFile("a 60 A 1\nb 60 A 10.0.0.1\nc 60 A 2", settingsFor());
    expect(parsed.problems.map(showProblem)).toEqual([
      "error zone-record example.org.zone:1:8",
      "error zone-record example.org.zone:3:8",
    ]);
    expect(parseZoneFile("a 60 A 1\n".repeat(1_000), settingsFor()).problems).toHaveLength(PROBLEMS_MAX + 1);
  });
});

describe("no text does harm", () => {
  const word = fc.oneof(
    fc.constantFrom("@", "a", "$TTL", "$ORIGIN", "$INCLUDE", "60", "IN", "A", "TXT", "SOA", "SVCB", "LOC", "\\#", "\\"),
    fc.constantFrom("(", ")", '"', ";", "\n", "\r\n", "\t", " ", "=", "alpn=", "mandatory=", "\\0", "\u0000", "\ufeff"),
    fc.string({ unit: "binary", maxLength: 8 }),
  );

  test("whatever it holds", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), fc.constantFrom("", " "), (words, between) => {
        const text = words.join(between);
        const { zone, problems } = readZone(text, settingsFor({ a: text }));
        expect(zone === undefined).toBe(problems.some(({ severity }) => severity === "error"));
        parseHostsFile(text, { path: "hosts" });
      }),
      // A name that every object has a property of.
      { numRuns: 2_000, examples: [[["$INCLUDE", "toString"], " "]] },
    );
  });

  const SIZE = 1_000_000;
  const repeat = (piece: string): string => piece.repeat(Math.ceil(SIZE / piece.length)).slice(0, SIZE);
  const number = (make: (i: number) => string): string => {
    let text = "";
    for (let i = 0; text.length < SIZE; i++) text += make(i);
    return text;
  };
  const zone = "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n";

  const hostile: readonly [title: string, text: string][] = [
    ["addresses", zone + number((i) => `h${i} A 10.0.0.1\n`)],
    ["one set of addresses", zone + number((i) => `www A 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}\n`)],
    ["name servers without an address", zone + number((i) => `sub NS h${i}.sub\n`)],
    ["deep names", zone + number((i) => `x${i}.${"a.".repeat(110)} A 10.0.0.1\n`)],
    ["equal records", zone + repeat("a A 10.0.0.1\n")],
    ["parentheses", repeat("(")],
    ["parentheses that close", repeat(")")],
    ["quotes", repeat('"')],
    ["quotes on lines", repeat('"\n')],
    ["backslashes", repeat("\\")],
    ["words", repeat("a ")],
    ["one word", repeat("a")],
    ["dots", repeat(".")],
    ["lines", repeat("\n")],
    ["texts", `a 60 TXT ${repeat("a ")}`],
    ["hexadecimal digits", `a 60 TYPE65280 \\# 9 ${repeat("0a ")}`],
    ["base64", `a 60 OPENPGPKEY ${repeat("A")}`],
    ["types", `a 60 NSEC a ${repeat("A ")}`],
    ["parameters", `a 60 SVCB 1 . ${number((i) => `key${i}=1 `)}`],
    ["items", `a 60 SVCB 1 . alpn=${repeat("a,")}`],
    ["units of time", `a ${repeat("1h")}`],
    ["includes", repeat("$INCLUDE a\n")],
    ["lines of hosts", number((i) => `10.0.0.1 h${i}.x\r\n`)],
    ["names of one host", `10.0.0.1 ${repeat("a ")}`],
    ["a long name of a host", `10.0.0.1 ${repeat("a-")}`],
  ];
  // 10 kB are enough to see that nothing is thrown; what they take of the time is for a quiet machine to tell.
  test.each(hostile)("%s never throw", (_title, text) => {
    const head = text.slice(0, 10_000);
    expect(() => readZone(head, settingsFor({ a: "" }))).not.toThrow();
    expect(() => parseHostsFile(head, { path: "hosts" })).not.toThrow();
  });

  if (isTimed) {
    test.each(hostile)("1 MB of %s takes linear time, and less than a second", (_title, text) => {
      const asZone = (size: number): unknown => readZone(text.slice(0, size), settingsFor({ a: "" }));
      const asHosts = (size: number): unknown => parseHostsFile(text.slice(0, size), { path: "hosts" });
      for (const parse of [asZone, asHosts]) expectMsBelow(expectLinear(parse, text.length), 1_000);
    });
  }
});
