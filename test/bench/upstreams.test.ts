import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askUdp } from "../../bench/check-answers.ts";
import { missingQuestion } from "../../bench/foreign.ts";
import { Processes } from "../../bench/processes.ts";
import { startProgram } from "../../bench/servers.ts";
import type { BenchServer } from "../../bench/servers.ts";
import { frame, TcpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const folder = mkdtempSync(`${tmpdir()}/bench-upstreams-`);
const processes = new Processes();
let denying: BenchServer;
let fading: BenchServer;
let silent: BenchServer;
let partlySilent: BenchServer;
beforeAll(async () => {
  const bed = { folder, processes };
  denying = await startProgram(bed, "denying upstream", "missing-upstream.ts", []);
  fading = await startProgram(bed, "fading upstream", "missing-upstream.ts", ["3"]);
  silent = await startProgram(bed, "silent upstream", "silent-upstream.ts", []);
  partlySilent = await startProgram(bed, "partly silent upstream", "partly-silent-upstream.ts", []);
});
afterAll(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true });
});

test.each([
  { name: missingQuestion(7).name, soaOf: "random.example." },
  { name: "www.example.com.", soaOf: "example.com." },
  { name: ".", soaOf: "." },
])("$name is denied with the SOA of $soaOf", async ({ name, soaOf }) => {
  const reply = await askUdp(denying.port, { name, type: "A" });
  expect(reply).toMatchObject({
    rcode: "NXDOMAIN",
    flags: { qr: true, ra: true, tc: false },
    question: { name, type: "A" },
    answer: [],
    authority: [{ owner: soaOf, type: "SOA", ttl: 300, rdata: ". . 1 3600 600 86400 300" }],
    additional: [],
  });
});

test("what is cut short gets no answer, and harms nobody", async () => {
  const socket = createSocket("udp4");
  const query = writeQuery(missingQuestion(1));
  for (let size = 0; size < query.length; size++) socket.send(query.subarray(0, size), denying.port, "127.0.0.1");
  socket.send(query, denying.port, "127.0.0.1");
  // The one reply there is, to the last query.
  const [reply] = (await once(socket, "message", { signal: AbortSignal.timeout(2_000) })) as [Buffer];
  socket.close();
  expect(reply.readUInt16BE(0)).toBe(query.readUInt16BE(0));
  expect(reply.length).toBe(query.length + 34);
});

test("a fading upstream answers one question in so many", async () => {
  const socket = createSocket("udp4");
  const ids: number[] = [];
  socket.on("message", (reply) => ids.push(reply.readUInt16BE(0)));
  for (let id = 0; id < 7; id++) {
    const query = writeQuery(missingQuestion(id));
    query.writeUInt16BE(id);
    socket.send(query, fading.port, "127.0.0.1");
  }
  while (!ids.includes(6)) await once(socket, "message", { signal: AbortSignal.timeout(2_000) });
  socket.close();
  expect(ids).toEqual([0, 3, 6]);
});

test("a silent upstream has a port that is taken, and says nothing", async () => {
  expect(await askUdp(silent.port, missingQuestion(2))).toBeUndefined();
  const second = createSocket("udp4");
  second.bind(silent.port, "127.0.0.1");
  await expect(once(second, "listening")).rejects.toMatchObject({ code: "EADDRINUSE" });
  second.close();
});

test("a partly silent upstream answers over UDP and TCP, but for the domains of dead authorities", async () => {
  const wanted = { rcode: "NOERROR", answer: [{ owner: "www.good.example.", type: "A", rdata: "192.0.2.1" }] };
  expect(await askUdp(partlySilent.port, { name: "www.good.example.", type: "A" })).toMatchObject(wanted);
  const client = await TcpClient.open({ host: "127.0.0.1", port: partlySilent.port });
  for (const name of ["n1.slow7.example.", "www.good.example."])
    await client.write(frame(writeQuery({ name, type: "A" })));
  // The one reply there is, to the last query.
  expect(readMessage(await client.next())).toMatchObject(wanted);
  client.close();
  expect(await askUdp(partlySilent.port, { name: "n1.SLOW7.example.", type: "A" })).toBeUndefined();
});
