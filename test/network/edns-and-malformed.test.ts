// What EDNS asks of a server, and what comes back to queries that are wrong: an answer that says so, or nothing; in any
// case the next good query is answered. RFC 1035 4.1, RFC 6891 6 and 7, RFC 8906 8, RFC 9267.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, startServer, type RunningServer } from "../support/cluster.ts";
import { askTcp, frame, TcpClient, UdpClient } from "../support/network.ts";
import { parseLabels, readMessage, writeHeader, writeName, writeOpt, writeQuery, type Query } from "../support/wire.ts";

const WEB = "web.default.svc.cluster.local.";
const ID = 0x1234;
let running: RunningServer;
let udp: UdpClient;
beforeAll(async () => {
  running = await startServer({ objects: [service("web", "10.96.0.1")] });
  udp = await UdpClient.open(running.endpoint);
});
afterAll(async () => {
  udp?.close();
  await running?.server.close();
});

const option = (code: number, data: string): Buffer => {
  const bytes = Buffer.from(data, "hex");
  return Buffer.concat([Buffer.from([code >> 8, code & 255, bytes.length >> 8, bytes.length & 255]), bytes]);
};
const ask = (opt?: Query["opt"], more: Partial<Query> = {}): Buffer =>
  writeQuery({ name: WEB, type: "A", id: ID, ...(opt === undefined ? {} : { opt }), ...more });
const question = Buffer.concat([writeName(parseLabels(WEB)), Buffer.from([0, 1, 0, 1])]);
const raw = (flags: number, counts: readonly number[], ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([writeHeader(ID, flags, ...counts), ...parts]);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** The good query that must be answered after anything that was sent before. */
async function expectAlive(): Promise<void> {
  const reply = readMessage(await udp.ask(writeQuery({ name: WEB, type: "A", id: 0x7777 })));
  expect(reply.answer.map((record) => record.rdata)).toEqual(["10.96.0.1"]);
}

describe("EDNS", () => {
  test("an OPT comes back when one was asked with, and only then", async () => {
    expect(readMessage(await udp.ask(ask())).opt).toBeUndefined();
    const { opt } = readMessage(await udp.ask(ask({ size: 4096 })));
    expect(opt).toEqual({ size: 1232, version: 0, extendedRcode: 0, flags: 0, options: [] });
    expect(readMessage(await askTcp(running.endpoint, ask())).opt).toBeUndefined();
    expect(readMessage(await askTcp(running.endpoint, ask({ size: 4096 }))).opt).toBeDefined();
  });

  test.each([1, 2, 255])("version %i is BADVERS, with an OPT of version 0 and no answer", async (version) => {
    const message = readMessage(await udp.ask(ask({ size: 4096, version, options: option(100, "") })));
    expect(message.rcode).toBe("NOERROR");
    expect(message.opt).toMatchObject({ version: 0, extendedRcode: 1, options: [] });
    expect(message.answer).toEqual([]);
  });

  test.each([
    ["an unknown option", option(100, "")],
    ["an unknown option with data", option(65001, "deadbeef")],
    ["a client subnet", option(8, "00011800 0a0102".replaceAll(" ", ""))],
    ["a name server id request", option(3, "")],
    ["padding", option(12, "0000000000")],
    ["several", Buffer.concat([option(100, "ff"), option(3, ""), option(9, "")])],
  ])("%s is ignored and not sent back", async (_, options) => {
    const message = readMessage(await udp.ask(ask({ size: 1232, options })));
    expect(message.answer.map((record) => record.rdata)).toEqual(["10.96.0.1"]);
    expect(message.opt?.options).toEqual([]);
  });

  test("a client cookie does not disturb", async () => {
    const message = readMessage(await udp.ask(ask({ size: 1232, options: option(10, "0102030405060708") })));
    expect(message.answer.map((record) => record.rdata)).toEqual(["10.96.0.1"]);
    for (const { code, data } of message.opt?.options ?? []) {
      expect({ code, client: data.subarray(0, 8).toString("hex") }).toEqual({ code: 10, client: "0102030405060708" });
    }
  });

  test("flags that nobody knows are not sent back", async () => {
    const { opt } = readMessage(await udp.ask(ask({ size: 1232, flags: 0x00ff })));
    expect(opt?.flags).toBe(0);
  });

  test.each([
    ["two OPTs", raw(0, [1, 0, 0, 2], question, writeOpt({ size: 512 }), writeOpt({ size: 512 }))],
    ["an OPT below the root", raw(0, [1, 0, 0, 1], question, hex("0161"), writeOpt({ size: 512 }))],
    ["an OPT longer than the message", raw(0, [1, 0, 0, 1], question, hex("00 0029 0200 00000000 0010 0001"))],
    [
      "an option longer than its OPT",
      raw(0, [1, 0, 0, 1], question, writeOpt({ size: 512, options: hex("000a 0009 01") })),
    ],
  ])("%s: FORMERR", async (_, query) => {
    expect(readMessage(await udp.ask(query))).toMatchObject({ id: ID, rcode: "FORMERR", answer: [] });
    await expectAlive();
  });
});

describe("header", () => {
  test("RD is copied, no other flag is", async () => {
    for (const rd of [0, 0x0100]) {
      const { flags } = readMessage(await udp.ask(ask(undefined, { flags: rd | 0x06f0 })));
      expect(flags).toMatchObject({ qr: true, aa: true, tc: false, rd: rd !== 0, ra: false, z: false, ad: false });
    }
  });

  test.each([0, 1, 0xffff])("id %i comes back", async (id) => {
    expect(readMessage(await udp.ask(ask(undefined, { id }))).id).toBe(id);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 15])("opcode %i is NOTIMP", async (opcode) => {
    const message = readMessage(await udp.ask(ask(undefined, { flags: (opcode << 11) | 0x0100 })));
    expect(message).toMatchObject({ id: ID, opcode, rcode: "NOTIMP", answer: [], authority: [] });
    expect(message.flags).toMatchObject({ qr: true, aa: false, ra: false, z: false });
  });

  test.each([0, 2, 3, 4, 254, 255, 65535])("class %i is REFUSED", async (number) => {
    const message = readMessage(await udp.ask(ask(undefined, { class: number })));
    expect(message).toMatchObject({ id: ID, rcode: "REFUSED", answer: [], authority: [] });
    expect(message.flags.aa).toBe(false);
  });

  test("version.bind is not told", async () => {
    const message = readMessage(await udp.ask(ask(undefined, { name: "version.bind.", type: "TXT", class: 3 })));
    expect(message).toMatchObject({ rcode: "REFUSED", answer: [] });
  });

  test.each(["TYPE0", "OPT", "TYPE249", "TYPE250", "IXFR", "AXFR", "TYPE253", "TYPE254", "TYPE65535"])(
    "type %s gets some answer, and no records of the zone",
    async (type) => {
      expect(readMessage(await udp.ask(ask(undefined, { type }))).answer).toEqual([]);
    },
  );
});

const longLabels = (last: number): string => `${`${"x".repeat(15)}.`.repeat(15)}${"y".repeat(last)}.`;

describe("malformed", () => {
  test.each([
    ["no question", raw(0, [0, 0, 0, 0])],
    ["two questions", raw(0, [2, 0, 0, 0], question, question)],
    ["65,535 questions counted", raw(0, [65535, 0, 0, 0], question)],
    ["records counted, none there", raw(0, [1, 65535, 65535, 65535], question)],
    ["a label of 64 bytes", raw(0, [1, 0, 0, 0], hex(`40${"61".repeat(64)}00 00010001`))],
    ["a label of a reserved type", raw(0, [1, 0, 0, 0], hex("80 00 00010001"))],
    ["a name that points to itself", raw(0, [1, 0, 0, 0], hex("c00c 00010001"))],
    ["two pointers in a ring", raw(0, [1, 0, 0, 0], hex("c00e c00c 00010001"))],
    ["a pointer forward", raw(0, [1, 0, 0, 0], hex("c020 00010001"))],
    ["a pointer past the end", raw(0, [1, 0, 0, 0], hex("ffff 00010001"))],
    ["a pointer after a label, to that label", raw(0, [1, 0, 0, 0], hex("0161c00c 00010001"))],
    ["a name without an end", raw(0, [1, 0, 0, 0], hex("03776562"))],
    ["a label that runs past the end", raw(0, [1, 0, 0, 0], hex("3f776562"))],
    ["no class", raw(0, [1, 0, 0, 0], question.subarray(0, -2))],
    ["no type", raw(0, [1, 0, 0, 0], question.subarray(0, -4))],
    ["a name of 256 bytes", raw(0, [1, 0, 0, 0], writeName(parseLabels(longLabels(14))), hex("00010001"))],
    ["an additional record that is cut off", raw(0, [1, 0, 0, 1], question, hex("00 0001 0001"))],
  ])("%s: FORMERR", async (_, query) => {
    const message = readMessage(await udp.ask(query));
    expect(message).toMatchObject({ id: ID, rcode: "FORMERR", answer: [], authority: [] });
    expect(readMessage(await askTcp(running.endpoint, query))).toMatchObject({ id: ID, rcode: "FORMERR" });
    await expectAlive();
  });

  test("a name of 255 bytes is a name", async () => {
    const message = readMessage(await udp.ask(ask(undefined, { name: longLabels(13) })));
    expect(message.rcode).toBe("REFUSED");
  });

  test("bytes behind a good query never come back", async () => {
    const reply = await udp.ask(Buffer.concat([ask(), hex("deadbeef")]));
    expect(readMessage(reply).rcode).toMatch(/^(NOERROR|FORMERR)$/);
    expect(reply.includes(hex("deadbeef"))).toBe(false);
  });

  // Datagrams of one socket are answered in order: what is silent before a good query's answer stays silent.
  test.each([
    ...Array.from({ length: 11 }, (_, length) => [`${length + 1} bytes`, ask().subarray(0, length + 1)] as const),
    ["an empty datagram", Buffer.alloc(0)] as const,
    ["a response", raw(0x8000, [1, 0, 0, 0], question)] as const,
    ["a response with an error", raw(0x8001, [0, 0, 0, 0])] as const,
  ])("silence for %s", async (_, datagram) => {
    udp.send(datagram);
    await expectAlive();
    expect(udp.strays).toEqual([]);
  });

  test("rubbish of every length is survived", async () => {
    for (let length = 0; length < 600; length += 7) {
      udp.send(Buffer.from(Array.from({ length }, (_, n) => (n * 167 + length * 31) & 255)));
    }
    await expectAlive();
    udp.strays.length = 0;
  });

  test("after rubbish on one TCP connection others are served", async () => {
    const client = await TcpClient.open(running.endpoint);
    await client.write(frame(hex("4142")));
    await client.write(hex("7f7f4142"));
    expect(readMessage(await askTcp(running.endpoint, ask())).answer).toHaveLength(1);
    client.close();
  });
});
