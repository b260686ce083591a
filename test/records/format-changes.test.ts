import { describe, expect, test } from "vitest";
import { compareRecords } from "../../src/records/compare-records.ts";
import type { RecordChanges } from "../../src/records/compare-records.ts";
import {
  formatChangesJson,
  formatChangesMarkdown,
  formatChangesText,
  hasChanges,
  summarize,
} from "../../src/records/format-changes.ts";
import { zoneOf } from "../support/core/static-zone.ts";

function changes(before: readonly string[], after: readonly string[], assigned: readonly string[] = []): RecordChanges {
  const [a, b] = [before, after].map((lines, i) => {
    const { records } = zoneOf(".", `$TTL 30\n. SOA . . 1 2 3 4 5\n. NS ns.\n${lines.join("\n")}\n`);
    const own = assigned[i];
    return { records: records.slice(2), assigned: new Map(own === undefined ? [] : [[own, "service z/w"]]) };
  });
  return compareRecords(a!, b!);
}

const NONE = changes([], []);
const SOME = changes(
  ["a.z. A 10.0.0.1", "b.z. 30 SRV 0 1 80 a.z.", "w.z. A 10.0.0.8"],
  ["b.z. 60 SRV 0 1 80 a.z.", "*.c.z. TXT `b`", "w.z. A 10.0.0.9"],
  ["10.0.0.8", "10.0.0.9"],
);
const LINES = `- a.z A 10.0.0.1
- b.z SRV 0 1 80 a.z (TTL 30)
+ b.z SRV 0 1 80 a.z (TTL 60)
+ *.c.z TXT "\`b\`"
~ service z/w 10.0.0.8 -> 10.0.0.9
`;

test("whether there are any", () => {
  expect([NONE, SOME, { ...SOME, names: [] }].map(hasChanges)).toEqual([false, true, true]);
});

test.each<[RecordChanges, string]>([
  [NONE, "no differences"],
  [SOME, "1 name added, 1 removed, 1 changed; 1 assigned address moved"],
  [{ ...SOME, names: [] }, "1 assigned address moved"],
  [changes(["a.z. A 10.0.0.1", "b.z. A 10.0.0.1"], []), "2 names removed"],
])("the summary of %#", (some, summary) => {
  expect(summarize(some)).toBe(summary);
});

test("as text", () => {
  expect(formatChangesText(NONE)).toBe("no differences\n");
  expect(formatChangesText(SOME)).toBe(`${summarize(SOME)}\n\n${LINES}`);
});

describe("as Markdown", () => {
  test("in a block", () => {
    expect(formatChangesMarkdown(NONE)).toBe("**DNS names**: no differences\n");
    expect(formatChangesMarkdown(SOME)).toBe(`**DNS names**: ${summarize(SOME)}\n\n\`\`\`diff\n${LINES}\`\`\`\n`);
  });

  test("whose end is in no record", () => {
    const text = formatChangesMarkdown(changes([], ['a.z. TXT "````"']));
    expect(text).toContain('\n`````diff\n+ a.z TXT "````"\n`````\n');
  });

  test("collapsed where it is long, and cut where it is too long", () => {
    const many = (count: number): RecordChanges =>
      changes(
        [],
        Array.from({ length: count }, (_, i) => `n${i}.a-name-of-some-length.example. A 10.0.0.1`),
      );
    expect(formatChangesMarkdown(many(21))).toContain("\n<details><summary>21 lines</summary>\n\n```diff\n");
    expect(formatChangesMarkdown(many(20))).not.toContain("<details>");
    const cut = formatChangesMarkdown(many(3_000));
    expect(cut.length).toBeLessThan(65_536);
    expect(cut.match(/^\+ /gm)!.length + Number(/^and (\d+) more lines$/m.exec(cut)![1])).toBe(3_000);
  });
});

test("as JSON", () => {
  expect(JSON.parse(formatChangesJson(SOME))).toEqual({
    summary: summarize(SOME),
    names: [
      { name: "a.z.", change: "removed", minus: [{ name: "a.z.", ttl: 30, type: "A", data: "10.0.0.1" }], plus: [] },
      {
        name: "b.z.",
        change: "changed",
        minus: [{ name: "b.z.", ttl: 30, type: "SRV", data: "0 1 80 a.z." }],
        plus: [{ name: "b.z.", ttl: 60, type: "SRV", data: "0 1 80 a.z." }],
      },
      { name: "*.c.z.", change: "added", minus: [], plus: [{ name: "*.c.z.", ttl: 30, type: "TXT", data: '"`b`"' }] },
    ],
    moved: [{ object: "service z/w", from: "10.0.0.8", to: "10.0.0.9" }],
    movedRecords: {
      minus: [{ name: "w.z.", ttl: 30, type: "A", data: "10.0.0.8" }],
      plus: [{ name: "w.z.", ttl: 30, type: "A", data: "10.0.0.9" }],
    },
  });
});
