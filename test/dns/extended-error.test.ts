// The extended errors of replies, whole and broken ones.
import { expect, test } from "vitest";
import { readExtendedErrors } from "../../src/dns/extended-error.ts";
import { writeOpt } from "../support/wire.ts";

const HEADER = Buffer.from([0, 0, 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 1]);

function reply(...options: readonly (readonly [code: number, data: readonly number[]])[]): Uint8Array {
  const data = options.flatMap(([code, bytes]) => [code >> 8, code & 0xff, bytes.length >> 8, bytes.length, ...bytes]);
  return Buffer.concat([HEADER, writeOpt({ size: 1232, options: Buffer.from(data) })]);
}

const TEXT = [...Buffer.from("upstream 10.0.0.2 timed out")];

test.each<[what: string, reply: Uint8Array, errors: readonly (readonly [number, string])[]]>([
  ["an error with a text", reply([15, [0, 22, ...TEXT]]), [[22, "upstream 10.0.0.2 timed out"]]],
  [
    "several, behind another option",
    reply([3, [1]], [15, [0, 0]], [15, [0, 22, 65, 0]]),
    [
      [0, ""],
      [22, "A"],
    ],
  ],
  ["an option without a code", reply([15, [0]]), []],
  ["no OPT", HEADER, []],
  ["an option that is cut", reply([15, [0, 22, ...TEXT]]).subarray(0, 30), []],
  ["nothing", new Uint8Array(0), []],
])("%s", (_, bytes, errors) => {
  expect(readExtendedErrors(bytes).map(({ code, text }) => [code, text.toString()])).toEqual(errors);
});
