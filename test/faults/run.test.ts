// The program: its arguments, its output, and that an interrupt leaves nothing behind.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { FAULTS } from "./catalog.ts";

const PROGRAM = fileURLToPath(new URL("run.ts", import.meta.url));

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8", timeout: 60_000 });
}

describe("arguments", () => {
  test("--list prints each id and its title", () => {
    const { status, stdout } = run("--list");
    expect(status).toBe(0);
    expect(stdout.trimEnd().split("\n")).toEqual(FAULTS.map(({ id, title }) => `${id} ${title}`));
  });

  test.each([
    [["X99"], "no fault X99"],
    [["--server", "bind"], "no server bind"],
    [["--nothing"], "--nothing"],
  ])("%s is refused", (args, said) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
    expect(stderr).toContain("Usage: npm run faults");
  });

  test("what is not done is told with its reason, and fails nothing", () => {
    const { status, stdout } = run("X43", "X44", "--server", "ours");
    const lines = stdout.trimEnd().split("\n");
    expect(JSON.parse(lines[0]!)).toMatchObject({ id: "X43", note: "needs the Kubernetes/etcd source" });
    expect(lines.at(-1)).toBe("0 passed, 0 failed, 2 skipped");
    expect(status).toBe(0);
  });
});

test("the list has every fault of the specification, each once for each server", () => {
  const ids = new Set(FAULTS.map(({ id }) => id));
  const wanted = Array.from({ length: 58 }, (_, i) => `X${String(i + 1).padStart(2, "0")}`);
  expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
  const pairs = FAULTS.flatMap(({ id, servers = ["ours"] }) => servers.map((server) => `${id} ${server}`));
  expect(pairs).toHaveLength(new Set(pairs).size);
});

/** Processes whose command line has this text. */
function processesWith(part: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(part);
    } catch {
      return false;
    }
  });
}

test.runIf(process.platform === "linux")("an interrupt ends what was started", async () => {
  const env = { ...process.env, TMPDIR: process.env["TMPDIR"] ?? "/tmp" };
  const child = spawn(process.execPath, [PROGRAM, "X16"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const output = text(child.stdout);
  const exited = once(child, "exit");
  const folders = (): readonly string[] => {
    const own = processesWith("cluster-dns-faults-").filter((pid) => parentOf(pid) === child.pid);
    return own.map((pid) => /cluster-dns-faults-\w+/.exec(readFileSync(`/proc/${pid}/cmdline`, "latin1"))![0]);
  };
  await vi.waitFor(() => expect(folders()).toHaveLength(1), 20_000);
  const [folder] = folders();
  child.kill("SIGTERM");
  await exited;
  expect(child.exitCode).toBe(143);
  expect(await output).toBe("");
  await vi.waitFor(() => expect(processesWith(folder!)).toEqual([]), 10_000);
  expect(readdirSync(env.TMPDIR)).not.toContain(folder);
});

function parentOf(pid: string): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}
