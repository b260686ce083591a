// `serve` with a configuration file, as a real process: what changes while it runs, what SIGHUP does, and what the other
// signals do not.
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../support/certificates.ts";
import { ROOT } from "../support/process.ts";
import { startServed } from "../support/served.ts";
import type { LogLine, Served } from "../support/served.ts";

const WAIT = { timeout: 40_000 };

let folder: string;
let config: string;
let started: Served[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "followed-options-"));
  config = join(folder, "cluster-dns.yaml");
  started = [];
});
afterEach(() => {
  for (const { child } of started) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Puts the file in place at once, as an editor does. */
function writeConfig(text: string): void {
  writeFileSync(`${config}.new`, `listen: 127.0.0.1:0\nupstream: none\n${text}\n`);
  renameSync(`${config}.new`, config);
}

async function serve(...args: readonly string[]): Promise<Served> {
  const served = startServed([`${ROOT}zones`, "--config", config, ...args]);
  started.push(served);
  await served.address;
  return served;
}

const linesWith = ({ log }: Served, text: string): LogLine[] => log.filter(({ msg }) => String(msg).includes(text));
const untilLogged = (served: Served, text: string, count = 1): Promise<void> =>
  expect.poll(() => linesWith(served, text).length, WAIT).toBeGreaterThanOrEqual(count);

describe("the configuration file", () => {
  test("is followed: what can change does, the rest is named, and errors change nothing", async () => {
    writeConfig("log-level: info\nttl: 5");
    const served = await serve();
    writeConfig("log-level: debug\nttl: 6\nlameduck: 1");
    await untilLogged(served, "need a restart");
    await untilLogged(served, "their new values are in force");
    expect(linesWith(served, "need a restart")).toMatchObject([{ level: 40, options: ["ttl"] }]);
    expect(linesWith(served, "their new values")).toMatchObject([{ level: 30, options: ["lameduck", "log-level"] }]);
    writeConfig("log-level: loud\nttl: 7");
    await untilLogged(served, "has errors");
    expect(linesWith(served, "has errors")).toMatchObject([
      { level: 40, errors: [expect.stringContaining(`${config}:3:1: log-level: "loud" is not one of`) as string] },
    ]);
    // Debug lines are logged now, and the stop takes the second that it was told to.
    writeFileSync(config, "");
    await untilLogged(served, "need a restart", 2);
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
  });

  test("that is a pipe is read once", async () => {
    execFileSync("mkfifo", [config]);
    const serving = serve();
    const pipe = openSync(config, "w");
    writeFileSync(pipe, "listen: 127.0.0.1:0\nupstream: none\nlog-level: debug\n");
    closeSync(pipe);
    const served = await serving;
    expect(linesWith(served, "is not followed")).toHaveLength(1);
    served.child.kill("SIGHUP");
    await untilLogged(served, "SIGHUP");
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
  });
});

describe("SIGHUP", () => {
  test("reads the configuration and certificates again, and tells again what is wrong", async () => {
    const [first, second] = [makeCertificate(), makeCertificate()];
    const paths = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
    writeFileSync(paths.cert, first.cert);
    writeFileSync(paths.key, first.key);
    writeConfig("log-level: info");
    const served = await serve("--listen=tls://127.0.0.1:0", `--tls-cert=${paths.cert}`, `--tls-key=${paths.key}`);
    served.child.kill("SIGHUP");
    await untilLogged(served, "SIGHUP");
    writeFileSync(paths.key, second.key);
    writeConfig("ttl: bad");
    const badKey = "the contents before stay in force";
    await untilLogged(served, badKey);
    await untilLogged(served, "has errors");
    served.child.kill("SIGHUP");
    await untilLogged(served, badKey, 2);
    await untilLogged(served, "has errors", 2);
    rmSync(paths.key);
    rmSync(config);
    served.child.kill("SIGHUP");
    await untilLogged(served, `${paths.key} can't be read (ENOENT)`);
    await untilLogged(served, `configuration: ${config} can't be read (ENOENT)`);
    expect(linesWith(served, "SIGHUP: reads")).toHaveLength(3);
    // Of files that are as they were, nothing is said.
    expect(linesWith(served, "have changed")).toEqual([]);
    served.child.kill("SIGTERM");
    expect((await served.ended).code).toBe(0);
  });

  test("again and again is no harm", async () => {
    writeConfig("log-level: info");
    const served = await serve();
    for (let count = 1; count <= 20; count++) {
      served.child.kill("SIGHUP");
      if (count % 5 === 0) await untilLogged(served, "SIGHUP: reads", count / 5);
    }
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
  });
});

test("SIGUSR1 and SIGUSR2 do nothing, and open no debugger", async () => {
  writeConfig("log-level: info");
  const served = await serve();
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGHUP"] as const) served.child.kill(signal);
  await untilLogged(served, "SIGHUP: reads");
  served.child.kill("SIGTERM");
  // A debugger says where it listens.
  expect(await served.ended).toEqual({ code: 0, err: "" });
});

test("SIGQUIT ends it at once, whatever --lameduck says", async () => {
  writeConfig("lameduck: 300");
  const served = await serve();
  served.child.kill("SIGQUIT");
  expect(await served.ended).toEqual({ code: 131, err: "" });
  expect(linesWith(served, "stopping")).toEqual([]);
});
