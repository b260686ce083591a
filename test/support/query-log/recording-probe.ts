// Run by test/query-log/recording-answerer.test.ts in its own process, with --expose-gc and a young generation too large to
// fill: asks questions whose answers are recorded, in a ring that is never full, and prints the heap growth as JSON.
import { Demand } from "../../../src/query-log/demand.ts";
import { RING } from "../../../src/query-log/record-layout.ts";
import { RecordingAnswerer } from "../../../src/query-log/recording-answerer.ts";
import { newRing } from "../../../src/query-log/ring-writer.ts";
import { QueryAnswerer } from "../../../src/answer/query-answerer.ts";
import type { Answerer } from "../../../src/answer/answerer.ts";
import { printAllocations } from "../core/measure-allocation.ts";
import { fillNames } from "../core/sample-zone.ts";
import { newTable, records } from "../core/table.ts";

const table = newTable();
table.put("z.", [records("NS", ["ns.z."])]);
fillNames(table);
table.writer.setZonesKnown(true);
const ring = newRing(1 << 16);
const words = new Int32Array(ring);
const demand = new Demand();
const own = new QueryAnswerer(table.reader, { ednsSize: 1232, recursion: false }, 1);
const recording = new RecordingAnswerer(own, { demand: demand.memory, ring }, 1);
demand.set([{ success: 1, denial: 1, error: 1, messages: true }]);
/** Reads all records without a look at them. */
const answerer: Answerer = {
  answer: (query, start, end, reply, replyStart, client) => {
    const size = recording.answer(query, start, end, reply, replyStart, client);
    words[RING.TAIL] = words[RING.HEAD]!;
    return size;
  },
};

await printAllocations(
  answerer,
  [
    ["A", { name: "a.z.", type: "A" }],
    ["EDNS, over TCP", { name: "a.z.", type: "A", opt: { size: 1232 } }, "tcp"],
    ["NXDOMAIN", { name: "none.z.", type: "A" }],
    ["NODATA", { name: "v4.z.", type: "AAAA" }],
  ],
  { warmUpQueries: 60_000, queries: 100_000 },
);
if (words[RING.DROPPED] !== 0 || words[RING.HEAD] === 0) throw new Error("nothing was recorded, or not all");
