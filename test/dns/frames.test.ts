import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader, writeFrame } from "../../src/dns/frames.ts";

describe("frames", () => {
  test("a length, then the message", () => {
    expect([...writeFrame(new Uint8Array(300).fill(7)).subarray(0, 3)]).toEqual([1, 44, 7]);
  });

  test("messages come out as they went in, wherever the stream is cut", () => {
    const messages = fc.array(fc.uint8Array({ minLength: 12, maxLength: 400 }), { maxLength: 5 });
    const cuts = fc.array(fc.nat({ max: 2_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, cuts, (sent, places) => {
        const stream = Buffer.concat(sent.map(writeFrame));
        const ends = [...places.map((place) => Math.min(place, stream.length)), stream.length].toSorted(
          (a, b) => a - b,
        );
        const reader = new FrameReader();
        const taken = ends.flatMap(
          (end, i) => reader.read(stream.subarray(ends[i - 1] ?? 0, end)) ?? [new Uint8Array(0)],
        );
        expect(taken).toEqual(sent);
      }),
    );
  });

  test("the longest message, byte by byte", () => {
    const reader = new FrameReader();
    const longest = new Uint8Array(65_535).fill(1);
    const taken = [...writeFrame(longest)].flatMap((byte) => reader.read(Uint8Array.of(byte)) ?? [new Uint8Array(0)]);
    expect(taken).toEqual([longest]);
  });

  test.each([0, 1, 11])("a length of %i loses the stream", (length) => {
    expect(new FrameReader().read(writeFrame(new Uint8Array(length)))).toBeUndefined();
  });
});
