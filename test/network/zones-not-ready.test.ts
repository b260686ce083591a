// Zones become ready one by one while a server answers: by node:dgram, as a client sees it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { encodeEntry } from "../../src/compile/encode-entry.ts";
import { openUdp } from "../../src/server/udp-dgram.ts";
import type { UdpTransport } from "../../src/server/udp-dgram.ts";
import { newTable, records, wire } from "../support/core/table.ts";
import { UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const table = newTable();
let transport: UdpTransport;
let client: UdpClient;

beforeAll(async () => {
  const { writer } = table;
  table.put("z.", [records("NS", ["ns.z."])]);
  table.put("a.z.", [records("A", ["10.0.0.1"])]);
  table.put("to-late.z.", [records("CNAME", ["a.late."])]);
  const times = { refreshSeconds: 1, retrySeconds: 1, expireSeconds: 1, minimumSeconds: 1 };
  writer.setZoneSoa(1, { ttlSeconds: 1, negativeTtlSeconds: 1, ...times, mname: wire("ns."), rname: wire("a.") });
  writer.put(
    wire("late."),
    encodeEntry({ name: wire("late."), sets: [] }, { apexSize: wire("late.").length, zone: 1, kind: 0 }),
  );
  for (const zone of [0, 1]) writer.setZoneReady(zone, false);
  const answerer = new QueryAnswerer(table.reader, { ednsSize: 1232, recursion: false }, 1);
  transport = await openUdp(
    { host: "127.0.0.1", port: 0 },
    { answer: answerer.answer.bind(answerer), answerLate: () => Promise.resolve(new Uint8Array(0)) },
    { onFault: (fault) => expect.unreachable(fault.message) },
  );
  client = await UdpClient.open(transport.address);
});
afterAll(async () => {
  client.close();
  await transport.close();
});

test("each name is SERVFAIL with Not Ready until its zone is ready, and names in no zone until all are known", async () => {
  const { writer } = table;
  const names = ["a.z.", "none.z.", "to-late.z.", "a.late.", "www.example.com."];
  const rcodes = async (): Promise<string[]> => {
    const rcode = async (name: string, id: number): Promise<string> => {
      const message = readMessage(await client.ask(writeQuery({ name, type: "A", id, opt: { size: 1232 } })));
      const ede = message.opt?.options.find(({ code }) => code === 15)?.data.readUInt16BE(0);
      return `${message.rcode}${ede === undefined ? "" : ` ${ede}`}`;
    };
    return Promise.all(names.map(rcode));
  };
  const [LATER, OUTSIDE] = ["SERVFAIL 14", "REFUSED 20"];
  expect(await rcodes()).toEqual([LATER, LATER, LATER, LATER, LATER]);
  writer.setZoneReady(0, true);
  expect(await rcodes()).toEqual(["NOERROR", "NXDOMAIN", LATER, LATER, LATER]);
  writer.setZonesKnown(true);
  expect(await rcodes()).toEqual(["NOERROR", "NXDOMAIN", LATER, LATER, OUTSIDE]);
  writer.put(
    wire("a.late."),
    encodeEntry(
      { name: wire("a.late."), sets: [records("A", ["10.0.0.9"])] },
      { apexSize: wire("late.").length, zone: 1, kind: 0 },
    ),
  );
  writer.setZoneReady(1, true);
  expect(await rcodes()).toEqual(["NOERROR", "NXDOMAIN", "NOERROR", "NOERROR", OUTSIDE]);
  writer.setZoneReady(0, false);
  expect(await rcodes()).toEqual([LATER, LATER, LATER, "NOERROR", OUTSIDE]);
});
