import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ZonesOnly } from "../support/core/zones-only.ts";
import { ask, askBytes, shown } from "../support/core/ask.ts";
import { fillNames, serveZone } from "../support/core/sample-zone.ts";
import { newTable, records } from "../support/core/table.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

describe("SOA compression", () => {
  test("RNAME ends in a pointer into MNAME where they share an end", () => {
    // Header, question, record head, ns.z. whole, one label and a pointer, five numbers.
    const { answerer } = serveZone(() => undefined);
    expect(askBytes(answerer, writeQuery({ name: "x.z.", type: "A" }))).toHaveLength(12 + 9 + 12 + 6 + 13 + 20);
  });

  test.each([
    ["ns.dns.z.", "hostmaster.z."],
    ["z.", "z."],
    ["ns.z.", "admin.example.com."],
    ["s.z.", "hostmaster.ns.z."],
    ["ns.z.", "ns.z."],
    ["a.", "."],
  ])("MNAME %s, RNAME %s", (mname, rname) => {
    const table = newTable(mname, rname);
    table.put("z.");
    table.put("alias.z.", [records("CNAME", ["none.z."])]);
    table.writer.setZonesKnown(true);
    table.writer.setSerial(0, 0xfedc_ba98);
    const answerer = new ZonesOnly(table.reader, { ednsSize: 1232, recursion: false }, 1);
    for (const name of ["z.", "x.z.", "alias.z."]) {
      const { authority } = ask(answerer, { name, type: "A" });
      expect(authority.map(({ rdata }) => rdata)).toEqual([`${mname} ${rname} 4275878552 7200 1800 86400 5`]);
    }
  });
});

describe("rotation", () => {
  const addresses = Array.from({ length: 5 }, (_, i) => `10.0.0.${i}`);
  const six = Array.from({ length: 5 }, (_, i) => `fd00::${i}`);
  const rotated = serveZone(({ put }) => put("a.z.", [records("A", addresses), records("AAAA", six)]));
  const startOf = (answerer: ZonesOnly, type: string): number => {
    const texts = ask(answerer, { name: "a.z.", type }).answer.map(({ rdata }) => rdata);
    const all = type === "A" ? addresses : six;
    const start = all.findIndex((text) => canonical(text) === texts[0]);
    expect(texts).toEqual([...all.slice(start), ...all.slice(0, start)].map(canonical));
    return start;
  };
  const canonical = (text: string): string => text.replace(/::0$/, "::");

  test("every record comes first in turn, in sets asked alone or in pairs", () => {
    for (const types of [["A"], ["A", "AAAA"]]) {
      const counts = new Map<string, number>();
      for (let i = 0; i < 1000; i++) {
        for (const type of types) {
          const key = `${type} ${startOf(rotated.answerer, type)}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
      expect(counts.size).toBe(5 * types.length);
      for (const count of counts.values()) expect(count).toBeGreaterThan(100);
    }
  });

  test("two answerers do not go in step", () => {
    const starts = [1, 2, 3].map((seed) => {
      const answerer = new ZonesOnly(rotated.table.reader, { ednsSize: 1232, recursion: false }, seed * 0x1234_5679);
      return Array.from({ length: 20 }, () => startOf(answerer, "A")).join("");
    });
    expect(new Set(starts).size).toBe(3);
  });

  test("SRV records and their addresses keep their order, so that each finds the other", () => {
    const { answerer } = serveZone(fillNames);
    const seen = new Set(Array.from({ length: 30 }, () => shown(ask(answerer, { name: "s.z.", type: "SRV" })).join()));
    expect(seen.size).toBe(1);
  });
});

describe("answers that do not fit", () => {
  const SIZES = Array.from({ length: 1232 - 512 + 1 }, (_, i) => 512 + i);
  const texts = Array.from({ length: 60 }, (_, i) => "t".repeat(1 + ((i * 37) % 90)));
  const many = Array.from({ length: 120 }, (_, i) => `10.1.0.${i}`);
  const { answerer } = serveZone(({ put }) => {
    put("a.z.", [records("A", many)]);
    put("t.z.", [records("TXT", texts)]);
    put("alias.z.", [records("CNAME", ["a.z."])]);
    put("alias-of-s.z.", [records("CNAME", ["s.z."])]);
    put("s.z.", [
      records("SRV", ["0 1 80 a.z.", "0 1 80 b.z.", "0 1 80 c.z."], {
        0: [...many.slice(0, 9), "fd00::1"],
        1: [...many.slice(9, 40), "fd00::2", "fd00::3"],
        2: [...many.slice(40, 46), ...many.slice(0, 4).map((_, i) => `fd00::${i + 4}`)],
      }),
    ]);
  });

  test.each([
    ["a.z.", "A", 120, 16],
    ["t.z.", "TXT", 60, 12 + 91],
    ["alias.z.", "A", 121, 16],
  ])("%s %s: as many whole records as fit, at every size", (name, type, total, recordMax) => {
    for (const size of SIZES) {
      const bytes = askBytes(answerer, writeQuery({ name, type, opt: { size } }))!;
      const { answer, flags, opt } = readMessage(bytes);
      expect([flags.tc, opt !== undefined, bytes.length <= size], `${size}`).toEqual([
        answer.length < total,
        true,
        true,
      ]);
      if (flags.tc) expect(bytes.length + recordMax, `${size}`).toBeGreaterThan(size);
      const distinct = new Set(answer.map(({ rdata }) => rdata));
      if (type === "A") expect(distinct.size).toBe(answer.length);
      if (type === "TXT")
        expect(answer.map(({ rdata }) => rdata)).toEqual(texts.slice(0, answer.length).map((text) => `"${text}"`));
    }
  });

  test("a cut answer rotates as well", () => {
    const firsts = Array.from({ length: 200 }, () => ask(answerer, { name: "a.z.", type: "A" }).answer[0]!.rdata);
    expect(new Set(firsts).size).toBeGreaterThan(60);
  });

  test.each([
    ["s.z.", 3],
    ["alias-of-s.z.", 4],
  ])("%s: additional sets go in whole or not at all, and leave TC alone", (name, answers) => {
    const wholes = new Map<string, number>();
    for (const { owner, type } of ask(answerer, { name, type: "SRV" }, "tcp").additional) {
      wholes.set(`${owner} ${type}`, (wholes.get(`${owner} ${type}`) ?? 0) + 1);
    }
    expect([...wholes.values()]).toEqual([9, 1, 31, 2, 6, 4]);
    const seen = new Set<number>();
    for (const size of SIZES) {
      const bytes = askBytes(answerer, writeQuery({ name, type: "SRV", opt: { size } }))!;
      const { answer, additional, flags } = readMessage(bytes);
      expect([answer.length, flags.tc, bytes.length <= size]).toEqual([answers, false, true]);
      const counts = Map.groupBy(additional, ({ owner, type }) => `${owner} ${type}`);
      for (const [set, count] of wholes) {
        const there = counts.get(set)?.length ?? 0;
        expect([0, count], `${set} at ${size}`).toContain(there);
        const setSize = count * (12 + (set.endsWith("AAAA") ? 16 : 4));
        if (there === 0) expect(setSize, `${set} at ${size}`).toBeGreaterThan(size - bytes.length);
      }
      seen.add(additional.length);
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  test.each<[what: string, opt: Query["opt"], size: number]>([
    ["no OPT", undefined, 512],
    ["a size below 512", { size: 100 }, 512],
    ["512", { size: 512 }, 512],
    ["1000", { size: 1000 }, 1000],
    ["1232", { size: 1232 }, 1232],
    ["more than we send", { size: 65_535 }, 1232],
  ])("the limit with %s", (_, opt, size) => {
    const bytes = askBytes(answerer, writeQuery({ name: "a.z.", type: "A", ...(opt && { opt }) }))!;
    expect(bytes.length).toBeLessThanOrEqual(size);
    expect(bytes.length).toBeGreaterThan(size - 16);
  });

  test("over a stream nothing is cut below 65,535 bytes, whatever the OPT says", () => {
    const { answerer: large } = serveZone(({ put }) => {
      put("fits.z.", [
        records(
          "A",
          Array.from({ length: 4000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`),
        ),
      ]);
      put("cut.z.", [
        records(
          "A",
          Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`),
        ),
      ]);
    });
    for (const opt of [undefined, { size: 512 }]) {
      const whole = ask(large, { name: "fits.z.", type: "A", ...(opt && { opt }) }, "tcp");
      expect([whole.answer.length, whole.flags.tc]).toEqual([4000, false]);
      const bytes = askBytes(large, writeQuery({ name: "cut.z.", type: "A", ...(opt && { opt }) }), "tcp")!;
      const cut = readMessage(bytes);
      expect(cut.flags.tc).toBe(true);
      expect(cut.answer).toHaveLength(Math.floor((65_535 - 12 - 11 - (opt ? 11 : 0)) / 16));
    }
  });

  test("behind an alias, addresses go in as far as pointers reach their names", () => {
    // Around 630 records the last name lies where a pointer reaches it, but not any more behind the alias.
    const counts = [10, 500, ...Array.from({ length: 16 }, (_, i) => 622 + i), 900];
    const { answerer: far } = serveZone(({ put }) => {
      for (const count of counts) {
        const targets = Array.from({ length: count }, (_, i) => `0 1 80 t${i}.z.`);
        put(`s${count}.z.`, [records("SRV", targets, { 0: ["10.0.0.1"], [count - 1]: ["10.0.0.2"] })]);
        put(`alias${count}.z.`, [records("CNAME", [`s${count}.z.`])]);
      }
    });
    for (const count of counts) {
      const { answer, additional } = ask(far, { name: `alias${count}.z.`, type: "SRV" }, "tcp");
      expect(answer).toHaveLength(count + 1);
      // The decoder follows every pointer; each that is there leads to the right name.
      const expected = [`t0.z. 10.0.0.1`, `t${count - 1}.z. 10.0.0.2`];
      const texts = additional.map(({ owner, rdata }) => `${owner} ${rdata}`);
      expect(expected.filter((text) => texts.includes(text))).toEqual(texts);
      if (count <= 500) expect(texts).toEqual(expected);
    }
  });

  test("chains of long names are cut between records", () => {
    const long = (i: number): string => `${`${String.fromCharCode(97 + i).repeat(63)}.`.repeat(3)}${"x".repeat(59)}.z.`;
    const { answerer: chained } = serveZone(({ put }) => {
      for (let i = 0; i < 9; i++) put(long(i), [records("CNAME", [long(i + 1)])]);
      put("start.z.", [records("CNAME", [long(0)])]);
    });
    for (const size of SIZES) {
      for (const name of ["start.z.", long(0), long(5)]) {
        const bytes = askBytes(chained, writeQuery({ name, type: "A", opt: { size } }))!;
        const message = readMessage(bytes);
        expect(bytes.length).toBeLessThanOrEqual(size);
        expect(message.answer.every(({ type }) => type === "CNAME")).toBe(true);
        expect(message.flags.tc || message.authority.length === 1, `${name} at ${size}`).toBe(true);
      }
    }
    const whole = ask(chained, { name: "start.z.", type: "A" }, "tcp");
    expect([whole.rcode, whole.answer.length, whole.authority.length]).toEqual(["NXDOMAIN", 10, 1]);
  });

  test("any set at any size is read to its last byte, with counts that are true", () => {
    const sets = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sets, fc.integer({ min: 0, max: 1400 }), fc.boolean(), (sizes, size, plain) => {
        const served = serveZone(({ put }) =>
          put("t.z.", [
            records(
              "TXT",
              sizes.map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length)),
            ),
          ]),
        );
        const bytes = askBytes(
          served.answerer,
          writeQuery({ name: "t.z.", type: "TXT", ...(!plain && { opt: { size } }) }),
        )!;
        const { answer, flags } = readMessage(bytes);
        const limit = plain ? 512 : Math.min(1232, Math.max(512, size));
        let fitting = 0;
        for (let used = 12 + 9 + (plain ? 0 : 11); fitting < sizes.length; fitting++) {
          used += 13 + sizes[fitting]!;
          if (used > limit) break;
        }
        expect([answer.length, flags.tc]).toEqual([fitting, fitting < sizes.length]);
      }),
      { numRuns: 200 },
    );
  });
});
