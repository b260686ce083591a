// One writer that changes names at full speed, readers in threads of their own that hold every answer against what was
// valid in that interval. TORTURE_SECONDS says for how long, 5 when absent.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { TableWriter } from "../../src/table/writer.ts";
import {
  APEX,
  contentOf,
  nameOf,
  NAME_COUNT,
  SHARED,
  STEADY_COUNT,
  wireName,
} from "../support/torture/tortured-zone.ts";
import type { ReaderData, ReaderReport } from "../support/torture/tortured-zone.ts";

const SECONDS = Number(process.env["TORTURE_SECONDS"] ?? 5);
const READER_COUNT = 4;
/** Names that nobody asks: they make the table grow, and leave gaps when they go again. */
const FILLER_COUNT = 6_000;
const READER = new URL("../support/torture/reader-worker.ts", import.meta.url);

const readers: Worker[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.terminate()));
});

/** Changes one thing after the other in a zone that others read. */
class Torturer {
  readonly shared = new Int32Array(new SharedArrayBuffer(SHARED.WORDS * 4));
  readonly writer: TableWriter;
  buffers = 0;
  changes = 0;
  #random = 0x2545f491;
  #fillers = 0;
  #isFilling = true;

  constructor(onReplaced: (buffer: SharedArrayBuffer) => void) {
    this.writer = new TableWriter([this.#next(), this.#next()], (buffer) => {
      this.buffers++;
      onReplaced(buffer);
      Atomics.add(this.shared, SHARED.POSTED, 1);
    });
    this.#setZoneSoa();
    this.writer.put(APEX, { ...contentOf(0), sets: [] });
    for (let i = 0; i < NAME_COUNT; i++) {
      if (i < STEADY_COUNT) this.writer.put(nameOf(i), contentOf(0));
      else this.shared[SHARED.DONE + i] = this.shared[SHARED.STARTED + i] = 1;
    }
    this.writer.setZonesKnown(true);
  }

  change(): void {
    const { shared, writer } = this;
    const i = (this.#next() >>> 0) % NAME_COUNT;
    const version = shared[SHARED.DONE + i]! + 1;
    Atomics.store(shared, SHARED.STARTED + i, version);
    if (i >= STEADY_COUNT && version % 2 === 1) writer.remove(nameOf(i));
    else writer.put(nameOf(i), contentOf(version));
    Atomics.store(shared, SHARED.DONE + i, version);
    this.changes++;
    Atomics.store(shared, SHARED.SERIAL_STARTED, this.changes);
    writer.setSerial(0, this.changes);
    Atomics.store(shared, SHARED.SERIAL_DONE, this.changes);
    this.#fill();
    if (this.changes % 1000 === 0) this.#setZoneSoa();
  }

  #fill(): void {
    const name = wireName(`f${this.#isFilling ? this.#fillers++ : --this.#fillers}`, "z");
    if (this.#isFilling) this.writer.put(name, contentOf(this.changes % 100));
    else this.writer.remove(name);
    if (this.#fillers === 0 || this.#fillers === FILLER_COUNT) this.#isFilling = this.#fillers === 0;
  }

  #setZoneSoa(): void {
    const times = { refreshSeconds: 1, retrySeconds: 2, expireSeconds: 3, minimumSeconds: 5 };
    const ttls = { ttlSeconds: 30, negativeTtlSeconds: 5 };
    this.writer.setZoneSoa(0, { ...ttls, ...times, mname: wireName("ns", "z"), rname: wireName("hostmaster", "z") });
  }

  #next(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return this.#random;
  }
}

test("no reader ever sees what was not valid", { timeout: SECONDS * 1000 + 30_000 }, async () => {
  const torturer = new Torturer((buffer) => readers.forEach((reader) => reader.postMessage(buffer)));
  const errors: unknown[] = [];
  const reports = Array.from({ length: READER_COUNT }, async (_, i): Promise<ReaderReport> => {
    const workerData: ReaderData = { table: torturer.writer.buffer, shared: torturer.shared, seed: 7919 * (i + 1) };
    const reader = new Worker(READER, { workerData });
    readers.push(reader);
    reader.on("error", (error) => errors.push(error));
    return ((await once(reader, "message")) as [ReaderReport])[0];
  });
  await Promise.all(readers.map((reader) => once(reader, "online")));

  const deadline = performance.now() + SECONDS * 1000;
  while (performance.now() < deadline && errors.length === 0) {
    for (let i = 0; i < 500; i++) torturer.change();
    // For errors to be heard.
    await new Promise((resolve) => setImmediate(resolve));
  }
  Atomics.store(torturer.shared, SHARED.STOP, 1);
  expect(errors).toEqual([]);

  // That all that could go wrong had its chance.
  expect(torturer.changes).toBeGreaterThan(10_000);
  expect(torturer.buffers).toBeGreaterThan(10);
  for (const { answers, contested, buffers } of await Promise.all(reports)) {
    expect(answers).toBeGreaterThan(5_000);
    expect(contested).toBeGreaterThan(0);
    expect(buffers).toBeGreaterThan(5);
  }
});
