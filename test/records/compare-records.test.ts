import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { formatRecord } from "../../src/records/format-zone.ts";
import { compareRecords } from "../../src/records/compare-records.ts";
import type { RecordChanges, RecordSide } from "../../src/records/compare-records.ts";
import { zoneOf } from "../support/core/static-zone.ts";

/** Records by lines of a zone file at the root. */
function side(lines: readonly string[], assigned: Readonly<Record<string, string>> = {}): RecordSide {
  const head = "$TTL 30\n. SOA . . 1 2 3 4 5\n. NS ns.\n";
  const { records } = zoneOf(".", `${head}${lines.join("\n")}\n`);
  return { records: records.slice(2), assigned: new Map(Object.entries(assigned)) };
}

const shown = ({ names }: RecordChanges): readonly string[] =>
  names.flatMap(({ name, change, minus, plus }) => [
    `${change} ${formatName(name)}`,
    ...minus.map((record) => `- ${formatRecord(record)}`),
    ...plus.map((record) => `+ ${formatRecord(record)}`),
  ]);

test("names that come, go and change, in canonical order, reverse names last", () => {
  const a = side(["a.z. A 10.0.0.1", "b.z. A 10.0.0.2", "b.z. A 10.0.0.3", "c.z. A 10.0.0.4", "same.z. TXT x"]);
  const b = side([
    "b.z. A 10.0.0.2",
    "C.Z. 60 A 10.0.0.4",
    "1.0.0.10.in-addr.arpa. PTR d.z.",
    "d.z. A 10.0.0.1",
    "same.z. TXT x",
  ]);
  expect(shown(compareRecords(a, b))).toEqual([
    "removed a.z.",
    "- a.z. 30 IN A 10.0.0.1",
    "changed b.z.",
    "- b.z. 30 IN A 10.0.0.3",
    "changed C.Z.",
    "- c.z. 30 IN A 10.0.0.4",
    "+ C.Z. 60 IN A 10.0.0.4",
    "added d.z.",
    "+ d.z. 30 IN A 10.0.0.1",
    "added 1.0.0.10.in-addr.arpa.",
    "+ 1.0.0.10.in-addr.arpa. 30 IN PTR d.z.",
  ]);
});

test("letter case is no difference", () => {
  expect(compareRecords(side(["a.z. CNAME b.z."]), side(["A.z. CNAME B.z."])).names).toEqual([]);
});

describe("assigned addresses", () => {
  const recordsOf = (ip: string, last: number): readonly string[] => [
    `web.z. A ${ip}`,
    `${ip.replaceAll(".", "-")}.db.z. A ${ip}`,
    `db.z. SRV 0 50 80 ${ip.replaceAll(".", "-")}.db.z.`,
    `${last}.0.0.10.in-addr.arpa. PTR ${ip.replaceAll(".", "-")}.db.z.`,
  ];
  const a = recordsOf("10.0.0.1", 1);
  const b = recordsOf("10.0.0.2", 2);

  test("that are others are told once for their object", () => {
    const changes = compareRecords(side(a, { "10.0.0.1": "pod z/db" }), side(b, { "10.0.0.2": "pod z/db" }));
    expect(changes.names).toEqual([]);
    expect(changes.moved).toEqual([{ object: "pod z/db", from: "10.0.0.1", to: "10.0.0.2" }]);
    expect(changes.movedRecords.minus).toHaveLength(4);
    expect(changes.movedRecords.plus).toHaveLength(4);
  });

  test.each<[what: string, before: RecordSide, after: RecordSide]>([
    ["of two objects", side(a, { "10.0.0.1": "pod z/a" }), side(b, { "10.0.0.2": "pod z/b" })],
    ["that one side gives", side(a, { "10.0.0.1": "pod z/a" }), side(b)],
    ["that both sides give", side(a), side(b)],
  ])("%s are changes of names", (_, before, after) => {
    const { names, moved } = compareRecords(before, after);
    expect(moved).toEqual([]);
    expect(names).toHaveLength(6);
  });

  test("that are the same are no difference to those that are given", () => {
    expect(compareRecords(side(a, { "10.0.0.1": "pod z/db" }), side(a)).names).toEqual([]);
  });

  test("of a name that comes are a change", () => {
    const { names } = compareRecords(side([]), side(["web.z. A 10.0.0.1"], { "10.0.0.1": "service z/web" }));
    expect(names.map(({ change }) => change)).toEqual(["added"]);
  });

  test("of both families move each by itself", () => {
    const before = side(["w.z. A 10.0.0.1", "w.z. AAAA fd00::1"], {
      "10.0.0.1": "service z/w",
      "fd00::1": "service z/w",
    });
    const after = side(["w.z. A 10.0.0.2", "w.z. AAAA fd00::1"], {
      "10.0.0.2": "service z/w",
      "fd00::1": "service z/w",
    });
    expect(compareRecords(before, after).moved).toEqual([{ object: "service z/w", from: "10.0.0.1", to: "10.0.0.2" }]);
  });
});

const line = fc
  .tuple(
    fc.constantFrom("a.z.", "b.z.", "1.0.0.10.in-addr.arpa."),
    fc.constantFrom("A 10.0.0.1", "A 10.0.0.2", "TXT x", "60 MX 1 a.z.", "60 MX 2 a.z."),
  )
  .map((words) => words.join(" "));
const sides = fc
  .tuple(
    fc.uniqueArray(line),
    fc.dictionary(fc.constantFrom("10.0.0.1", "10.0.0.2"), fc.constantFrom("pod z/a", "pod z/b")),
  )
  .map(([lines, assigned]) => side(lines, assigned));

test("nothing differs from itself; the differences turn one list into the other", () => {
  fc.assert(
    fc.property(sides, sides, (a, b) => {
      const same = compareRecords(a, a);
      expect([same.names, same.moved, same.movedRecords.minus]).toEqual([[], [], []]);
      const { names, movedRecords } = compareRecords(a, b);
      const all = [...names, movedRecords];
      const records = new Set(a.records.map(formatRecord));
      for (const record of all.flatMap(({ minus }) => minus)) expect(records.delete(formatRecord(record))).toBe(true);
      for (const record of all.flatMap(({ plus }) => plus)) records.add(formatRecord(record));
      expect([...records].toSorted()).toEqual(b.records.map(formatRecord).toSorted());
    }),
  );
});
