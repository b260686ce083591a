// The strict decoder must refuse what is wrong: a test suite that reads everything proves nothing.
import { expect, test } from "vitest";
import { formatName, parseLabels, readMessage, writeHeader, writeName, writeOpt, writeQuery } from "./wire.ts";

const question = Buffer.concat([writeName(parseLabels("a.b.")), Buffer.from([0, 1, 0, 1])]);
const pointer = Buffer.from([0xc0, 12]);

function message(counts: readonly number[], ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([writeHeader(7, 0x8400, 1, ...counts), question, ...parts]);
}

function record(owner: Buffer, type: number, rdata: readonly number[], length = rdata.length): Buffer {
  return Buffer.concat([owner, Buffer.from([0, type, 0, 1, 0, 0, 0, 30, length >> 8, length & 255, ...rdata])]);
}

test.each([
  ["bytes after the last record", "after the last record", message([0, 0, 0], Buffer.from([0]))],
  ["fewer records than counted", "cut off", message([2, 0, 0], record(pointer, 1, [1, 2, 3, 4]))],
  ["rdata shorter than its length", "runs past", message([1, 0, 0], record(pointer, 1, [1, 2, 3, 4], 5))],
  ["an A of five bytes", "bytes off", message([1, 0, 0], record(pointer, 1, [1, 2, 3, 4, 5]))],
  ["a pointer to itself", "not before", message([1, 0, 0], record(Buffer.from([0xc0, 21]), 1, [1, 2, 3, 4]))],
  ["a pointer forward", "not before", message([1, 0, 0], record(Buffer.from([0xc0, 40]), 1, [1, 2, 3, 4]))],
  ["a pointer into the header", "not before", message([1, 0, 0], record(Buffer.from([0xc0, 2]), 1, [1, 2, 3, 4]))],
  [
    "a reserved label type",
    "label type 0x40",
    message([1, 0, 0], record(Buffer.from([0x40, 0x61, 0]), 1, [1, 2, 3, 4])),
  ],
  [
    "a compressed SRV target",
    "compressed SRV target",
    message([1, 0, 0], record(pointer, 33, [0, 0, 0, 1, 0, 80, 0xc0, 12])),
  ],
  ["two OPTs", "second OPT", message([0, 0, 2], writeOpt({ size: 512 }), writeOpt({ size: 512 }))],
  ["an OPT in the answer", "outside the additional", message([1, 0, 0], writeOpt({ size: 512 }))],
  ["a short header", "cut off", Buffer.from([0, 7, 0x84])],
])("refuses %s", (_, reason, bytes) => {
  expect(() => readMessage(bytes)).toThrow(reason);
});

test("reads what is right", () => {
  const read = readMessage(message([1, 0, 1], record(pointer, 1, [10, 0, 0, 1]), writeOpt({ size: 1232 })));
  expect(read.answer).toEqual([{ owner: "a.b.", type: "A", class: 1, ttl: 30, rdata: "10.0.0.1" }]);
  expect(read.opt).toMatchObject({ size: 1232, version: 0 });
  expect(readMessage(writeQuery({ name: "x\\.y\\000.z.", type: "TYPE1000" })).question?.name).toBe("x\\.y\\000.z.");
});

test.each([
  ["web", "default.svc.", "web.default.svc."],
  ["@", "cluster.local.", "cluster.local."],
  [".", "cluster.local.", "."],
  ["a\\.b.", "x.", "a\\.b."],
  ["\\065\\000", "x.", "A\\000.x."],
])("the name %s relative to %s is %s", (text, origin, full) => {
  expect(formatName(parseLabels(text, origin))).toBe(full);
});
