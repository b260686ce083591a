// Servers and commands with little memory: what does not fit is refused, and nothing ends. In a real control group where
// the system lets a test make one; with `--memory` anywhere.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryGroup } from "../support/memory-group.ts";
import { freePort, LAUNCHER } from "../support/process.ts";

/** The limit of memory at which large files ended the server. */
const MEGABYTES = 170;
const DEADLINE_MS = 60_000;

let root: string;
const groups: MemoryGroup[] = [];
const children: ChildProcess[] = [];

beforeEach(() => (root = mkdtempSync(join(tmpdir(), "memory-"))));
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  for (const group of groups.splice(0)) await untilTrue(() => closes(group));
  rmSync(root, { recursive: true });
});

function service(name: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n    - port: 80\n`;
}

const services = (count: number): string => Array.from({ length: count }, (_, i) => service(`s${i}`)).join("---\n");
const hosts = (count: number): string =>
  Array.from({ length: count }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255} h${i}.example.test\n`).join("");

/** Puts a file into the folder at once, as an editor does. */
function write(name: string, text: string): void {
  writeFileSync(join(root, "..", `${root.split("/").at(-1)}.new`), text);
  renameSync(join(root, "..", `${root.split("/").at(-1)}.new`), join(root, name));
}

function closes(group: MemoryGroup): boolean {
  try {
    group.close();
    return true;
  } catch {
    // The kernel has not yet taken note of its last process's end.
    return false;
  }
}

async function untilTrue(isTrue: () => boolean | Promise<boolean>, show = () => ""): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`the time is over: ${show()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function group(megabytes: number): MemoryGroup | undefined {
  const made = MemoryGroup.open(`cluster-dns-test-${groups.length}`, megabytes);
  if (made !== undefined) groups.push(made);
  return made;
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
  end(): string;
}

async function serve(within: MemoryGroup | undefined, ...flags: readonly string[]): Promise<Running> {
  const port = await freePort();
  const listen = ["--listen", `127.0.0.1:${port}`, "--upstream", "none"];
  const command = [LAUNCHER, "serve", root, ...listen, ...flags];
  const [program, ...args] = within === undefined ? (command as [string, ...string[]]) : within.command(command);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const end = (): string => `${child.exitCode ?? ""}${child.signalCode ?? ""}`;
  await untilTrue(() => output.includes('"serving"') || end() !== "");
  return { child, port, output: () => output, end };
}

async function isServed(name: string, { port }: Running): Promise<boolean> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return resolver.resolve4(name).then(
    () => true,
    () => false,
  );
}

describe(`in a control group of ${MEGABYTES} MB`, () => {
  test("a running server takes 3,000 services, refuses 80,000 and 1,000,000 hosts, and goes on", async ({ skip }) => {
    const within = group(MEGABYTES);
    if (within === undefined) return skip("no control group with a memory limit can be made");
    write("web.yaml", service("web"));
    const server = await serve(within);
    write("many.yaml", services(3_000));
    await untilTrue(
      async () => server.end() !== "" || isServed("s2999.default.svc.cluster.local", server),
      server.output,
    );
    write("many.yaml", services(80_000));
    write("hosts", hosts(1_000_000));
    const isRefused = (file: string): boolean => new RegExp(`"code":"no-memory"[^\n]*${file}`).test(server.output());
    await untilTrue(() => server.end() !== "" || (isRefused("many.yaml") && isRefused("hosts")), server.output);
    expect(server.end()).toBe("");
    expect(await isServed("web.default.svc.cluster.local", server)).toBe(true);
    expect(await isServed("s2999.default.svc.cluster.local", server)).toBe(true);
    expect(await isServed("s3000.default.svc.cluster.local", server)).toBe(false);
  }, 120_000);

  test("a server starts with more than fits, serves what fits, and tells the rest", async ({ skip }) => {
    const within = group(MEGABYTES);
    if (within === undefined) return skip("no control group with a memory limit can be made");
    write("web.yaml", service("web"));
    write("many.yaml", services(80_000));
    write("hosts", hosts(1_000_000));
    for (let i = 0; i < 300; i++) writeFileSync(join(root, `small-${i}.yaml`), service(`small-${i}`));
    const server = await serve(within);
    expect(server.end(), server.output()).toBe("");
    expect(await isServed("small-299.default.svc.cluster.local", server)).toBe(true);
    expect(server.output().match(/"code":"no-memory"/g)).toHaveLength(2);
    expect(within.peak() ?? 0).toBeLessThan(MEGABYTES);
  }, 120_000);
});

describe("--memory", () => {
  test("too little for a server is an error in one line", async () => {
    write("web.yaml", service("web"));
    const server = await serve(undefined, "--memory", "64");
    expect(server.output()).toMatch(
      /^(?:\{.*\}\n)?cluster-dns serve: this process may use 64 MB of memory and needs at least 1\d\d MB: raise --memory.*\n$/,
    );
    expect(server.end()).toBe("1");
  }, 60_000);

  test("a file that does not fit is refused, and read once there is room", async () => {
    write("hosts", hosts(100_000));
    write("web.yaml", service("web"));
    write("other.hosts", hosts(90_000).replaceAll("h", "o"));
    const server = await serve(undefined, "--memory", "210");
    expect(server.output().match(/"code":"no-memory"/g)).toHaveLength(1);
    const before = [await isServed("h1.example.test", server), await isServed("o1.example.test", server)];
    expect(before.filter(Boolean)).toHaveLength(1);
    rmSync(join(root, before[0] === true ? "hosts" : "other.hosts"));
    await untilTrue(() => isServed(before[0] === true ? "o1.example.test" : "h1.example.test", server), server.output);
    expect(server.end()).toBe("");
  }, 90_000);

  test("check reports what does not fit, and has an exit code", async () => {
    write("hosts", hosts(500_000));
    const child = spawn(LAUNCHER, ["check", root, "--memory", "128"], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    const [code] = (await once(child, "close")) as [number];
    expect(output).toMatch(/hosts:1:1: error: needs about [\d.]+ MB of memory, and [\d.]+ MB are free;/);
    expect([code, output.includes("FATAL")]).toEqual([1, false]);
  }, 60_000);
});
