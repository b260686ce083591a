import { describe, expect, test } from "vitest";
import { parseQuery } from "../../src/answer/parse-query.ts";
import { parseLabels, writeHeader, writeName, writeOpt } from "../support/wire.ts";

const QUESTION = Buffer.concat([writeName(parseLabels("a.z.")), Buffer.from([0, 28, 0, 3])]);

/** A record of the type with a pointer to the question's name as its owner. */
function record(type: number, rdata: readonly number[] = [], owner: readonly number[] = [0xc0, 12]): Buffer {
  return Buffer.from([...owner, type >> 8, type & 255, 0, 1, 0, 0, 0, 0, 0, rdata.length, ...rdata]);
}

function message(counts: readonly [number, number, number, number], ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([writeHeader(1, 0x0100, ...counts), ...parts]);
}

const TSIG = record(250, [1, 2, 3]);
const OPT = writeOpt({ size: 1400, flags: 0x8000, version: 1, options: Buffer.from([0, 10, 0, 1, 7]) });

describe("parseQuery", () => {
  test.each<[what: string, bytes: Buffer, expected: object]>([
    ["a question alone", message([1, 0, 0, 0], QUESTION), { hasTsig: false }],
    [
      "an OPT",
      message([1, 0, 0, 1], QUESTION, OPT),
      { hasTsig: false, opt: { version: 1, udpSize: 1400, dnssecOk: true } },
    ],
    [
      "a TSIG at the end",
      message([1, 0, 0, 2], QUESTION, writeOpt({ size: 512 }), TSIG),
      { hasTsig: true, opt: { version: 0, udpSize: 512, dnssecOk: false } },
    ],
    [
      "records in all sections",
      message([1, 1, 1, 1], QUESTION, record(1, [1, 2, 3, 4]), record(6), record(16)),
      { hasTsig: false },
    ],
    ["an OPT that is no additional record is none", message([1, 1, 0, 0], QUESTION, OPT), { hasTsig: false }],
    [
      "owners written out and cut by a pointer",
      message([1, 0, 0, 2], QUESTION, record(1, [], [1, 97, 0]), record(1, [], [1, 97, 0xc0, 12])),
      { hasTsig: false },
    ],
  ])("%s", (_, bytes, expected) => {
    expect(parseQuery(bytes)).toEqual({ type: 28, class: 3, questionEnd: 12 + QUESTION.length, ...expected });
  });

  test.each<[what: string, bytes: Buffer]>([
    ["no question", message([0, 0, 0, 0])],
    ["no question, with an OPT", message([0, 0, 0, 1], OPT)],
    ["two questions", message([2, 0, 0, 0], QUESTION, QUESTION)],
    ["a name that is a pointer", message([1, 0, 0, 0], Buffer.from([0xc0, 12, 0, 1, 0, 1]))],
    ["a label of 64 bytes", message([1, 0, 0, 0], Buffer.from([64, ...Array(64).fill(97), 0, 0, 1, 0, 1]))],
    [
      "a name of 256 bytes",
      message(
        [1, 0, 0, 0],
        Buffer.from([...[63, 63, 63, 62].flatMap((size) => [size, ...Array(size).fill(97)]), 0, 0, 1, 0, 1]),
      ),
    ],
    ["two OPTs", message([1, 0, 0, 2], QUESTION, OPT, OPT)],
    ["an OPT that is not at the root", message([1, 0, 0, 1], QUESTION, record(41))],
    [
      "an OPT with half an option",
      message([1, 0, 0, 1], QUESTION, writeOpt({ size: 512, options: Buffer.from([0, 10]) })),
    ],
    [
      "an option that runs past its end",
      message([1, 0, 0, 1], QUESTION, writeOpt({ size: 512, options: Buffer.from([0, 10, 0, 1]) })),
    ],
    ["a record after TSIG", message([1, 0, 0, 2], QUESTION, TSIG, OPT)],
    ["RDATA that runs past the end", message([1, 0, 0, 1], QUESTION, record(16, [1, 2]).subarray(0, -1))],
    ["an owner that runs past the end", message([1, 0, 0, 1], QUESTION, Buffer.from([5, 97]))],
    ["half a pointer", message([1, 0, 0, 1], QUESTION, Buffer.from([0xc0]))],
    ["more records counted than there are", message([1, 0, 0, 2], QUESTION, OPT)],
    ["65,535 records counted", message([1, 65_535, 65_535, 65_535], QUESTION, OPT)],
  ])("refuses %s", (_, bytes) => {
    expect(parseQuery(bytes)).toBeUndefined();
  });

  test("a message cut anywhere is refused", () => {
    const whole = message([1, 0, 0, 2], QUESTION, OPT, TSIG);
    for (let size = 12; size < whole.length; size++)
      expect(parseQuery(whole.subarray(0, size)), `${size} bytes`).toBeUndefined();
  });

  test("counts from the message's first byte, wherever it lies in memory", () => {
    const whole = message([1, 0, 0, 1], QUESTION, OPT);
    const held = new Uint8Array(whole.length + 7);
    held.set(whole, 7);
    expect(parseQuery(held.subarray(7))).toEqual(parseQuery(whole));
  });
});
