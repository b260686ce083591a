import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENTRY, ENTRY_FLAG, HEADER, SLOTS_START } from "../../src/table/layout.ts";
import { TableReader } from "../../src/table/reader.ts";
import { TableWriter } from "../../src/table/writer.ts";
import { AssertionError } from "../../src/std/assert.ts";
import { newTable, records, wire } from "../support/core/table.ts";

/** The name of an entry, as hexadecimal; undefined for none. */
function nameOf(reader: TableReader, entry: number): string | undefined {
  const at = (entry + ENTRY.NAME) * 4;
  const size = reader.words[entry + ENTRY.META]! & 0xff;
  return entry === 0 ? undefined : Buffer.from(reader.bytes.slice(at, at + size)).toString("hex");
}

const hex = (name: string): string => Buffer.from(wire(name)).toString("hex");

describe("TableReader", () => {
  test.each([
    ["a.b.z.", "a.b.z."],
    ["b.z.", "b.z."],
    ["z.", "z."],
    ["b.a.z.", undefined],
    [".", undefined],
    // Bytes are compared: folding is the question reader's part.
    ["A.b.z.", undefined],
  ])("find of %s", (name, found) => {
    const { put, reader } = newTable();
    put("z.");
    put("a.b.z.", [records("A", ["10.0.0.1"])]);
    expect(nameOf(reader, reader.find(wire(name), 0, wire(name).length))).toBe(found && hex(found));
  });

  test.each([
    ["x.a.b.z.", "a.b.z."],
    ["x.y.x.y.x.y.a.b.z.", "a.b.z."],
    ["x.b.z.", "b.z."],
    ["b.a.z.", "z."],
    ["z.", undefined],
    ["x.other.", undefined],
    ["q.w.e.r.t.y.", undefined],
    ["zz.", undefined],
    // A label that ends in a zone's name is no label of it.
    ["x\\001z.", undefined],
    [".", undefined],
  ])("the closest encloser of %s", (name, found) => {
    const { put, reader } = newTable();
    put("z.");
    put("a.b.z.");
    expect(nameOf(reader, reader.findEncloser(wire(name), 0, wire(name).length))).toBe(found && hex(found));
  });

  test("the root is an encloser like any other", () => {
    const { put, reader } = newTable();
    put(".", [], 0, ".");
    expect(nameOf(reader, reader.findEncloser(wire("a.b."), 0, wire("a.b.").length))).toBe("00");
  });

  test("find and findEncloser look at the given range alone", () => {
    const { put, reader } = newTable();
    put("z.");
    put("a.z.");
    const bytes = Uint8Array.from([1, 0x61, 0, ...wire("x.a.z."), 1, 0x61, 0]);
    const start = 3;
    const end = start + wire("x.a.z.").length;
    expect(reader.find(bytes, start, end)).toBe(0);
    expect(nameOf(reader, reader.findEncloser(bytes, start, end))).toBe(hex("a.z."));
    expect(nameOf(reader, reader.find(bytes, start + 2, end))).toBe(hex("a.z."));
  });

  test("finds what a set of names holds, and the longest name above what it does not", () => {
    const names = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 }).map((path) => [...path, "z."].join("."));
    fc.assert(
      fc.property(fc.array(names, { maxLength: 12 }), names, (held, asked) => {
        const { put, reader } = newTable();
        put("z.");
        for (const name of held) put(name);
        const above = (name: string): string[] => name.split(".").map((_, i, all) => all.slice(i).join("."));
        const there = new Set(["z.", ...held.flatMap(above)]);
        const bytes = wire(asked);
        const found = nameOf(reader, reader.find(bytes, 0, bytes.length));
        expect(found).toBe(there.has(asked) ? hex(asked) : undefined);
        const encloser = above(asked)
          .slice(1)
          .find((name) => name !== "" && there.has(name));
        expect(nameOf(reader, reader.findEncloser(bytes, 0, bytes.length))).toBe(encloser && hex(encloser));
      }),
      { numRuns: 200 },
    );
  });

  test.each<[name: string, put: string | undefined]>([
    ["a.b.z.", "a.b.z."],
    ["x.y.a.b.z.", "a.b.z."],
    ["b.z.", "z."],
    ["x.b.z.", "z."],
    ["deep.other.", "deep.other."],
    ["x.y.other.", undefined],
    ["other.", undefined],
    ["none.", undefined],
    [".", undefined],
  ])("%s lies in the zone of %s", (name, put) => {
    const table = newTable();
    for (const each of ["z.", "a.b.z.", "deep.other."]) table.put(each);
    const { reader } = table;
    const key = wire(name);
    const entry = reader.find(key, 0, key.length) || reader.findEncloser(key, 0, key.length);
    expect(nameOf(reader, entry === 0 ? 0 : reader.nearestOwner(entry, key, key.length))).toBe(put && hex(put));
    // With all zones known, none of which is ready, the name is not ready just where it lies in one.
    table.writer.setZonesKnown(true);
    table.writer.setZoneReady(0, false);
    expect(reader.isNameReady(key, 0, key.length)).toBe(put === undefined);
  });

  test("forwarded names lie outside the zones, but for local names below them", () => {
    const { put, reader, writer } = newTable();
    put("z.");
    put("b.z.", [], ENTRY_FLAG.FOREIGN);
    put("d.c.b.z.");
    writer.setZoneReady(0, false);
    const all = ["z.", "a.z.", "b.z.", "c.b.z.", "x.b.z.", "d.c.b.z.", "x.d.c.b.z."];
    const ready = (): string[] => all.filter((name) => reader.isNameReady(wire(name), 0, wire(name).length));
    expect(ready()).toEqual([]);
    writer.setZonesKnown(true);
    expect(ready()).toEqual(["b.z.", "c.b.z.", "x.b.z."]);
    writer.setZonesKnown(false);
    writer.setZoneReady(0, true);
    expect(ready()).toEqual(["z.", "a.z.", "d.c.b.z.", "x.d.c.b.z."]);
  });

  test("sees serials and names as they change", () => {
    const { writer, reader, put } = newTable();
    expect(reader.serial(0)).toBe(7);
    writer.setSerial(0, 8);
    put("a.b.z.");
    expect([reader.serial(0), reader.find(wire("a.b.z."), 0, wire("a.b.z.").length) > 0]).toEqual([8, true]);
  });

  test("all is ready when every zone is, and all zones are known; saying a thing twice changes nothing", () => {
    const { writer, reader } = newTable();
    const steps: readonly [step: () => void, isReady: boolean][] = [
      [() => undefined, false],
      [() => writer.setZonesKnown(true), true],
      [() => writer.setZoneReady(3, true), true],
      [() => writer.setZoneReady(3, false), false],
      [() => writer.setZoneReady(3, false), false],
      [() => writer.setZoneReady(1023, false), false],
      [() => writer.setZonesKnown(false), false],
      [() => writer.setZoneReady(3, true), false],
      [() => writer.setZonesKnown(true), false],
      [() => writer.setZonesKnown(true), false],
      [() => writer.setZoneReady(1023, true), true],
    ];
    for (const [i, [step, isReady]] of steps.entries()) {
      step();
      expect(reader.isReady, `step ${i}`).toBe(isReady);
    }
    writer.setZoneReady(3, false);
    expect([0, 3, 4].map((zone) => reader.isZoneReady(zone))).toEqual([true, false, true]);
  });

  test("follows the writer into a new buffer, and answers from the old one until then", () => {
    const buffers: SharedArrayBuffer[] = [];
    const writer = new TableWriter([1, 2], (buffer) => buffers.push(buffer));
    const reader = new TableReader(buffers[0]!);
    const place = { flags: 0, apexSize: 3, zone: 0, kind: 0, sets: [] };
    writer.setZonesKnown(true);
    writer.setZoneReady(5, false);
    for (let i = 0; buffers.length === 1; i++) writer.put(wire(`n${i}.z.`), place);
    const isThere = (name: string): boolean => reader.find(wire(name), 0, wire(name).length) !== 0;
    expect(isThere("n0.z.")).toBe(true);
    writer.put(wire("late.z."), place);
    expect(isThere("late.z.")).toBe(false);
    reader.attach(buffers.at(-1)!);
    expect([isThere("late.z."), isThere("n0.z."), reader.isZoneReady(5)]).toEqual([true, true, false]);
    writer.setZoneReady(5, true);
    expect(reader.isReady).toBe(true);
  });

  test("a name is found past removed ones, in a table of any fill", () => {
    const { put, remove, reader, writer } = newTable();
    put("z.");
    const all = Array.from({ length: 600 }, (_, i) => `n${i}.z.`);
    for (const name of all) put(name);
    for (const [i, name] of all.entries()) if (i % 3 !== 0) remove(name);
    const isThere = (name: string): boolean => reader.find(wire(name), 0, wire(name).length) !== 0;
    expect(all.filter(isThere)).toEqual(all.filter((_, i) => i % 3 === 0));
    expect(writer.size).toBe(201);
  });

  test("memory that no writer made is refused", () => {
    expect(() => new TableReader(new SharedArrayBuffer((SLOTS_START + 8) * 4))).toThrow(AssertionError);
    expect(HEADER.MAGIC).toBe(0);
  });
});
