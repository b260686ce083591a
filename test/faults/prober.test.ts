// The prober's laws: it sends on schedule whatever the server does, and each question ends as right, wrong, failed or lost.
// The servers are planted: each does one thing wrong, which must be counted.
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { address, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";
import { Prober, quantile, sumOf, totalOf } from "./prober.ts";
import type { ProbeQuestion, Tally } from "./prober.ts";

const RATE = 500;
const QUESTIONS = 60;
const LOST_MS = 300;
/** Of questions: every third is treated otherwise. */
const THIRD = QUESTIONS / 3;

let server: Socket | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A server that replies with what `reply` makes of the `nth` query; nothing: silence. */
async function plant(reply: (query: Buffer, nth: number) => Uint8Array | undefined): Promise<number> {
  let nth = 0;
  const socket = (server = createSocket("udp4"));
  socket.on("message", (query, from) => {
    const bytes = reply(query, nth++);
    if (bytes !== undefined) socket.send(bytes, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

/** What a prober says that has sent `QUESTIONS`. */
async function probe(port: number, question: Partial<ProbeQuestion> = {}): Promise<Tally> {
  let sent = 0;
  const whole = { name: "a.example.", type: "A", kind: "known" as const, right: ["NOERROR A 192.0.2.1"], ...question };
  const next = (n: number): ProbeQuestion => {
    sent = n + 1;
    return { ...whole, name: `n${n}.example.` };
  };
  const prober = await Prober.open({ host: "127.0.0.1", port }, { next, rate: RATE, lostMs: LOST_MS, sockets: 2 });
  const tally = prober.phase();
  await vi.waitFor(() => expect(sent).toBeGreaterThanOrEqual(QUESTIONS), 10_000);
  await prober.stop();
  return tally;
}

const wrongAddress = (query: Buffer): Buffer =>
  writeReply(query, {
    answer: [{ owner: readMessage(query).question!.name, type: "A", rdata: address("192.0.2.9") }],
  });
const everyThird =
  (other: (query: Buffer) => Uint8Array | undefined) =>
  (query: Buffer, nth: number): Uint8Array | undefined =>
    nth % 3 === 0 ? other(query) : rightAnswer(query);

describe("a server is judged", () => {
  test("right where every answer is", async () => {
    const tally = await probe(await plant((query) => rightAnswer(query)));
    expect(tally.right).toBe(tally.sent);
    expect(tally.latencies.known).toHaveLength(tally.sent);
    expect(tally.examples).toEqual([]);
  });

  test.each<[what: string, other: (query: Buffer) => Uint8Array | undefined, counted: keyof Tally, example: RegExp]>([
    ["another address", wrongAddress, "wrong", /A 192\.0\.2\.9; right: NOERROR A 192\.0\.2\.1/],
    ["a name that is not there", (query) => writeReply(query, { rcode: 3 }), "wrong", /NXDOMAIN/],
    ["no records", (query) => writeReply(query), "wrong", /: NOERROR;/],
    [
      "another question",
      (query) => writeReply(query, { question: { name: "b.example.", type: "A" } }),
      "wrong",
      /another question/,
    ],
    ["the query itself", (query) => query, "wrong", /not a reply/],
    ["half a reply", (query) => rightAnswer(query).subarray(0, 30), "wrong", /malformed/],
    ["SERVFAIL", (query) => writeReply(query, { rcode: 2 }), "failed", /SERVFAIL/],
    ["REFUSED", (query) => writeReply(query, { rcode: 5 }), "failed", /REFUSED/],
    ["nothing", () => undefined, "lost", /no reply/],
    ["a reply to another id", (query) => writeReply(query, { id: 0xfff0 }), "lost", /no reply/],
  ])("%s, each third time", async (_, other, counted, example) => {
    const tally = await probe(await plant(everyThird(other)));
    const count = tally[counted];
    const total = typeof count === "number" ? count : totalOf(count as Tally["lost"]);
    expect(total).toBeGreaterThanOrEqual(THIRD);
    expect(total + tally.right).toBe(tally.sent);
    expect(tally.examples[0]).toMatch(example);
  });

  test("by what is right when the reply comes", async () => {
    const port = await plant((query) => rightAnswer(query));
    const either = await probe(port, { right: ["NXDOMAIN", "NOERROR A 192.0.2.1"] });
    expect(either.right).toBe(either.sent);
    const failing = await probe(port, { right: ["SERVFAIL"] });
    expect(failing.wrong).toBe(failing.sent);
  });
});

test("a server that is silent does not slow the questions down", async () => {
  const tally = await probe(await plant(() => undefined));
  expect(tally.sent).toBeGreaterThanOrEqual(QUESTIONS);
  expect(tally.lost.known).toBe(tally.sent);
});

test("a port that nobody has is no fault of the prober's", async () => {
  const port = await plant(() => undefined);
  server!.close();
  server = undefined;
  const tally = await probe(port);
  expect(tally.lost.known).toBe(tally.sent);
});

test("a phase has the questions that were sent in it", async () => {
  const port = await plant((query) => rightAnswer(query));
  const right = ["NOERROR A 192.0.2.1"];
  const next = (): ProbeQuestion => ({ name: "a.example.", type: "A", kind: "known", right });
  const prober = await Prober.open({ host: "127.0.0.1", port }, { next, rate: RATE });
  const first = prober.phase();
  await vi.waitFor(() => expect(first.sent).toBeGreaterThan(10), 10_000);
  const second = prober.phase();
  const { sent } = first;
  await vi.waitFor(() => expect(second.sent).toBeGreaterThan(10), 10_000);
  await prober.stop();
  expect(first.sent).toBe(sent);
  expect([first.right, second.right]).toEqual([first.sent, second.sent]);
  expect(sumOf([first, second])).toMatchObject({ sent: first.sent + second.sent, right: first.right + second.right });
});

test("quantiles", () => {
  const numbers = Array.from({ length: 100 }, (_, i) => 99 - i);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(numbers, share))).toEqual([0, 50, 99, 99]);
  expect(quantile([], 0.99)).toBe(0);
});
