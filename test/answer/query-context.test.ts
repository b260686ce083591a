// The query in hand: what counts as plain on which transport, and that nothing of one query is left for the next.
import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import type { ClientTransport } from "../../src/answer/client.ts";
import { QueryContext } from "../../src/answer/query-context.ts";
import { parseCidr, parseIp } from "../../src/net/ip.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

const KEEPALIVE = Buffer.from([0, 11, 0, 2, 0, 9]);
const context = new QueryContext({ ednsSize: 1232, recursion: false });
const buffer = Buffer.alloc(600);

function begin(bytes: Uint8Array, transport: ClientTransport = "udp"): QueryContext {
  context.begin(bytes, 0, bytes.length, buffer, 0, new KnownClient(transport));
  return context;
}

describe("readPlain", () => {
  test.each<[what: string, query: Query, tail: number, plainOver: readonly ClientTransport[]]>([
    ["a question", { name: "a.z.", type: "A" }, 0, ["udp", "tcp", "tls", "https"]],
    ["a zone transfer", { name: "z.", type: "AXFR" }, 0, []],
    ["an incremental zone transfer", { name: "z.", type: "IXFR" }, 0, []],
    ["bytes behind the message", { name: "a.z.", type: "A" }, 1, ["udp", "tcp", "tls"]],
    [
      "a keepalive with a value",
      { name: "a.z.", type: "A", opt: { size: 512, options: KEEPALIVE } },
      0,
      ["udp", "https"],
    ],
  ])("%s", (_, query, tail, plainOver) => {
    const bytes = Buffer.concat([writeQuery(query), Buffer.alloc(tail)]);
    const all: readonly ClientTransport[] = ["udp", "tcp", "tls", "https"];
    expect(all.filter((transport) => begin(bytes, transport).readPlain())).toEqual(plainOver);
  });

  test.each<[advertised: number | undefined, transport: ClientTransport, sizeMax: number]>([
    [undefined, "udp", 512],
    [100, "udp", 512],
    [700, "udp", 700],
    [4096, "udp", 1232],
    [700, "tcp", 65_535],
  ])("a client that advertises %s over %s gets at most %i bytes", (size, transport, sizeMax) => {
    const opt = size === undefined ? undefined : { size };
    expect(begin(writeQuery({ name: "a.z.", type: "A", ...(opt && { opt }) }), transport).readPlain()).toBe(true);
    expect([context.replySizeMax, context.reply.limit]).toEqual([sizeMax, sizeMax - (opt === undefined ? 0 : 11)]);
  });
});

describe("clients that are near", () => {
  const near = { ednsSize: 3_000, clients: ["127.0.0.0/8", "10.244.0.0/16"].map((text) => parseCidr(text)!) };
  const generous = new QueryContext({ ednsSize: 1232, near, recursion: false });

  test.each<[client: string, advertised: number | undefined, transport: ClientTransport, sizeMax: number]>([
    ["127.0.0.1", 4096, "udp", 3_000],
    ["10.244.9.9", 4096, "udp", 3_000],
    ["10.244.9.9", 2_000, "udp", 2_000],
    ["10.244.9.9", 1_000, "udp", 1_000],
    ["10.244.9.9", undefined, "udp", 512],
    ["10.245.0.1", 4096, "udp", 1232],
    ["::1", 4096, "udp", 1232],
    ["10.244.9.9", 4096, "tcp", 65_535],
  ])("%s advertises %s over %s and gets at most %i bytes", (address, size, transport, sizeMax) => {
    // What an earlier query has advertised does not count.
    for (const advertised of [4096, size]) {
      const opt = advertised === undefined ? {} : { opt: { size: advertised } };
      const bytes = writeQuery({ name: "a.z.", type: "A", ...opt });
      generous.begin(bytes, 0, bytes.length, buffer, 0, new KnownClient(transport, parseIp(address)));
      expect(generous.readPlain()).toBe(true);
    }
    expect(generous.replySizeMax).toBe(sizeMax);
  });
});

test("a query is no reply, and has a header", () => {
  const query = writeQuery({ name: "a.z.", type: "A" });
  const reply = writeQuery({ name: "a.z.", type: "A", flags: 0x8000 });
  const all = [query, query.subarray(0, 12), query.subarray(0, 11), Buffer.alloc(0), reply];
  expect(all.map((bytes) => begin(bytes).isQuery)).toEqual([true, true, false, false, false]);
});

test("the reply of one query has nothing of the query before", () => {
  const plain = writeQuery({ name: "b.z.", type: "A" });
  const finished = (): Buffer => {
    expect(begin(plain).readPlain()).toBe(true);
    context.finish(0x8000);
    return Buffer.from(buffer.subarray(0, context.reply.at));
  };
  const expected = finished();
  expect(readMessage(expected)).toMatchObject({ rcode: "NOERROR", opt: undefined });

  expect(begin(writeQuery({ name: "a.b.c.z.", type: "ANY", opt: { size: 1232, flags: 0x8000 } })).readPlain()).toBe(
    true,
  );
  context.staysInside = true;
  context.ede = 14;
  context.reply.rcode = 0xfff;
  context.reply.truncated = true;
  context.reply.writeHead(12, 1, 30, 4);
  context.reply.answers = context.reply.authority = context.reply.additional = 1;
  context.finish(0xffff);

  expect(finished()).toEqual(expected);
  expect(context).toMatchObject({ staysInside: false, ede: -1 });
});
