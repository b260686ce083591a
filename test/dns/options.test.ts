// The options of messages, whole and broken ones.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readOptions } from "../../src/dns/options.ts";
import { writeHeader, writeOpt, writeOption } from "../support/wire.ts";

const message = (options: Buffer): Buffer =>
  Buffer.concat([writeHeader(1, 0x8180, 0, 0, 0, 1), writeOpt({ size: 1232, options })]);
const TWO = Buffer.concat([writeOption(3, Buffer.from("id")), writeOption(65_001, "")]);

test.each<[what: string, options: Buffer, read: readonly (readonly [number, string])[]]>([
  [
    "two",
    TWO,
    [
      [3, "id"],
      [65_001, ""],
    ],
  ],
  ["none", Buffer.alloc(0), []],
  [
    "one that is cut behind a whole one",
    Buffer.concat([TWO, Buffer.from([0, 3, 0, 9, 1])]),
    [
      [3, "id"],
      [65_001, ""],
    ],
  ],
  ["half a head", Buffer.from([0, 3, 0]), []],
])("%s", (_, options, read) => {
  expect(readOptions(message(options)).map(({ code, data }) => [code, data.toString()])).toEqual(read);
});

test("any bytes are read in bounds", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void readOptions(message(Buffer.from(bytes)))));
});
