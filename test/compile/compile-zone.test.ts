import { describe, expect, test } from "vitest";
import { compileZone, readSoa } from "../../src/compile/compile-zone.ts";
import { formatName, nameKey } from "../../src/dns/name.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { smallZone, zoneOf } from "../support/core/static-zone.ts";
import { entryLines, wire } from "../support/core/table.ts";

const FLAGS = Object.entries(ENTRY_FLAG);

/** The entries of a zone `z.` without those of its apex: flags and records by name. */
function compiled(lines: readonly string[], inner: readonly string[] = []): Record<string, readonly string[]> {
  const entries = compileZone(smallZone("z", ...lines), 7, new Set(inner.map((name) => nameKey(wire(name)))));
  for (const { content } of entries.values()) expect(content).toMatchObject({ apexSize: 3, zone: 7 });
  const shown = [...entries.values()].map(({ name, content }) => {
    const flags = FLAGS.filter(([, bit]) => (content.flags & bit) !== 0).map(([flag]) => flag);
    return [formatName(name).replaceAll("\\*", "*"), [...flags, ...entryLines(name, content)]] as const;
  });
  return Object.fromEntries(shown.filter(([name]) => name !== "z."));
}

describe("compileZone", () => {
  test.each<[what: string, lines: readonly string[], entries: Record<string, readonly string[]>]>([
    ["an apex alone", [], {}],
    [
      "names in any case, each set with its TTL",
      ["WwW A 192.0.2.1", 'www 5 TXT "Text"'],
      { "www.z.": ["answer www.z. 60 A 192.0.2.1", 'answer www.z. 5 TXT "Text"'] },
    ],
    [
      "names that are looked up in lower case, others as written",
      ["a CNAME B.Z.", "d DNAME E.Z.", "p PTR B.Z.", "x.d2 NS Ns.Other."],
      {
        "a.z.": ["answer a.z. 60 CNAME b.z."],
        "d.z.": ["REDIRECTS", `answer d.z. 60 TYPE39 \\# 5 ${Buffer.from(wire("e.z.")).toString("hex")}`],
        "p.z.": ["answer p.z. 60 PTR B.Z."],
        "x.d2.z.": ["CUT", "answer x.d2.z. 60 NS Ns.Other."],
      },
    ],
    [
      "addresses of targets that the zone has, each once, with their own TTL",
      ["m MX 1 Mx", "m MX 2 mx", "m MX 3 mx.other.", "s SRV 0 0 1 mx", "mx 9 A 192.0.2.1", "mx 8 AAAA 2001:db8::1"],
      {
        "m.z.": [
          "additional Mx.z. 8 AAAA 2001:db8::1",
          "additional Mx.z. 9 A 192.0.2.1",
          "answer m.z. 60 MX 1 Mx.z.",
          "answer m.z. 60 MX 2 mx.z.",
          "answer m.z. 60 MX 3 mx.other.",
        ],
        "mx.z.": ["answer mx.z. 8 AAAA 2001:db8::1", "answer mx.z. 9 A 192.0.2.1"],
        "s.z.": [
          "additional mx.z. 8 AAAA 2001:db8::1",
          "additional mx.z. 9 A 192.0.2.1",
          "answer s.z. 60 SRV 0 0 1 mx.z.",
        ],
      },
    ],
    [
      "a cut: NS and DS, addresses from below it, and nothing else at or below",
      ["c NS ns.c", "c DS 1 8 2 00", "c A 192.0.2.1", "ns.c A 192.0.2.2", "d.c NS ns.d.c", "ns.d.c A 192.0.2.3"],
      {
        "c.z.": [
          "CUT",
          "additional ns.c.z. 60 A 192.0.2.2",
          "answer c.z. 60 DS \\# 5 0001080200",
          "answer c.z. 60 NS ns.c.z.",
        ],
      },
    ],
    [
      "wildcards, and the names above them",
      ['*.w TXT "x"', "w A 192.0.2.1", '*.e TXT "x"', 'a.*.f TXT "x"', "b* A 192.0.2.2"],
      {
        "*.w.z.": ['answer *.w.z. 60 TXT "x"'],
        "w.z.": ["WILDCARD", "answer w.z. 60 A 192.0.2.1"],
        "*.e.z.": ['answer *.e.z. 60 TXT "x"'],
        "e.z.": ["WILDCARD"],
        "a.*.f.z.": ['answer a.*.f.z. 60 TXT "x"'],
        "*.f.z.": [],
        "f.z.": ["WILDCARD"],
        "b*.z.": ["answer b*.z. 60 A 192.0.2.2"],
      },
    ],
    ["a wildcard below a cut", ["c NS x.", "*.c A 192.0.2.1"], { "c.z.": ["CUT", "answer c.z. 60 NS x."] }],
  ])("%s", (_, lines, entries) => {
    expect(compiled(lines)).toEqual(
      Object.fromEntries(Object.entries(entries).map(([name, shown]) => [name, sorted(shown)])),
    );
  });

  test("names of zones inside are not the zone's, nor are their addresses", () => {
    const lines = ["i.a NS ns.i.a", "ns.i.a A 192.0.2.1", 'a TXT "x"', "m MX 1 ns.i.a", "xi.a A 192.0.2.2"];
    expect(Object.keys(compiled(lines, ["i.a.z."])).toSorted()).toEqual(["a.z.", "m.z.", "xi.a.z."]);
    expect(compiled(lines, ["i.a.z."])["m.z."]).toEqual(["answer m.z. 60 MX 1 ns.i.a.z."]);
  });

  test("the SOA is the table's affair, and a CNAME is the last resort", () => {
    const zone = zoneOf("z", "$TTL 60\n@ SOA ns a 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nc CNAME ns\nc NSEC d.z. A\n");
    const entries = compileZone(zone, 1, new Set());
    const types = (name: string): number[] => entries.get(nameKey(wire(name)))!.content.sets.map(({ type }) => type);
    expect(types("z.")).toEqual([2]);
    expect(types("c.z.")).toEqual([47, 5]);
  });

  test("the zone of the root", () => {
    const zone = zoneOf(
      ".",
      '$TTL 60\n@ SOA ns. a. 1 2 3 4 5\n@ NS ns.\nns. A 192.0.2.1\n*. TXT "x"\ncom. NS ns.com.\n',
    );
    const entries = [...compileZone(zone, 1, new Set()).values()];
    expect(entries.map(({ name, content }) => [formatName(name), content.flags, content.apexSize])).toEqual([
      [".", ENTRY_FLAG.WILDCARD, 1],
      ["ns.", 0, 1],
      ["\\*.", 0, 1],
      ["com.", ENTRY_FLAG.CUT, 1],
    ]);
  });
});

/** Flags first, as they come; then the records in order. */
function sorted(shown: readonly string[]): readonly string[] {
  const records = shown.filter((line) => line.includes(" "));
  return [...shown.filter((line) => !line.includes(" ")), ...records.toSorted()];
}

test.each([
  [3600, 300, 300],
  [60, 300, 60],
])("an SOA with TTL %i and minimum %i: negative answers have %i", (ttl, minimum, negative) => {
  const zone = zoneOf("z", `@ ${ttl} SOA Ns admin 4294967295 1 2 3 ${minimum}\n@ 1 NS ns.other.\n`);
  expect(readSoa(zone)).toEqual({
    serial: 0xffff_ffff,
    record: {
      ttlSeconds: ttl,
      negativeTtlSeconds: negative,
      mname: wire("Ns.z."),
      rname: wire("admin.z."),
      refreshSeconds: 1,
      retrySeconds: 2,
      expireSeconds: 3,
      minimumSeconds: minimum,
    },
  });
});
