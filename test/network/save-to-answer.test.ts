// A saved file is answered from, in a folder of 1,000 services, over the network; a timed run holds the wait against wide
// bounds. docs/performance.md has the figures.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { service, startServer } from "../support/cluster.ts";
import type { RunningServer } from "../support/cluster.ts";
import { UdpClient } from "../support/network.ts";
import { expectMsBelow, isTimed } from "../support/timing.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const SERVICES = 1_000;
const DEADLINE_MS = 15_000;
let folder: string;
let running: RunningServer;
let client: UdpClient;
let id = 0;

function save(name: string, address: string): void {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(service(name, address)));
}

/** The name's addresses; undefined: there is no such name. */
async function addressesOf(name: string): Promise<string | undefined> {
  id = (id + 1) & 0xffff;
  const query = writeQuery({ name: `${name}.default.svc.cluster.local.`, type: "A", id });
  const message = readMessage(await client.ask(query));
  return message.rcode === "NXDOMAIN" ? undefined : message.answer.map(({ rdata }) => rdata).join();
}

/** Milliseconds until the name's addresses are `wanted`. */
async function untilAnswered(name: string, wanted: string | undefined): Promise<number> {
  const startedAt = performance.now();
  while ((await addressesOf(name)) !== wanted) {
    if (performance.now() - startedAt > DEADLINE_MS)
      throw new Error(`${name} is not ${wanted} after ${DEADLINE_MS} ms`);
  }
  return performance.now() - startedAt;
}

/** Runs `change` for so many services, one after the other; the median and the worst of the times. */
async function timed(
  count: number,
  change: (n: number) => Promise<number>,
): Promise<{ median: number; worst: number }> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push(await change(n));
  times.sort((a, b) => a - b);
  const figures = { median: times[count >> 1]!, worst: times.at(-1)! };
  const line = `save to answer: median ${figures.median.toFixed(1)} ms, worst ${figures.worst.toFixed(1)} ms\n`;
  if (isTimed) process.stdout.write(line);
  return figures;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "save-"));
  for (let n = 0; n < SERVICES; n++) save(`s${n}`, `10.96.${1 + (n >> 8)}.${n & 255}`);
  running = await startServer({ paths: [folder] });
  client = await UdpClient.open(running.endpoint);
});

afterAll(async () => {
  client.close();
  await running.server.close();
  rmSync(folder, { recursive: true });
});

describe("from a save to the new answer, in a folder of 1,000 services", () => {
  test("a file written in place", async () => {
    const { median, worst } = await timed(40, (n) => {
      save(`s${n}`, `10.97.0.${n + 1}`);
      return untilAnswered(`s${n}`, `10.97.0.${n + 1}`);
    });
    expectMsBelow(median, 100);
    expectMsBelow(worst, 1_000);
  });

  test("a file renamed over the old one, as editors do", async () => {
    const { median, worst } = await timed(40, (n) => {
      const temporary = join(folder, `.s${n}.json.tmp`);
      writeFileSync(temporary, JSON.stringify(service(`s${n}`, `10.98.0.${n + 1}`)));
      renameSync(temporary, join(folder, `s${n}.json`));
      return untilAnswered(`s${n}`, `10.98.0.${n + 1}`);
    });
    expectMsBelow(median, 100);
    expectMsBelow(worst, 1_000);
  });

  test("a file removed", async () => {
    const { worst } = await timed(10, (n) => {
      rmSync(join(folder, `s${n}.json`));
      return untilAnswered(`s${n}`, undefined);
    });
    expectMsBelow(worst, 1_000);
  });
});
