// The compiled zone's buffer, followed from one to the next.
import { expect, test } from "vitest";
import { TableBuffer } from "../../src/planes/table-buffer.ts";

const [first, second, third] = [1, 2, 3].map((bytes) => new SharedArrayBuffer(bytes)) as [
  SharedArrayBuffer,
  SharedArrayBuffer,
  SharedArrayBuffer,
];

test("subscribers get each later buffer, when it is current already", () => {
  const table = new TableBuffer();
  table.replace(first);
  const seen: [who: string, buffer: SharedArrayBuffer, isCurrent: boolean][] = [];
  table.subscribe((buffer) => void seen.push(["a", buffer, table.current === buffer]));
  table.replace(second);
  table.subscribe((buffer) => void seen.push(["b", buffer, table.current === buffer]));
  table.replace(third);
  expect(seen).toEqual([
    ["a", second, true],
    ["a", third, true],
    ["b", third, true],
  ]);
  expect(table.current).toBe(third);
});

test("reading before there is a table is a bug", () => {
  expect(() => new TableBuffer().current).toThrow("the table's writer comes before its readers");
});
