import fc from "fast-check";
import { expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { canonicalKey, sortRecords } from "../../src/records/canonical-order.ts";
import { formatRecord } from "../../src/records/format-zone.ts";
import { smallZone } from "../support/core/static-zone.ts";
import { wire } from "../support/core/table.ts";

test("names are in the order of RFC 4034 6.1, in any letter case", () => {
  const names = [
    "example.",
    "a.example.",
    "yljkjljk.a.example.",
    "Z.a.example.",
    "zABC.a.EXAMPLE.",
    "z.example.",
    "\\001.z.example.",
    "*.z.example.",
    "\\200.z.example.",
    "x.b.z.",
    "b\\000.z.",
  ];
  const sorted = names
    .map((name) => ({ name, key: canonicalKey(wire(name)) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  expect(sorted.map(({ name }) => name)).toEqual(names);
});

test("a name sorts before those below it, whatever their bytes", () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 3 }), label, (labels, more) => {
      const name = Uint8Array.from([...labels.flatMap((each) => [each.length, ...each]), 0]);
      expect(canonicalKey(name) < canonicalKey(Uint8Array.from([more.length, ...more, ...name]))).toBe(true);
    }),
  );
});

test("records are in the order of their types and data, the SOA first", () => {
  const { records } = smallZone("z.example", "@ MX 20 b", "@ MX 10 a", "@ A 10.0.0.2", "@ A 10.0.0.1", "a AAAA ::1");
  const lines = sortRecords(records.toReversed()).map(formatRecord);
  expect(lines.map((line) => line.replaceAll("z.example.", "z."))).toEqual([
    "z. 60 IN SOA ns.z. admin.z. 1 2 3 4 10",
    "z. 60 IN A 10.0.0.1",
    "z. 60 IN A 10.0.0.2",
    "z. 60 IN NS ns.elsewhere.example.",
    "z. 60 IN MX 10 a.z.",
    "z. 60 IN MX 20 b.z.",
    "a.z. 60 IN AAAA ::1",
  ]);
  expect(formatName(records[0]!.owner)).toBe("z.example.");
});
