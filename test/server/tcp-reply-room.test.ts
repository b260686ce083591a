// Replies framed for a stream: copied where short, sent from their room where long.
import { describe, expect, test } from "vitest";
import { LENGTH_BYTES } from "../../src/dns/message-reader.ts";
import { type FramedReply, frameReply, ReplyRoom } from "../../src/server/tcp-reply-room.ts";
import { frame } from "../support/network.ts";

function make(room: ReplyRoom, reply: Uint8Array): FramedReply {
  room.bytes.set(reply, LENGTH_BYTES);
  return room.frame(reply.length);
}

const sizes = [12, 255, 256, 4_096, 16_384, 16_385, 32_000, 65_535];

describe("ReplyRoom", () => {
  test("replies of any size stay what they are while others are made", () => {
    const room = new ReplyRoom();
    const replies = sizes.flatMap((size, i) => [Buffer.alloc(size, i + 1), Buffer.alloc(size, 0x80 + i)]);
    const framed = replies.map((reply) => make(room, reply));
    for (const [i, { bytes }] of framed.entries()) expect(bytes.equals(frame(replies[i]!))).toBe(true);
  });

  test("the room of a long reply is used again when it is released, and not before", () => {
    const room = new ReplyRoom();
    const first = make(room, Buffer.alloc(20_000, 1));
    const second = make(room, Buffer.alloc(20_000, 2));
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
    first.release!();
    make(room, Buffer.alloc(20_000, 3)).release!();
    expect(room.bytes.buffer).toBe(first.bytes.buffer);
  });

  test("rooms that many slow peers needed are not all kept", () => {
    const room = new ReplyRoom();
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
