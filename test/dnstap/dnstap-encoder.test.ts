import { expect, test } from "vitest";
import { DnstapEncoder } from "../../src/dnstap/dnstap-encoder.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";
import { readFields } from "../support/query-log/dnstap-receiver.ts";
import type { Fields } from "../support/query-log/dnstap-receiver.ts";
import { withRecord } from "../support/query-log/recorded.ts";
import type { AnsweredQuery } from "../support/query-log/recorded.ts";

const encoder = new DnstapEncoder({ identity: "dns-1", version: "cluster-dns" });
const QUERY = writeQuery({ name: "Web.shop.svc.cluster.local.", type: "A" });

function read(frame: Buffer): { outer: Fields; message: Fields } {
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  const outer = readFields(frame.subarray(4));
  return { outer, message: readFields(outer[14]![0] as Buffer) };
}

const ANSWERED: AnsweredQuery = {
  query: QUERY,
  reply: writeHeader(1, 0x8400, 1, 1, 0, 0),
  address: "10.244.1.7",
  port: 40_000,
  timeMs: 1_700_000_000_123.25,
  durationMs: 900,
  hasMessages: true,
};

test("a query, and its response, which has the times of both", () => {
  withRecord(ANSWERED, (record) => {
    const query = read(encoder.encodeQuery(record));
    expect(query.outer).toMatchObject({ 1: [Buffer.from("dns-1")], 2: [Buffer.from("cluster-dns")], 15: [1] });
    const about = {
      2: [1],
      3: [1],
      4: [Buffer.from([10, 244, 1, 7])],
      6: [40_000],
      8: [1_700_000_000],
      9: [123_250_000],
    };
    expect(query.message).toEqual({ ...about, 1: [5], 10: [QUERY] });
    const response = read(encoder.encodeResponse(record));
    expect(response.message).toEqual({
      ...about,
      1: [6],
      12: [1_700_000_001],
      13: [23_250_000],
      14: [Buffer.from(ANSWERED.reply)],
    });
  });
});

test.each([
  ["tcp", 2],
  ["tls", 3],
  ["https", 4],
] as const)("over %s, of IPv6", (transport, protocol) => {
  withRecord({ ...ANSWERED, transport, address: "fd00::7" }, (record) => {
    const { message } = read(encoder.encodeQuery(record));
    expect([message[2], message[3], (message[4]![0] as Buffer).length]).toEqual([[2], [protocol], 16]);
  });
});

test("the largest messages", () => {
  const reply = Buffer.alloc(65_535, 7);
  const query = Buffer.concat([QUERY, Buffer.alloc(65_535 - QUERY.length)]);
  withRecord({ ...ANSWERED, query, reply }, (record) => {
    expect(read(encoder.encodeQuery(record)).message[10]).toEqual([query]);
    expect(read(encoder.encodeResponse(record)).message[14]).toEqual([reply]);
  });
});
