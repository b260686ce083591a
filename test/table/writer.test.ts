import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatName, parseName } from "../../src/dns/name.ts";
import { readEntry } from "../../src/table/entry.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { TableReader } from "../../src/table/reader.ts";
import { TableWriter } from "../../src/table/writer.ts";
import type { EntryContent } from "../../src/table/entry.ts";

const name = (text: string): Uint8Array => parseName(text)!;
const APEX = name("z.");

function content(text: string): EntryContent {
  const answers = new TextEncoder().encode(text);
  const set = { type: 1, stride: 0, answerCount: 1, answers, additionalCount: 0, additional: new Uint8Array(0) };
  return { flags: 0, apexSize: APEX.length, zone: 0, kind: 0, sets: text === "" ? [] : [set] };
}

/** A table, and a reader that follows it from buffer to buffer. */
function newTable(): { writer: TableWriter; find: (text: string) => string | undefined; buffers: () => number } {
  let reader: TableReader | undefined;
  let buffers = 0;
  const writer = new TableWriter([1, 2], (buffer) => {
    buffers++;
    if (reader === undefined) reader = new TableReader(buffer);
    else reader.attach(buffer);
  });
  const find = (text: string): string | undefined => {
    const key = name(text);
    const entry = reader!.find(key, 0, key.length);
    if (entry === 0) return undefined;
    const [set] = readEntry(reader!.words, reader!.bytes, entry).content.sets;
    return set === undefined ? "" : Buffer.from(set.answers).toString();
  };
  return { writer, find, buffers: () => buffers };
}

describe("TableWriter", () => {
  test("a put name is found, with what it holds, and only it", () => {
    const { writer, find } = newTable();
    expect(writer.put(name("a.z."), content("one"))).toBe(true);
    expect(find("a.z.")).toBe("one");
    expect(find("b.z.")).toBeUndefined();
    expect(writer.put(name("a.z."), content("two"))).toBe(true);
    expect(find("a.z.")).toBe("two");
  });

  test("putting what is there already changes nothing", () => {
    const { writer } = newTable();
    writer.put(name("a.z."), content("one"));
    expect(writer.put(name("a.z."), content("one"))).toBe(false);
    expect(writer.put(name("b.a.z."), content("child"))).toBe(true);
    expect(writer.put(name("a.z."), content("one"))).toBe(false);
  });

  test("names above a name exist up to below the root, and go with it", () => {
    const { writer, find } = newTable();
    writer.put(APEX, content("apex"));
    writer.put(name("a.b.c.z."), content("deep"));
    expect([find("b.c.z."), find("c.z."), find("z.")]).toEqual(["", "", "apex"]);
    expect(find(".")).toBeUndefined();
    writer.remove(name("a.b.c.z."));
    expect([find("a.b.c.z."), find("b.c.z."), find("c.z."), find("z.")]).toEqual([
      undefined,
      undefined,
      undefined,
      "apex",
    ]);
  });

  test("a removed name with names below it stays as an empty non-terminal", () => {
    const { writer, find } = newTable();
    writer.put(name("b.z."), content("parent"));
    writer.put(name("a.b.z."), content("child"));
    expect(writer.remove(name("b.z."))).toBe(true);
    expect(find("b.z.")).toBe("");
    expect(writer.remove(name("b.z."))).toBe(false);
    writer.remove(name("a.b.z."));
    expect(find("b.z.")).toBeUndefined();
  });

  test("the root can be put, and goes by itself", () => {
    const { writer, find } = newTable();
    writer.put(name("a.b."), content("below"));
    writer.put(name("."), content("root"));
    expect([find("."), find("b."), find("a.b.")]).toEqual(["root", "", "below"]);
    writer.remove(name("."));
    expect([find("."), find("b."), find("a.b.")]).toEqual([undefined, "", "below"]);
  });

  test("tells what was put, and what of it lies where", () => {
    const { writer } = newTable();
    const put = ["a.b.z.", "z.", "xb.z.", "b.z.other.", "c.a.b.z."];
    for (const each of put) writer.put(name(each), content(each));
    writer.remove(name("xb.z."));
    expect(
      ["a.b.z.", "b.z.", "xb.z.", "other.", "none."].map((each) => writer.kindOf(name(each)) !== undefined),
    ).toEqual([true, false, false, false, false]);
    const below = (above: string): string[] => [...writer.namesBelow(name(above))].map((each) => formatName(each));
    expect(below("b.z.").toSorted()).toEqual(["a.b.z.", "c.a.b.z."]);
    expect(below("c.a.b.z.")).toEqual(["c.a.b.z."]);
    expect(below(".")).toHaveLength(4);
    expect(below("none.")).toEqual([]);
  });

  test("a zone whose record is set anew over and over keeps memory bounded", () => {
    const { writer } = newTable();
    const times = { ttlSeconds: 1, negativeTtlSeconds: 1, refreshSeconds: 1, retrySeconds: 1, expireSeconds: 1 };
    const zone = { ...times, minimumSeconds: 1, mname: APEX, rname: APEX };
    for (let i = 0; i < 50_000; i++) writer.setZoneSoa(1, { ...zone, ttlSeconds: i });
    expect(writer.heapBytes.used).toBeLessThan(1 << 18);
    expect(writer.heapBytes.live).toBeLessThan(1 << 8);
  });

  test("replacing one name over and over keeps memory bounded", () => {
    const { writer, find, buffers } = newTable();
    for (let i = 0; i < 50_000; i++) writer.put(name("a.z."), content(`value ${i}`));
    expect(find("a.z.")).toBe("value 49999");
    expect(writer.heapBytes.used).toBeLessThan(1 << 18);
    expect(buffers()).toBeGreaterThan(1);
  });

  test("holds what a map holds after any sequence of changes", () => {
    const labels = fc.constantFrom("a", "b", "c");
    const names = fc.array(labels, { minLength: 1, maxLength: 4 }).map((path) => `${path.join(".")}.z.`);
    const steps = fc.array(fc.tuple(names, fc.option(fc.string({ minLength: 1, maxLength: 40 }))), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.boolean(), (sequence, fill) => {
        const { writer, find } = newTable();
        // Filling first makes growth fall somewhere inside the sequence.
        if (fill) for (let i = 0; i < 680; i++) writer.put(name(`x${i}.z.`), content("x".repeat(150)));
        const model = new Map<string, string>();
        for (const [key, value] of sequence) {
          if (value === null) {
            expect(writer.remove(name(key))).toBe(model.delete(key));
          } else {
            writer.put(name(key), content(value));
            model.set(key, value);
          }
        }
        const all = new Set(sequence.flatMap(([key]) => ancestors(key)));
        for (const key of all) {
          const below = [...model.keys()].some((held) => held.endsWith(`.${key}`));
          expect(find(key), key).toBe(model.get(key) ?? (below ? "" : fill && key === "z." ? "" : undefined));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("room for names that are expected is made once, and what is there stays", () => {
    const { writer, find, buffers } = newTable();
    writer.put(name("a.z."), content("one"));
    writer.expect(10);
    expect(buffers()).toBe(1);
    writer.expect(50_000);
    expect(buffers()).toBe(2);
    for (let i = 0; i < 50_000; i++) writer.put(name(`n${i}.z.`), content("x".repeat(200)));
    expect(buffers()).toBe(2);
    expect([find("a.z."), find("n49999.z.")?.length]).toEqual(["one", 200]);
    writer.expect(0);
    expect(buffers()).toBe(2);
  });

  test("entries() lists what is there, as it was put", () => {
    const { writer } = newTable();
    writer.put(name("a.z."), content("one"));
    const found = [...writer.entries()].find((entry) => entry.name.length === name("a.z.").length);
    expect(found?.content).toEqual({ ...content("one"), flags: ENTRY_FLAG.OWNER });
  });
});

function ancestors(text: string): string[] {
  const labels = text.slice(0, -1).split(".");
  return labels.map((_, i) => `${labels.slice(i).join(".")}.`);
}
