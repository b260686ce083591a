// Reading messages out of a byte stream, whatever its chunks are.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MessageReader, writeFrame } from "../../src/dns/framing.ts";
import { frame } from "../support/network.ts";

/** Feeds the chunks and collects copies of the messages; the last element says how it ended. */
function readAll(chunks: readonly Uint8Array[]): { messages: Buffer[]; end: "more" | "malformed" } {
  const reader = new MessageReader();
  const messages: Buffer[] = [];
  for (const chunk of chunks) {
    reader.feed(chunk);
    for (;;) {
      const step = reader.next();
      if (step === "malformed") return { messages, end: step };
      if (step === "more") break;
      messages.push(Buffer.from(reader.bytes.subarray(reader.start, reader.end)));
    }
  }
  return { messages, end: "more" };
}

function split(bytes: Buffer, points: readonly number[]): Buffer[] {
  const cuts = [0, ...points.map((point) => point % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut));
}

const message = fc
  .tuple(fc.oneof(fc.integer({ min: 12, max: 40 }), fc.constantFrom(255, 256, 511, 512, 65_535)), fc.integer())
  .map(([length, seed]) => Buffer.from(Array.from({ length }, (_, i) => (seed + i * 13) & 0xff)));

describe("MessageReader", () => {
  test("any messages cut at any bytes come out as they went in", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, points) => {
        const { messages: read, end } = readAll(split(Buffer.concat(messages.map(frame)), points));
        expect(end).toBe("more");
        expect(read.length).toBe(messages.length);
        for (const [i, each] of messages.entries()) expect(read[i]!.equals(each)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("one byte a chunk", () => {
    const messages = [Buffer.alloc(12, 1), Buffer.alloc(13, 2), Buffer.alloc(700, 3)];
    const bytes = Buffer.concat(messages.map(frame));
    expect(readAll(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual({ messages, end: "more" });
  });

  test.each([
    ["length 0", [Buffer.of(0, 0)]],
    ["length 11", [Buffer.of(0, 11)]],
    ["length 11, cut between its bytes", [Buffer.of(0), Buffer.of(11)]],
    ["length 2 with its message", [Buffer.of(0, 2, 65, 66)]],
  ])("%s is malformed, and what came before it is not lost", (_name, chunks) => {
    const good = Buffer.alloc(12, 9);
    expect(readAll([frame(good), ...chunks])).toEqual({ messages: [good], end: "malformed" });
  });

  test("knows when it is within a message", () => {
    const reader = new MessageReader();
    const steps = Array.from(frame(Buffer.alloc(12)), (byte) => {
      reader.feed(Buffer.of(byte));
      return `${reader.next()} ${reader.midMessage}`;
    });
    expect(steps).toEqual([...Array.from({ length: 13 }, () => "more true"), "message false"]);
  });

  test("a long message byte by byte is not copied over and over", () => {
    const reader = new MessageReader();
    const storages = new Set<ArrayBufferLike>();
    for (const byte of frame(Buffer.alloc(65_535, 1))) {
      reader.feed(Buffer.of(byte));
      if (reader.next() === "message") storages.add(reader.bytes.buffer);
    }
    expect([...storages].map((storage) => storage.byteLength)).toEqual([65_537]);
  });
});

test.each([0, 12, 255, 256, 16_384, 65_535])("writeFrame puts the length before a message of %i bytes", (size) => {
  const bytes = Buffer.alloc(size, 7);
  expect(writeFrame(bytes).equals(frame(bytes))).toBe(true);
});
