// The batched UDP transport on a compiled zone, with or without counters: what counting costs. Run as a program:
// counted|uncounted SERVICES ENDPOINTS; tells its port as JSON on standard output. Ends at SIGTERM.
import { Counters } from "../src/answer/counters.ts";
import type { AnswererData } from "../src/answer/answerer-data.ts";
import { loadLibc } from "../src/server/libc.ts";
import { openUdpBatch } from "../src/server/udp-batch.ts";
import { freePort } from "../test/support/process.ts";
import { makeServices } from "./cluster.ts";
import { compileZone } from "./compiled-zone.ts";

const EDNS_SIZE = 1232;

const [mode, services, endpoints] = process.argv.slice(2) as [string, string, string];
const loaded = loadLibc();
if (!("libc" in loaded)) throw new Error(loaded.reason);
const { writer } = compileZone(makeServices({ services: Number(services), endpoints: Number(endpoints) }));
const settings = { ednsSize: EDNS_SIZE, recursion: false };
const port = await freePort();
const transport = await openUdpBatch(
  { host: "127.0.0.1", port },
  {
    libc: loaded.libc,
    workerUrl: new URL(mode === "counted" ? "../src/planes/worker.ts" : "uncounted-worker.ts", import.meta.url),
    workerCount: 1,
    answererData: (): AnswererData => ({
      table: writer.buffer,
      settings,
      seed: 1,
      listener: 0,
      counters: new Counters().memory,
      handsOverAll: false,
    }),
    replySizeMax: EDNS_SIZE,
    answerLate: () => Promise.resolve(new Uint8Array(0)),
    onFault: (fault) => process.stderr.write(`${fault.stack}\n`),
  },
);
process.once("SIGTERM", () => void transport.close());
process.stdout.write(`${JSON.stringify({ port })}\n`);
