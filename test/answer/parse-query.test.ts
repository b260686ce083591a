import { describe, expect, test } from "vitest";
import { parseQuery } from "../../src/answer/parse-query.ts";
import { parseLabels, writeHeader, writeName, writeOpt } from "../support/wire.ts";

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const QUESTION = Buffer.concat([writeName(parseLabels("a.z.")), Buffer.from([0, 28, 0, 3])]);

/** A record of the type with a pointer to the question's name as its owner. */
function record(type: number, rdata: readonly number[] = [], owner: readonly number[] = [0xc0, 12]): Buffer {
  return Buffer.from([...owner, type >> 8, type & 255, 0, 1, 0, 0, 0, 0, 0, rdata.length, ...rdata]);
}

function tsig(rdata: readonly number[], owner: readonly number[] = [1, 107, 0], rrClass = 255): Buffer {
  return Buffer.from([...owner, 0, 250, 0, rrClass, 0, 0, 0, 0, 0, rdata.length, ...rdata]);
}

function message(counts: readonly [number, number, number, number], ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([writeHeader(1, 0x0100, ...counts), ...parts]);
}

/** algorithm `a.`, time, fudge, no MAC, original id, no error, nothing else. */
const TSIG_RDATA = [1, 97, 0, 0, 0, 1, 2, 3, 4, 1, 44, 0, 0, 0, 1, 0, 0, 0, 0];
const TSIG = tsig(TSIG_RDATA);
const OPT = writeOpt({ size: 1400, flags: 0x8000, version: 1, options: Buffer.from([0, 100, 0, 1, 7]) });

describe("parseQuery", () => {
  test.each<[what: string, bytes: Buffer, expected: object]>([
    ["a question alone", message([1, 0, 0, 0], QUESTION), {}],
    [
      "an OPT",
      message([1, 0, 0, 1], QUESTION, OPT),
      { opt: { version: 1, udpSize: 1400, dnssecOk: true, start: 32, end: 37 } },
    ],
    [
      "a TSIG at the end",
      message([1, 0, 0, 2], QUESTION, writeOpt({ size: 512 }), TSIG),
      {
        opt: { version: 0, udpSize: 512, dnssecOk: false, start: 32, end: 32 },
        tsig: { keyName: bytes(1, 107, 0), algorithm: bytes(1, 97, 0), time: bytes(0, 0, 1, 2, 3, 4, 1, 44) },
      },
    ],
    ["records in all sections", message([1, 1, 1, 1], QUESTION, record(1, [1, 2, 3, 4]), record(6), record(16)), {}],
    ["an OPT that is no additional record is none", message([1, 1, 0, 0], QUESTION, OPT), {}],
    [
      "owners written out and cut by a pointer",
      message([1, 0, 0, 2], QUESTION, record(16, [], [1, 97, 0]), record(16, [], [1, 97, 0xc0, 12])),
      {},
    ],
  ])("%s", (_, bytes, expected) => {
    const question = { type: 28, class: 3 };
    expect(parseQuery(bytes)).toMatchObject({ question, questionEnd: 12 + QUESTION.length, ...expected });
    for (const key of ["opt", "tsig"]) expect(key in parseQuery(bytes)!, key).toBe(key in expected);
  });

  test("no question: it ends where it would begin", () => {
    expect(parseQuery(message([0, 0, 0, 0]))).toEqual({ questionEnd: 12, end: 12 });
    expect(parseQuery(message([0, 0, 0, 1], OPT))).toMatchObject({ questionEnd: 12, opt: { version: 1 } });
  });

  test.each<[what: string, bytes: Buffer]>([
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
    ["a TSIG of another class", message([1, 0, 0, 1], QUESTION, tsig(TSIG_RDATA, [1, 107, 0], 1))],
    ["a TSIG whose name is a pointer", message([1, 0, 0, 1], QUESTION, tsig(TSIG_RDATA, [0xc0, 12]))],
    ["a TSIG that is too short", message([1, 0, 0, 1], QUESTION, tsig(TSIG_RDATA.slice(0, -1)))],
    ["a TSIG that is too long", message([1, 0, 0, 1], QUESTION, tsig([...TSIG_RDATA, 0]))],
    ["a TSIG without rdata", message([1, 0, 0, 1], QUESTION, tsig([]))],
    ["a TSIG whose MAC runs past its end", message([1, 0, 0, 1], QUESTION, tsig(TSIG_RDATA.with(12, 9)))],
    ["a record after TSIG", message([1, 0, 0, 2], QUESTION, TSIG, OPT)],
    ["RDATA that runs past the end", message([1, 0, 0, 1], QUESTION, record(16, [1, 2]).subarray(0, -1))],
    ["an owner that runs past the end", message([1, 0, 0, 1], QUESTION, Buffer.from([5, 97]))],
    ["half a pointer", message([1, 0, 0, 1], QUESTION, Buffer.from([0xc0]))],
    ["an A record of 3 bytes", message([1, 0, 0, 1], QUESTION, record(1, [1, 2, 3]))],
    ["an AAAA record of 4 bytes", message([1, 1, 0, 0], QUESTION, record(28, [1, 2, 3, 4]))],
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
