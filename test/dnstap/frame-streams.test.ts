import { describe, expect, test } from "vitest";
import { CONTROL, controlFrame, ControlReader } from "../../src/dnstap/frame-streams.ts";
import { control } from "../support/query-log/dnstap-receiver.ts";

const DNSTAP = "protobuf:dnstap.Dnstap";

test("control frames are as the protocol has them", () => {
  expect(controlFrame(CONTROL.READY)).toEqual(control(4, DNSTAP));
  expect(controlFrame(CONTROL.START)).toEqual(control(2, DNSTAP));
  expect(controlFrame(CONTROL.STOP).toString("hex")).toBe("000000000000000400000003");
});

describe("what a receiver sends", () => {
  const read = (...chunks: readonly Buffer[]): unknown => {
    const reader = new ControlReader();
    return chunks.map((chunk) => reader.feed(chunk));
  };

  test.each<[what: string, chunks: readonly Buffer[], types: unknown]>([
    ["it accepts", [control(1, DNSTAP)], [[1]]],
    ["it accepts anything", [control(1)], [[1]]],
    ["it accepts one of several", [control(1, "text", DNSTAP)], [[1]]],
    ["two frames at once", [Buffer.concat([control(1, DNSTAP), control(5)])], [[1, 5]]],
    ["a frame in parts", [control(1, DNSTAP).subarray(0, 9), control(1, DNSTAP).subarray(9)], [[], [1]]],
    ["nothing", [Buffer.alloc(0)], [[]]],
    ["it accepts other content alone", [control(1, "text")], [undefined]],
    ["text", [Buffer.from("HTTP/1.1 400 Bad Request\r\n")], [undefined]],
    ["a frame that is too long", [Buffer.from("0000000000000201", "hex")], [undefined]],
    ["a frame that is too short", [Buffer.from("0000000000000003", "hex")], [undefined]],
    ["an unknown field", [Buffer.from("000000000000000c000000010000000900000000", "hex")], [undefined]],
    ["a field that is cut", [Buffer.from("000000000000000c000000010000000100000001", "hex")], [undefined]],
  ])("%s", (_, chunks, types) => {
    expect(read(...chunks)).toEqual(types);
  });
});
