import { expect, test } from "vitest";
import { decodeText, notUtf8 } from "../../src/files/decode-text.ts";

test.each<[title: string, bytes: number[], text: string | undefined]>([
  ["nothing", [], ""],
  ["UTF-8", [0xc3, 0xa4], "ä"],
  ["UTF-8 with a byte order mark", [0xef, 0xbb, 0xbf, 0x61], "a"],
  ["a character", [0x61], "a"],
  ["Latin-1", [0x61, 0xe4], undefined],
  ["UTF-16, little-endian", [0xff, 0xfe, 0x61, 0x00, 0xe4, 0x00], "aä"],
  ["UTF-16, big-endian", [0xfe, 0xff, 0x00, 0x61, 0x00, 0xe4], "aä"],
  ["UTF-16 that is cut", [0xff, 0xfe, 0x61], undefined],
  ["UTF-16 without a mark", [0x61, 0x00, 0x3a, 0x00], undefined],
  ["the same, big-endian", [0x00, 0x61, 0x00, 0x3a], undefined],
])("%s", (_title, bytes, text) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(text);
});

const UNMARKED = "expected UTF-8, found what looks like UTF-16 without a byte order mark";

test.each<[title: string, bytes: number[], message: string, line: number, column: number]>([
  ["Latin-1", [0x61, 0x0a, 0x61, 0xe4], "expected UTF-8", 2, 2],
  ["UTF-16 that is cut", [0xff, 0xfe, 0x61], "expected UTF-8, found damaged UTF-16", 1, 1],
  ["UTF-16 without a mark", [0x61, 0x00, 0x3a, 0x00], UNMARKED, 1, 1],
  ["the same, big-endian", [0x00, 0x61, 0x00, 0x3a], UNMARKED, 1, 1],
])("what %s lacks, and where", (_title, bytes, message, line, column) => {
  expect(notUtf8("a.yaml", Uint8Array.from(bytes))).toMatchObject({
    code: "not-utf8",
    message,
    advice: "save the file as UTF-8",
    place: { file: "a.yaml", line, column },
  });
});
