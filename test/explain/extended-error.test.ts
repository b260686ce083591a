// The texts of extended errors in replies, whole and broken ones.
import { expect, test } from "vitest";
import { extendedErrorText } from "../../src/explain/extended-error.ts";
import { writeOpt } from "../support/wire.ts";

const HEADER = Buffer.from([0, 0, 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 1]);

function reply(...options: readonly (readonly [code: number, data: readonly number[]])[]): Uint8Array {
  const data = options.flatMap(([code, bytes]) => [code >> 8, code & 0xff, bytes.length >> 8, bytes.length, ...bytes]);
  return Buffer.concat([HEADER, writeOpt({ size: 1232, options: Buffer.from(data) })]);
}

const TEXT = [...Buffer.from("upstream 10.0.0.2 timed out")];

test.each<[what: string, reply: Uint8Array, text: string | undefined]>([
  ["an error with a text", reply([15, [0, 22, ...TEXT]]), "upstream 10.0.0.2 timed out"],
  ["one behind another option, and behind one without a text", reply([3, [1]], [15, [0, 0]], [15, [0, 22, 65]]), "A"],
  ["an error without a text", reply([15, [0, 22]]), undefined],
  ["no error", reply([3, [1]]), undefined],
  ["no OPT", HEADER, undefined],
  ["an option that is cut", reply([15, [0, 22, ...TEXT]]).subarray(0, 30), undefined],
  ["nothing", new Uint8Array(0), undefined],
])("%s", (_, bytes, text) => {
  expect(extendedErrorText(bytes)).toBe(text);
});
