import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { FILE_BYTES_MAX } from "../../src/files/file-status.ts";
import { readStandardInput } from "../../src/files/standard-input.ts";

test("characters cut by the pieces", async () => {
  const bytes = Buffer.from("a: é\n");
  expect(await readStandardInput(Readable.from([bytes.subarray(0, 4), bytes.subarray(4)]))).toBe("a: é\n");
  expect(await readStandardInput(Readable.from(["a: ", "é\n"]))).toBe("a: é\n");
  expect(await readStandardInput(Readable.from([]))).toBe("");
});

test.each<[string, () => Iterable<Buffer>, RegExp]>([
  ["no UTF-8", () => [Buffer.of(0xff)], /UTF-8/],
  [
    "without end",
    function* () {
      for (const piece = Buffer.alloc(FILE_BYTES_MAX / 4); ;) yield piece;
    },
    /at most \d+ bytes/,
  ],
])("input that is %s is refused", async (_title, pieces, message) => {
  await expect(readStandardInput(Readable.from(pieces()))).rejects.toMatchObject({
    name: "SourceError",
    message: expect.stringMatching(message),
  });
});
