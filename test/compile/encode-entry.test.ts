import { describe, expect, test } from "vitest";
import { encodeEntry } from "../../src/compile/encode-entry.ts";
import type { AnswerRRset } from "../../src/compile/owner-records.ts";
import { RECORDS_PER_SET_MAX } from "../../src/table/layout.ts";
import { newTable, entryLines, records, wire } from "../support/core/table.ts";

const PLACE = { apexSize: 3, zone: 0, kind: 0 };
const linesOf = (name: string, sets: readonly AnswerRRset[]): readonly string[] =>
  entryLines(wire(name), encodeEntry({ name: wire(name), sets }, PLACE));

describe("encodeEntry", () => {
  test.each<[what: string, sets: readonly AnswerRRset[], lines: readonly string[]]>([
    ["no sets", [], []],
    [
      "addresses",
      [records("A", ["10.0.0.1", "10.0.0.2"]), records("AAAA", ["fd00::1"])],
      ["answer a.z. 30 A 10.0.0.1", "answer a.z. 30 A 10.0.0.2", "answer a.z. 30 AAAA fd00::1"],
    ],
    ["the largest TTL", [records("TXT", ["x"], {}, 0x7fff_ffff)], ['answer a.z. 2147483647 TXT "x"']],
    ["TTL 0", [records("TXT", ["x"], {}, 0)], ['answer a.z. 0 TXT "x"']],
    [
      "a name beside NS",
      [records("NS", ["ns.z."], { 0: ["10.0.0.53"] }, 7)],
      ["additional ns.z. 7 A 10.0.0.53", "answer a.z. 7 NS ns.z."],
    ],
    [
      "targets beside SRV",
      [records("SRV", ["0 1 80 t.z.", "0 1 81 t.z.", "0 1 80 u.z."], { 0: ["10.0.0.1", "fd00::1"], 2: ["10.0.0.2"] })],
      [
        "additional t.z. 30 A 10.0.0.1",
        "additional t.z. 30 AAAA fd00::1",
        "additional u.z. 30 A 10.0.0.2",
        "answer a.z. 30 SRV 0 1 80 t.z.",
        "answer a.z. 30 SRV 0 1 80 u.z.",
        "answer a.z. 30 SRV 0 1 81 t.z.",
      ],
    ],
  ])("%s", (_, sets, lines) => {
    expect(linesOf("a.z.", sets)).toEqual(lines);
  });

  test("sets of addresses rotate, all others do not", () => {
    const sets = [
      records("A", ["10.0.0.1"]),
      records("AAAA", ["fd00::1"]),
      records("SRV", ["0 1 80 t.z."]),
      records("PTR", ["t.z."]),
    ];
    const { sets: encoded } = encodeEntry({ name: wire("a.z."), sets }, PLACE);
    expect(encoded.map(({ stride }) => stride)).toEqual([16, 28, 0, 0]);
    for (const { stride, answers, answerCount } of encoded)
      if (stride > 0) expect(answers).toHaveLength(stride * answerCount);
  });

  test("place and flags are passed on", () => {
    const place = { apexSize: 5, zone: 3, kind: 0 };
    expect(encodeEntry({ name: wire("a.z."), sets: [], flags: 4 }, place)).toEqual({ ...place, flags: 4, sets: [] });
    expect(encodeEntry({ name: wire("a.z."), sets: [] }, place).flags).toBe(0);
  });

  test("addresses of a target that no pointer reaches are left out", () => {
    const targets = Array.from({ length: 1000 }, (_, i) => `0 1 80 t${i}.z.`);
    const beside = Object.fromEntries(targets.map((_, i) => [i, ["10.0.0.1"]]));
    // The decoder refuses a pointer that leads anywhere else.
    const lines = linesOf("a.z.", [records("SRV", targets, beside)]);
    const additional = lines.filter((line) => line.startsWith("additional"));
    expect(lines.length - additional.length).toBe(1000);
    const last = Math.max(...additional.map((line) => Number(/ t(\d+)\./.exec(line)![1])));
    expect(additional).toHaveLength(last + 1);
    expect(last).toBeGreaterThan(16_383 / 40);
    expect(last).toBeLessThan(16_383 / 20);
  });

  test("more records than a set can hold are cut, and the table takes what is left", () => {
    const count = RECORDS_PER_SET_MAX + 10;
    const addresses = Array.from({ length: count }, (_, i) => Uint8Array.from([10, i >> 16, i >> 8, i]));
    const { writer } = newTable();
    const sets: readonly AnswerRRset[] = [
      { type: 1, ttlSeconds: 30, rdata: addresses },
      {
        ...records("SRV", ["0 1 80 t.z.", "0 1 80 u.z."]),
        additional: [
          { rdataIndex: 0, type: 1, rdata: addresses },
          { rdataIndex: 1, type: 1, rdata: addresses.slice(0, 5) },
        ],
      },
    ];
    const content = encodeEntry({ name: wire("a.z."), sets }, PLACE);
    expect(content.sets.map(({ answerCount }) => answerCount)).toEqual([RECORDS_PER_SET_MAX, 2]);
    expect(content.sets[1]!.additionalCount).toBeLessThanOrEqual(RECORDS_PER_SET_MAX);
    expect(writer.put(wire("a.z."), content)).toBe(true);
  });
});
