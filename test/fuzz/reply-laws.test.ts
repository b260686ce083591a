import { expect, test } from "vitest";
import { writeHeader, writeQuery } from "../support/wire.ts";
import { checkReply, readAsked, replySizeMax, wantsReply } from "./reply-laws.ts";

const QUERY = writeQuery({ id: 0x1234, name: "a.z.", type: "A", opt: { size: 1232 } });
const REPLY = changed(writeQuery({ id: 0x1234, name: "a.z.", type: "A", flags: 0x8180 }), () => undefined);

function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

test("a good reply passes, and silence where it is due", () => {
  expect(checkReply(readAsked(QUERY), REPLY, "udp", 1232)?.rcode).toBe("NOERROR");
  expect(checkReply(readAsked(REPLY), Buffer.alloc(0), "udp", 1232)).toBeUndefined();
  expect(checkReply(readAsked(QUERY.subarray(0, 11)), Buffer.alloc(0), "tcp", 1232)).toBeUndefined();
});

test.each<[what: string, reply: Buffer, message: RegExp]>([
  ["none", Buffer.alloc(0), /0 bytes/],
  ["one of another id", changed(REPLY, (bytes) => (bytes[1] = 0)), /id/],
  ["a query", changed(REPLY, (bytes) => (bytes[2] = 1)), /QR false/],
  ["one of another opcode", changed(REPLY, (bytes) => (bytes[2] = 0xa1)), /opcode 4/],
  ["a reserved flag", changed(REPLY, (bytes) => (bytes[3] = 0x40)), /reserved/],
  ["one to another name", changed(REPLY, (bytes) => (bytes[13] = 0x62)), /question/],
  ["a byte too many", Buffer.concat([REPLY, Buffer.alloc(1)]), /after the last record/],
  ["a byte too few", REPLY.subarray(0, -1), /cut off/],
  ["too many bytes", Buffer.concat([REPLY, Buffer.alloc(1232)]), /not at most 1232/],
])("%s is told", (_, reply, message) => {
  expect(() => checkReply(readAsked(QUERY), reply, "udp", 1232)).toThrow(message);
});

test("an OPT that nobody asked with, a reply to a reply, and a cut over TCP are told", () => {
  const plain = writeQuery({ id: 0x1234, name: "a.z.", type: "A" });
  const withOpt = writeQuery({ id: 0x1234, name: "a.z.", type: "A", flags: 0x8000, opt: { size: 1232 } });
  expect(() => checkReply(readAsked(plain), withOpt, "udp", 1232)).toThrow(/OPT/);
  expect(() => checkReply(readAsked(REPLY), REPLY, "udp", 1232)).toThrow(/bytes of reply/);
  const cut = changed(REPLY, (bytes) => (bytes[2]! |= 2));
  expect(() => checkReply(readAsked(QUERY), cut, "tcp", 1232)).toThrow(/cut over tcp/);
});

test.each([
  [undefined, 512],
  [0, 512],
  [511, 512],
  [513, 513],
  [1232, 1232],
  [4096, 1232],
] as const)("size %s allows %s bytes over UDP", (size, most) => {
  const opt = size === undefined ? {} : { opt: { size } };
  const query = writeQuery({ name: "a.z.", type: "A", ...opt });
  expect(replySizeMax(readAsked(query), "udp", 1232)).toBe(most);
  expect(replySizeMax(readAsked(Buffer.concat([query, Buffer.alloc(1)])), "udp", 1232)).toBe(most);
  expect(replySizeMax(readAsked(query), "tcp", 1232)).toBe(65_535);
});

test("who is to be answered", () => {
  expect([QUERY, REPLY, writeHeader(1, 0, 0, 0, 0, 0), Buffer.alloc(11)].map(wantsReply)).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
