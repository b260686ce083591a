// The command with real processes, manifests and etcd: what users start and stop.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { run } from "../../src/cli/register.ts";
import { whyNot } from "../support/optional-programs.ts";
import { LAUNCHER } from "../support/process.ts";
import { StartedEtcd } from "../support/started-etcd.ts";
import { Workspace } from "../support/workspace.ts";
import { capture } from "./captured-io.ts";

const missing = whyNot("etcd");
const DEADLINE = { timeout: 30_000, interval: 20 };

const service = (name: string, ip: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\n` +
  `spec: { clusterIP: ${ip}, ports: [{ name: http, port: 80 }] }\n`;

describe("faults", () => {
  test.each<[what: string, args: readonly string[], exitCode: number, error: string]>([
    ["nothing to register", [], 2, "nothing given to register: name a file or folder, or use --source kubernetes"],
    ["a lease", ["x", "--lease", "5"], 2, '--lease: "5" is not a whole number from 10 to 86400'],
    ["an endpoint", ["x", "--etcd-endpoint", "a"], 2, '--etcd-endpoint: "a" is not a URL'],
    ["a flag of others", ["x", "--listen", "127.0.0.1:53"], 2, "unknown flag --listen"],
    ["a path that is not there", ["/none"], 1, "/none: no such file or folder"],
  ])("%s", async (_, args, exitCode, error) => {
    const outcome = await capture((io) => run(args, io));
    expect(outcome).toMatchObject({ exitCode, stdout: "" });
    expect(outcome.stderr).toContain(`cluster-dns register: ${error}`);
  });
});

describe.skipIf(missing !== undefined)(`with etcd${missing === undefined ? "" : ` (${missing})`}`, () => {
  let etcd: StartedEtcd;
  let workspace: Workspace;
  let number = 0;
  let prefix: string;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    etcd = await StartedEtcd.start();
  });
  afterAll(() => etcd.stop());
  beforeEach(() => {
    workspace = new Workspace();
    prefix = `/test${number++}`;
    workspace.write("manifests/web.yaml", service("web", "10.96.0.80"));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((child) => end(child, "SIGKILL")));
    workspace.remove();
  });

  function start(...flags: readonly string[]): ChildProcess {
    const etcdFlags = ["--etcd-endpoint", etcd.endpoint, "--etcd-prefix", prefix, "--cluster-services=false"];
    const args = ["register", join(workspace.folder, "manifests"), ...etcdFlags, ...flags];
    const child = spawn(LAUNCHER, args, { stdio: ["ignore", "ignore", "pipe"] });
    running.push(child);
    return child;
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** The addresses of each service. */
  async function addresses(): Promise<Record<string, string>> {
    const keys = await etcd.keys(`${prefix}/local/cluster/svc/shop/`);
    const hosts = keys.flatMap(({ key, value }) => {
      const { host, type } = JSON.parse(value) as { host?: string; type?: string };
      return type === "A" ? [[key.split("/")[6]!, host!] as const] : [];
    });
    return Object.fromEntries(hosts);
  }

  const until = (wanted: Record<string, string>): Promise<void> =>
    vi.waitFor(async () => expect(await addresses()).toEqual(wanted), DEADLINE);

  test("follows the manifests, and ends with 0 and its records in place", async () => {
    const child = start();
    await until({ web: "10.96.0.80" });
    workspace.write("manifests/db.yaml", service("db", "10.96.0.81"));
    await until({ web: "10.96.0.80", db: "10.96.0.81" });
    workspace.write("manifests/web.yaml", service("web", "10.96.0.82"));
    await until({ web: "10.96.0.82", db: "10.96.0.81" });
    rmSync(join(workspace.folder, "manifests/db.yaml"));
    await until({ web: "10.96.0.82" });
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(await addresses()).toEqual({ web: "10.96.0.82" });
  });

  test("after a crash another one goes on, and removes what is gone", async () => {
    const first = start();
    await until({ web: "10.96.0.80" });
    start();
    await end(first, "SIGKILL");
    workspace.write("manifests/web.yaml", service("shop", "10.96.0.83"));
    await until({ shop: "10.96.0.83" });
  });
});
