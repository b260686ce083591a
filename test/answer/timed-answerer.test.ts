// How long answers of the main thread take, by listener and transport.
import { expect, test } from "vitest";
import { sumCounters } from "../../src/answer/answer-counts.ts";
import { CAUSE, newAnswerNote } from "../../src/answer/answer-note.ts";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import type { ClientTransport } from "../../src/answer/client.ts";
import { newCounters } from "../../src/answer/counters.ts";
import type { Counters } from "../../src/answer/counters.ts";
import { TimedAnswerer } from "../../src/answer/timed-answerer.ts";

const LATE_MS = 20;
let nowMs = 0;

/** Answers with as many bytes as the query has; a query of 2 bytes is answered late. */
const inner: LateAnswerer = {
  answer: (_query, start, end, _reply, _replyStart, _client, note) => {
    nowMs++;
    if (note !== undefined) note.cause = CAUSE.CACHE;
    return end - start === 2 ? HAND_OVER : end - start;
  },
  answerLate: (query, _client, note) => {
    nowMs += LATE_MS;
    if (note !== undefined) note.cause = CAUSE.FORWARDED;
    return Promise.resolve(query);
  },
};
const counters = [newCounters(), newCounters()];
const answerer = new TimedAnswerer(inner, counters, () => nowMs);

async function ask(size: number, transport: ClientTransport, listener: number): Promise<void> {
  const client = new KnownClient(transport, undefined, 0, listener);
  const query = new Uint8Array(size);
  if (answerer.answer(query, 0, size, new Uint8Array(9), 0, client) === HAND_OVER)
    await answerer.answerLate(query, client);
}

function timed(block: Counters): { count: number; seconds: number } {
  const { latencies } = sumCounters([block]);
  return { count: latencies.counts.reduce((sum, count) => sum + count, 0), seconds: latencies.sum };
}

test("each answer is timed once, in the block of its listener and transport; silence is not", async () => {
  await ask(5, "udp", 0);
  await ask(0, "udp", 0);
  await ask(5, "tcp", 1);
  await ask(5, "https", 1);
  await ask(2, "udp", 1);
  const counts = counters.map(({ udp, stream }) => [timed(udp).count, timed(stream).count]);
  expect(counts).toEqual([
    [1, 0],
    [1, 2],
  ]);
  const seconds = [counters[0]!.udp, counters[1]!.stream, counters[1]!.udp].map((block) => timed(block).seconds);
  expect(seconds).toEqual([0.001, 0.002, LATE_MS / 1000]);
});

test("notes are passed on", async () => {
  const note = newAnswerNote();
  const client = new KnownClient("udp");
  answerer.answer(new Uint8Array(5), 0, 5, new Uint8Array(9), 0, client, note);
  expect(note.cause).toBe(CAUSE.CACHE);
  await answerer.answerLate(new Uint8Array(2), client, note);
  expect(note.cause).toBe(CAUSE.FORWARDED);
});
