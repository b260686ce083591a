// Answerers that record: what they record, what they leave alone, and that recording allocates nothing.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { CAUSE } from "../../src/answer/answer-note.ts";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { QueryFeed } from "../../src/query-log/query-feed.ts";
import { LateRecordingAnswerer } from "../../src/query-log/recording-answerer.ts";
import type { ProbedKind } from "../support/core/measure-allocation.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";

const REPLY = writeHeader(7, 0x8183, 1, 0, 0, 0);
const CLIENT = new KnownClient("tcp", Uint8Array.of(10, 0, 0, 1), 5353);

/** What a server records that answers `sizes` in turn: 12, 0 for nothing, or `HAND_OVER`. */
function recorded(sizes: readonly number[]) {
  let turn = 0;
  const notes: unknown[] = [];
  const inner: LateAnswerer = {
    answer: (_query, _start, _end, reply, at, _client, note) => {
      reply.set(REPLY, at);
      notes.push(note);
      if (note !== undefined) Object.assign(note, { cause: CAUSE.CACHE, rcode: 3, ede: 19 });
      return sizes[turn++]!;
    },
    answerLate: async (query, _client, note) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (note !== undefined) Object.assign(note, { cause: CAUSE.FAILED, rcode: 2, ede: 22 });
      return query.length > 40 ? new Uint8Array(0) : REPLY;
    },
  };
  const feed = new QueryFeed();
  const answerer = new LateRecordingAnswerer(inner, feed.newMemory(), 1);
  const seen: string[] = [];
  const durations: number[] = [];
  const subscribe = (): void =>
    void feed.subscribe({
      wish: { success: 1, denial: 1, error: 1 },
      take: (record) => {
        seen.push(`${record.name} ${record.cause} ${record.rcode} ${record.ede} ${record.port}`);
        durations.push(record.durationMs);
      },
    });
  const ask = (name: string): number => {
    const query = Buffer.concat([Buffer.from("xx"), writeQuery({ name, type: "A" })]);
    return answerer.answer(query, 2, query.length, Buffer.alloc(600), 3, CLIENT);
  };
  return { feed, answerer, seen, durations, notes, subscribe, ask };
}

describe("a recording answerer", () => {
  test("records answers, and no query that was dropped or handed over", () => {
    const { feed, seen, subscribe, ask } = recorded([12, 0, HAND_OVER, 12]);
    subscribe();
    expect(["a.z.", "b.z.", "c.z.", "d.z."].map(ask)).toEqual([12, 0, HAND_OVER, 12]);
    feed.close();
    expect(seen).toEqual([`a.z. ${CAUSE.CACHE} 3 19 5353`, `d.z. ${CAUSE.CACHE} 3 19 5353`]);
  });

  test("asks for no note while nobody wants records", () => {
    const { ask, notes, subscribe } = recorded([12, 12]);
    ask("a.z.");
    subscribe();
    ask("b.z.");
    expect(notes).toEqual([undefined, expect.anything()]);
  });

  test("records late answers with the time that they took, unless there is none", async () => {
    const { feed, answerer, seen, durations, subscribe } = recorded([]);
    const late = (name: string): Promise<Uint8Array> => answerer.answerLate(writeQuery({ name, type: "A" }), CLIENT);
    await late("before.z.");
    subscribe();
    await Promise.all([late("late.z."), late("a-name-without-an-answer-in-time.example.")]);
    feed.close();
    expect(seen).toEqual([`late.z. ${CAUSE.FAILED} 3 22 5353`]);
    expect(durations[0]).toBeGreaterThan(3);
  });
});

test("recording costs no byte", { timeout: 100_000 }, async () => {
  const probe = fileURLToPath(new URL("../support/query-log/recording-probe.ts", import.meta.url));
  const args = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64", probe];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 90_000 });
  const kinds = JSON.parse(stdout) as ProbedKind[];
  expect(kinds).toHaveLength(4);
  expect(kinds.filter(({ collections, bytesPerQuery }) => collections > 0 || !(bytesPerQuery < 1))).toEqual([]);
});
