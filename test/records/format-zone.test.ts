import { describe, expect, test } from "vitest";
import { dumpedFiles, formatZone, formatZones, isDumped } from "../../src/records/format-zone.ts";
import type { ListedZone } from "../../src/records/listed-record.ts";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { smallZone } from "../support/core/static-zone.ts";
import { wire } from "../support/core/table.ts";

function listed(apex: string, ...lines: readonly string[]): ListedZone {
  const { records } = smallZone(apex, ...lines);
  return {
    apex: wire(apex),
    origin: "file",
    records,
    notes: ["without records: x"],
    ofCluster: [],
    empty: [],
    isBare: false,
  };
}

const HOST = { owner: wire("nas.lan."), type: 1, ttl: 30, rdata: Uint8Array.of(192, 0, 2, 7) };
const ZONE = `; zone a.example.: a zone file, by cluster-dns dump
$ORIGIN a.example.
a.example. 60 IN SOA ns.a.example. admin.a.example. 1 2 3 4 10
a.example. 60 IN NS ns.elsewhere.example.
*.w.a.example. 60 IN TXT "a \\"b\\"" "c\\009"
odd\\.name.a.example. 60 IN TYPE65280 \\# 2 abcd
; without records: x
`;

describe("zones as text", () => {
  const zone = listed("a.example", '*.w TXT "a \\"b\\"" c\\009', "odd\\.name TYPE65280 \\# 2 abcd");

  test("have a record a line, with full names", () => {
    expect(formatZone(zone)).toBe(ZONE);
  });

  test("are read as the same records, whatever the name of the file", () => {
    const include = (): never => {
      throw new Error("nothing is included");
    };
    const read = readZone(ZONE, { path: "file", origin: "other.example", include });
    expect(read.problems).toEqual([]);
    const data = (records: ListedZone["records"]): readonly unknown[] =>
      records.map(({ owner, ttl, type, rdata }) => [wireText(owner), ttl, type, wireText(rdata)]);
    expect(data(read.zone!.records)).toEqual(data(zone.records));
  });

  test("follow each other, the records of hosts files last", () => {
    expect(formatZones({ zones: [zone, zone], hosts: [HOST] })).toBe(
      `${ZONE}\n${ZONE}\n; hosts files, by cluster-dns dump\nnas.lan. 30 IN A 192.0.2.7\n`,
    );
  });
});

test("a file has the name of its zone, without letters that paths lack", () => {
  const files = dumpedFiles({ zones: [listed("0/26.2.0.192.in-addr.arpa"), listed(".")], hosts: [HOST] });
  expect(files.map(({ name }) => name)).toEqual(["0__26.2.0.192.in-addr.arpa.zone", "root.zone", "hosts"]);
  expect(files.at(-1)!.text).toBe("# hosts files, by cluster-dns dump\n192.0.2.7 nas.lan\n");
  expect(files.map(({ text }) => isDumped(text))).toEqual([true, true, true]);
  expect(isDumped("; zone a.example.: mine\n; , by cluster-dns dump\n")).toBe(false);
});

function wireText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
