import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/top.ts";
import { service } from "../support/core/objects.ts";
import { freePort } from "../support/process.ts";
import { ScriptedStatus } from "../status-page/scripted-status.ts";
import { serveStatus } from "../status-page/serve-status.ts";
import type { ServedStatus } from "../status-page/serve-status.ts";
import { capture } from "./captured-io.ts";
import { memoryIo } from "./memory-io.ts";

const status = new ScriptedStatus([service("shop/web")]);
let served: ServedStatus;

beforeAll(async () => {
  const latency = (count: number) => [
    { maxUs: 20, count },
    { maxUs: Infinity, count: count / 10 },
  ];
  status.history.sample(0, { byRcode: { NOERROR: 0 }, latency: latency(0) });
  status.history.sample(1_000, { byRcode: { NOERROR: 1_200, NXDOMAIN: 4, FORMERR: 2 }, latency: latency(100) });
  for (const name of ["web.", "web.", "w\u001b[2Jb."])
    status.counter.count({ name, client: "10.244.1.7", isMissing: name !== "web.", weight: 1 }, 0);
  served = await serveStatus(status);
});
afterAll(() => served.close());

const FIGURES = `cluster-dns 1.2.3: ready; 1 service, 1 without a ready endpoint; 0 errors, 0 warnings

QUERIES/S   NOERROR   NXDOMAIN   SERVFAIL   REFUSED   OTHER   HALF WITHIN   99 % WITHIN   SINCE START
1206        1200      4.0        0          0         2.0     20 µs         longer        12345

NAME           QUERIES   SHARE
web.           2         66.7 %
w\\u{1b}[2Jb.   1         33.3 %

NAME THAT DOES NOT EXIST   QUERIES   SHARE
w\\u{1b}[2Jb.               1         100.0 %

CLIENT       QUERIES   SHARE
10.244.1.7   3         100.0 %
`;

describe("top prints once", () => {
  it.each([[[]], [["--once"]]])("where stdout is no terminal: %j", async (args) => {
    const env = { CLUSTER_DNS_ADMIN: String(served.port) };
    expect(await capture((io) => run(args, io), { env })).toEqual({ exitCode: 0, stdout: FIGURES, stderr: "" });
  });
});

it("refreshes a terminal until a stop signal, within its size", async () => {
  const io = memoryIo();
  const terminal = Object.assign(io.stdout, { isTTY: true, columns: 20, rows: 6 });
  const running = run(["--server", String(served.port)], { ...io, stdout: terminal });
  const frames = (): string[] => io.out().split("\u001b[H").slice(1);
  await expect.poll(() => frames().length, { timeout: 20_000 }).toBeGreaterThan(1);
  process.emit("SIGTERM", "SIGTERM");
  expect(await running).toBe(0);
  const lines = frames()[0]!.split("\u001b[K\n");
  expect(lines.slice(0, -1)).toEqual(
    FIGURES.split("\n")
      .slice(0, 5)
      .map((line) => line.slice(0, 20)),
  );
  // Without a cursor meanwhile.
  expect(io.out().startsWith("\u001b[?25l")).toBe(true);
  expect(io.out().endsWith("\u001b[?25h")).toBe(true);
});

describe("usage", () => {
  it("a server that is not there is a failure with advice", async () => {
    const port = await freePort();
    const { exitCode, stderr } = await capture((io) => run(["--server", String(port)], io));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`cluster-dns top: no answer from the admin server at 127.0.0.1:${port}: nothing listens`);
  });

  it.each([
    ["an operand", ["shop"], 'unexpected argument "shop"'],
    ["a flag", ["--onec"], "unknown flag --onec; did you mean --once?"],
    ["a switch", ["--once=2"], '--once: "2" is not true or false'],
  ])("%s", async (_, args, error) => {
    const { exitCode, stderr } = await capture((io) => run(args, io));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`cluster-dns top: ${error}`);
  });
});
