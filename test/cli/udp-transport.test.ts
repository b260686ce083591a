// `cluster-dns serve --udp-transport …` as a real process: what it does with and without the binding to the C library,
// how many sockets it opens, and that a second process can't share them.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { UdpClient } from "../support/network.ts";
import { BatchClient } from "../support/batch/batch-client.ts";
import { needLibc, reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { ROOT } from "../support/process.ts";
import { expectMsBelow } from "../support/timing.ts";
import { readMessage, writeHeader, writeQuery } from "../support/wire.ts";

const WITHOUT_KOFFI = new URL("../support/batch/without-koffi.ts", import.meta.url);
const WITHOUT_THREADS = new URL("../support/batch/without-threads.ts", import.meta.url);
const WITH_CPUS = new URL("../support/batch/with-cpus.ts", import.meta.url);
const WHY_NOT = reasonAgainstBatches();

const processes: ChildProcess[] = [];
afterEach(() => processes.splice(0).forEach((child) => child.kill("SIGKILL")));

interface Serving {
  readonly child: ChildProcess;
  /** Lines of the log so far, parsed. */
  readonly log: Record<string, unknown>[];
  /** Resolves once it serves. */
  readonly port: Promise<number>;
  readonly ended: Promise<{ code: number | null; err: string; tookMs: number }>;
}

function serve(args: readonly string[], env: NodeJS.ProcessEnv = {}): Serving {
  const startedAtMs = performance.now();
  // Not by the launcher, which would drop NODE_OPTIONS.
  const command = [`${ROOT}src/cli/start.ts`, "serve", `${ROOT}zones`, ...args];
  const child = spawn(process.execPath, command, { cwd: "/", env: { ...process.env, ...env } });
  processes.push(child);
  const log: Serving["log"] = [];
  let [out, err] = ["", ""];
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const port = new Promise<number>((resolve) => {
    child.stdout.on("data", (data: Buffer) => {
      const lines = (out + data.toString()).split("\n");
      out = lines.pop()!;
      log.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
      const addresses = log.find(({ msg }) => msg === "serving")?.["addresses"] as string[] | undefined;
      if (addresses !== undefined) resolve(Number(/\d+$/.exec(addresses[0]!)![0]));
    });
  });
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    err,
    tookMs: performance.now() - startedAtMs,
  }));
  return { child, log, port, ended };
}

/** Sockets of 127.0.0.1:`port` in the table of the kernel. */
function udpSockets(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/udp", "utf8")
    .split("\n")
    .filter((line) => line.trim().split(/\s+/)[1] === local).length;
}

async function answers(port: number): Promise<boolean> {
  const client = await UdpClient.open({ host: "127.0.0.1", port });
  const query = writeQuery({ name: "kubernetes.default.svc.cluster.local.", type: "A", id: 7 });
  const reply = readMessage(await client.ask(query));
  client.close();
  return reply.answer[0]?.rdata === "10.96.0.1";
}

describe("without koffi", () => {
  const env = { NODE_OPTIONS: `--import ${WITHOUT_KOFFI.href}` };

  test("auto serves by node:dgram, and one line of the log says why", async () => {
    const { port, log, child, ended } = serve(["--listen=127.0.0.1:0", "--udp-transport=auto"], env);
    expect(await answers(await port)).toBe(true);
    expect(log.filter(({ level }) => Number(level) > 30)).toMatchObject([
      {
        level: 40,
        reason: "koffi does not load: Cannot find module 'koffi'",
        msg: expect.stringContaining("node:dgram") as string,
      },
    ]);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, err: "" });
  });

  test("dgram has nothing to say", async () => {
    const { port, log } = serve(["--listen=127.0.0.1:0", "--udp-transport=dgram"], env);
    expect(await answers(await port)).toBe(true);
    expect(log.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });

  test("batch is an error that says why and what to choose: one line, code 1", async () => {
    const { code, err } = await serve(["--listen=127.0.0.1:0", "--udp-transport=batch"], env).ended;
    expect(err).toMatch(
      /^cluster-dns serve: udp-transport batch: koffi does not load: [^\n]+; choose auto or dgram\n$/,
    );
    expect(code).toBe(1);
  });
});

describe.skipIf(WHY_NOT !== undefined)("where threads can't start", () => {
  const env = { NODE_OPTIONS: `--import ${WITHOUT_THREADS.href}` };

  test("auto serves by node:dgram, and one line of the log says why", async () => {
    const { port, log } = serve(["--listen=127.0.0.1:0", "--udp-transport=auto"], env);
    expect(await answers(await port)).toBe(true);
    expect(udpSockets(await port)).toBe(1);
    expect(log.filter(({ level }) => Number(level) > 30)).toMatchObject([
      { level: 40, reason: "a thread does not start: no thread is left", msg: expect.stringContaining("node:dgram") },
    ]);
  });

  test.each([
    [
      ["--udp-transport=batch"],
      "udp-transport batch: a thread does not start: no thread is left; choose auto or dgram",
    ],
    [
      ["--takeover=/tmp/none.sock"],
      "sockets are passed on only with UDP in batches: a thread does not start: no thread is left; give the process " +
        "more memory or threads, or leave out --takeover",
    ],
  ])("the start fails with %j: one line, code 1, and it never says that it serves", async (args, message) => {
    const { ended, log } = serve(["--listen=127.0.0.1:0", ...args], env);
    expect(await ended).toMatchObject({ code: 1, err: `cluster-dns serve: ${message}\n` });
    expect(log.some(({ msg }) => msg === "serving")).toBe(false);
  });
});

describe.skipIf(WHY_NOT !== undefined)("with koffi", () => {
  test.each([
    [[], 1, 1],
    [[], 2, 1],
    [[], 3, 2],
    [[], 16, 4],
    [["--udp-workers=3"], 2, 3],
    [["--udp-workers=7"], 16, 7],
  ])("%j on %i CPUs: %i sockets", async (args, cpus, sockets) => {
    const { port, log } = serve(["--listen=127.0.0.1:0", "--udp-transport=auto", ...args], {
      NODE_OPTIONS: `--import ${WITH_CPUS.href}`,
      TEST_CPUS: String(cpus),
    });
    expect(await answers(await port)).toBe(true);
    expect(udpSockets(await port)).toBe(sockets);
    expect(log.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });

  test.each(["batch", "dgram"])("a second process on the port fails, soon (%s)", async (how) => {
    const first = serve(["--listen=127.0.0.1:0", "--udp-transport=batch", "--udp-workers=2"]);
    const port = await first.port;
    // What any start costs on this machine at this moment, however busy it is.
    const { tookMs: startMs } = await serve(["--no-such-flag"]).ended;
    const second = await serve([`--listen=127.0.0.1:${port}`, `--udp-transport=${how}`]).ended;
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`) });
    expect(second.err.split("\n")).toHaveLength(2);
    expectMsBelow(second.tookMs - startMs, 1_000);
    expect(udpSockets(port)).toBe(2);
    expect(await answers(port)).toBe(true);
  });

  test("a flood of what threads can't answer costs cluster names nothing, and memory does not grow", async () => {
    const { port, child } = serve(["--listen=127.0.0.1:0", "--udp-transport=batch", "--udp-workers=1"]);
    const client = new BatchClient(needLibc(), { host: "127.0.0.1", port: await port });
    const web = { name: "kubernetes.default.svc.cluster.local.", type: "A" };
    /** Odd ids are a name of somebody else, even ones no whole question. */
    const flood = Array.from({ length: 20_000 }, (_, id) =>
      id % 2 === 1
        ? writeQuery({ name: `n${id}.example.com.`, type: "A", id })
        : Buffer.concat([writeHeader(id, 0, 1, 0, 0, 0), Buffer.alloc(id % 300, 63)]),
    );
    const residentMegabytes = (): number => {
      const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))!;
      return Number(kilobytes) / 1024;
    };
    const megabytes: number[] = [];
    for (let round = 0; round < 5; round++) {
      const rcodes = new Map<number, number>();
      for (let at = 0; at < flood.length; at += 500) {
        const id = 30_000 + at / 500;
        client.send(flood.slice(at, at + 500));
        client.send([writeQuery({ ...web, id })]);
        for (let answered = false; !answered;) {
          const [reply] = client.receive(1, 5_000);
          if (reply === undefined) throw new Error(`no answer for the cluster's name after ${at} others`);
          answered = reply.readUInt16BE(0) === id;
          if (answered) expect(readMessage(reply).answer).toHaveLength(1);
          else rcodes.set(reply[3]! & 15, (rcodes.get(reply[3]! & 15) ?? 0) + 1);
        }
      }
      // Those that came before too many waited.
      client.drain(flood.length, 200, (replies, start) => {
        const rcode = replies[start + 3]! & 15;
        rcodes.set(rcode, (rcodes.get(rcode) ?? 0) + 1);
      });
      expect([...rcodes.keys()].toSorted((a, b) => a - b)).toEqual([1, 5]);
      for (const count of rcodes.values()) expect(count).toBeGreaterThan(500);
      megabytes.push(residentMegabytes());
    }
    expect(megabytes.at(-1)! - megabytes[1]!, `resident after each round: ${megabytes.join(", ")}`).toBeLessThan(16);
    client.close();
  });
});
