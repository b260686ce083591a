// Replies framed for a stream: short ones are copied, long ones are sent from their buffer.
import { describe, expect, test } from "vitest";
import { LENGTH_BYTES } from "../../src/dns/message-reader.ts";
import { type FramedReply, frameReply, ReplyBuffer } from "../../src/server/tcp-reply-buffer.ts";
import { frame } from "../contract/transport-clients.ts";

function make(room: ReplyBuffer, reply: Uint8Array): FramedReply {
  room.bytes.set(reply, LENGTH_BYTES);
  return room.frame(reply.length);
}

const sizes = [12, 255, 256, 4_096, 16_384, 16_385, 32_000, 65_535];

describe("ReplyBuffer", () => {
  test("replies of any size stay intact while others are made", () => {
    const room = new ReplyBuffer();
    const replies = sizes.flatMap((size, i) => [Buffer.alloc(size, i + 1), Buffer.alloc(size, 0x80 + i)]);
    const framed = replies.map((reply) => make(room, reply));
    for (const [i, { bytes }] of framed.entries()) expect(bytes.equals(frame(replies[i]!))).toBe(true);
  });

  test("the buffer of a long reply is reused after its release, not before", () => {
    const room = new ReplyBuffer();
    const first = make(room, Buffer.alloc(20_000, 1));
    const second = make(room, Buffer.alloc(20_000, 2));
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
    first.release!();
    make(room, Buffer.alloc(20_000, 3)).release!();
    expect(room.bytes.buffer).toBe(first.bytes.buffer);
  });

  test("the buffers that many slow clients needed are not all kept", () => {
    const room = new ReplyBuffer();
    const rooms = (): Set<ArrayBufferLike> => {
      const framed = Array.from({ length: 100 }, () => make(room, Buffer.alloc(20_000)));
      for (const { release } of framed) release!();
      return new Set(framed.map(({ bytes }) => bytes.buffer));
    };
    const [before, after] = [rooms(), rooms()];
    const kept = [...after].filter((each) => before.has(each)).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(20);
  });
});

test("a reply from elsewhere is framed", () => {
  for (const size of [0, ...sizes]) {
    const reply = Buffer.alloc(size, 7);
    expect(frameReply(reply).bytes.equals(frame(reply))).toBe(true);
  }
});
