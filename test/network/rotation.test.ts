// Address sets come in an order that changes from answer to answer, so that clients that take the first one are spread
// evenly, whatever other questions they ask in between.
import { afterAll, beforeAll, expect, test } from "vitest";
import { headless, startServer, type RunningServer } from "../support/cluster.ts";
import { askTcp, UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const sets = [2, 3, 4].map((count) => ({
  count,
  name: `of-${count}.default.svc.cluster.local.`,
  endpoints: Array.from({ length: count }, (_, n) => [
    { address: `10.244.1.${n}` },
    { address: `fd00:10:244::a${n}` },
  ]).flat(),
}));

let running: RunningServer;
let udp: UdpClient;
beforeAll(async () => {
  running = await startServer({ objects: sets.flatMap(({ count, endpoints }) => headless(`of-${count}`, endpoints)) });
  udp = await UdpClient.open(running.endpoint);
});
afterAll(async () => {
  udp?.close();
  await running?.server.close();
});

/** First addresses of the answers to `rounds` times `types`, counted; fails when an answer is not the whole set. */
async function countFirsts(
  name: string,
  types: readonly string[],
  rounds: number,
  setSize: number,
): Promise<Map<string, number>> {
  const firsts = new Map<string, number>();
  for (let n = 0; n < rounds; n++) {
    for (const type of types) {
      const { answer } = readMessage(await udp.ask(writeQuery({ name, type, id: n })));
      expect(new Set(answer.map((record) => record.rdata)).size).toBe(setSize);
      const first = answer[0]?.rdata ?? "none";
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
  }
  return firsts;
}

// A tenth of 1,000 would be more than chance leaves once in some thousand runs; of 3,000 it never is.
test("9,000 questions: each of three addresses is first 3,000 times, give or take a tenth", async () => {
  const firsts = await countFirsts("of-3.default.svc.cluster.local.", ["A"], 9_000, 3);
  expect(firsts.size).toBe(3);
  for (const count of firsts.values()) expect(Math.abs(count - 3_000)).toBeLessThanOrEqual(300);
});

test.each(sets)("A and AAAA in turn: each of $count addresses is first equally often", async ({ count, name }) => {
  const rounds = 400 * count;
  const firsts = await countFirsts(name, ["A", "AAAA"], rounds, count);
  expect(firsts.size).toBe(2 * count);
  for (const times of firsts.values()) expect(Math.abs(times - 400)).toBeLessThanOrEqual(100);
});

test("answers over TCP rotate as well", async () => {
  const firsts = new Set<string>();
  for (let n = 0; n < 60; n++) {
    const { answer } = readMessage(
      await askTcp(running.endpoint, writeQuery({ name: sets[1]?.name ?? "", type: "A" })),
    );
    firsts.add(answer[0]?.rdata ?? "none");
  }
  expect(firsts.size).toBe(3);
});
