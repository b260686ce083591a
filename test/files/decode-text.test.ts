import { expect, test } from "vitest";
import { decodeText, notUtf8 } from "../../src/files/decode-text.ts";

test.each<[title: string, bytes: number[], text: string | undefined]>([
  ["nothing", [], ""],
  ["UTF-8", [0xc3, 0xa4], "ä"],
  ["Latin-1", [0x61, 0xe4], undefined],
  ["UTF-16", [0xff, 0xfe, 0x61, 0x00], undefined],
])("%s", (_title, bytes, text) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(text);
});

test.each<[title: string, bytes: number[], advice: string, line: number, column: number]>([
  ["Latin-1", [0x61, 0x0a, 0x61, 0xe4], "save the file as UTF-8", 2, 2],
  ["UTF-16", [0xff, 0xfe, 0x61, 0x00], "save the file as UTF-8; `>` of Windows PowerShell writes UTF-16", 1, 1],
])("what %s lacks, and where", (_title, bytes, advice, line, column) => {
  expect(notUtf8("a.yaml", Uint8Array.from(bytes))).toMatchObject({
    code: "not-utf8",
    advice,
    place: { file: "a.yaml", line, column },
  });
});
