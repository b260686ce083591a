// The command with real folders; a process of its own follows the manifests.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../src/cli/resolv-conf.ts";
import { LAUNCHER } from "../support/process.ts";
import type { Outcome } from "./captured-io.ts";
import { capture } from "./captured-io.ts";

const DEADLINE_MS = 30_000;

let folder: string;
let manifests: string;
let out: string;
let node: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-dns-keep-"));
  [manifests, out, node] = [join(folder, "manifests"), join(folder, "out"), join(folder, "node.conf")];
  mkdirSync(manifests);
  writeFileSync(node, "nameserver 192.0.2.1\nsearch example.com\n");
  save("web", pod("web-0"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pod(name: string, spec = ""): string {
  const containers = "containers: [{ name: c, image: c }]";
  return `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop }\nspec: { ${containers}, ${spec} }\n`;
}

function kubeDns(clusterIp: string): string {
  return (
    "apiVersion: v1\nkind: Service\nmetadata: { name: kube-dns, namespace: kube-system }\n" +
    `spec: { clusterIP: ${clusterIp}, ports: [{ port: 53, protocol: UDP }] }\n`
  );
}

/** As editors save: beside, then renamed. */
function save(name: string, text: string): void {
  writeFileSync(join(folder, "saved"), text);
  renameSync(join(folder, "saved"), join(manifests, `${name}.yaml`));
}

function read(name: string): string {
  return readFileSync(join(out, name), "utf8");
}

function text(nameserver: string, namespace: string): string {
  const search = `${namespace}.svc.cluster.local svc.cluster.local cluster.local example.com`;
  return `nameserver ${nameserver}\nsearch ${search}\noptions ndots:5\n`;
}

describe("--write DIR --once", () => {
  const once = (args: readonly string[] = []): Promise<Outcome> =>
    capture((io) => run([manifests, "--write", out, "--once", "--node-resolv-conf", node, ...args], io));

  it("writes a file per namespace and per pod, and exits", async () => {
    expect(await once(["--nameserver", "192.0.2.7"])).toEqual({
      exitCode: 0,
      stdout: `${out}: 3 written, 0 removed\n`,
      stderr: "",
    });
    expect(read("shop.conf")).toContain(text("192.0.2.7", "shop"));
    expect(read("shop/web-0.conf")).toBe(read("shop.conf"));
    expect(read("default.conf")).toContain(text("192.0.2.7", "default"));
  });

  it("uses the address of kube-dns, and removes obsolete files", async () => {
    save("dns", kubeDns("10.96.0.10"));
    await once();
    expect(read("shop.conf")).toContain(text("10.96.0.10", "shop"));
    rmSync(join(manifests, "web.yaml"));
    expect(await once()).toMatchObject({ exitCode: 0, stdout: `${out}: 0 written, 2 removed\n` });
    expect(existsSync(join(out, "shop.conf"))).toBe(false);
  });

  it("reports problems of the manifests, and fails for a file that it did not write", async () => {
    save("bad", "kind: Pod\nmetadata: {name: \n");
    save("again", pod("web-0", "hostname: again"));
    mkdirSync(out);
    writeFileSync(join(out, "shop.conf"), "mine\n");
    const { exitCode, stdout, stderr } = await once();
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: `${out}: 2 written, 0 removed\n` });
    expect(stderr.split("\n").toSorted()).toEqual([
      "",
      expect.stringMatching(/^cluster-dns resolv-conf: .*shop\.conf: exists and was not written by cluster-dns/),
      expect.stringMatching(/^error: .*bad\.yaml:/),
      expect.stringMatching(/^warning: .*again\.yaml:\d+:\d+: Pod shop\/web-0: defined again at .*web/),
    ]);
    expect(read("shop.conf")).toBe("mine\n");
  });

  it.each<[string, (args: string[]) => string[], number, string]>([
    ["--once without --write", () => ["--once"], 2, "--once needs --write DIR"],
    ["--pod", (args) => [...args, "--pod", "shop/web-0"], 2, "remove --pod"],
    ["no PATH", (args) => args.slice(1), 2, "--write needs a PATH"],
    ["an empty folder name", () => [manifests, "--write="], 2, "--write needs the name of a folder"],
    ["--once with a value", (args) => [...args, "--once=soon"], 2, '--once: "soon" is neither true nor false'],
    ["a PATH that is not there", ([, ...rest]) => [`${manifests}x`, ...rest], 1, "manifestsx: no such file"],
    ["a file for a folder", () => [manifests, "--once", "--write", node], 1, "node.conf: can't be used as a folder"],
    ["a node's file that is not there", (args) => [...args, "--node-resolv-conf", "no/such"], 1, "can't read no/such"],
  ])("refuses %s", async (_, change, exitCode, message) => {
    const args = change([manifests, "--write", out, "--once"]);
    const outcome = await capture((io) => run(args, io));
    expect(outcome).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(message) });
    expect(existsSync(join(out, "default.conf"))).toBe(false);
  });
});

describe("--write DIR", () => {
  let child: ChildProcess;
  let said = "";
  beforeEach(() => {
    said = "";
    const args = ["resolv-conf", manifests, "--write", out, "--node-resolv-conf", node];
    child = spawn(LAUNCHER, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
    }
  });
  afterEach(() => child.kill("SIGKILL"));

  async function until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!holds()) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${what} did not come; it said:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const holds = (name: string, part: string) => (): boolean => existsSync(join(out, name)) && read(name).includes(part);

  it("follows pods, kube-dns and the node's file until a stop signal", { timeout: 120_000 }, async () => {
    await until("the first write", () => said.includes(`${out}: 3 written, 0 removed\n`));
    expect(read("shop/web-0.conf")).toContain("nameserver 127.0.0.1\n");

    save("more", pod("own", 'dnsPolicy: None, dnsConfig: { nameservers: ["192.0.2.53"] }'));
    await until("a new pod", holds("shop/own.conf", "nameserver 192.0.2.53\n"));

    save("dns", kubeDns("10.96.0.99"));
    await until("kube-dns", holds("shop/web-0.conf", "nameserver 10.96.0.99\n"));
    await until("kube-dns everywhere", holds("shop.conf", "nameserver 10.96.0.99\n"));

    writeFileSync(node, "search corp.example\n");
    await until("the node's file", holds("shop.conf", "cluster.local corp.example\n"));

    rmSync(join(manifests, "web.yaml"));
    await until("a pod's end", () => !existsSync(join(out, "shop/web-0.conf")));
    expect(holds("shop/own.conf", "192.0.2.53")()).toBe(true);

    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(existsSync(join(out, "shop.conf"))).toBe(true);
  });

  it("makes a removed folder again, and writes what could not be written", { timeout: 120_000 }, async () => {
    await until("the first write", () => said.includes("3 written"));
    rmSync(out, { recursive: true, maxRetries: 10 });
    await until("the folder", () => existsSync(join(out, "shop/web-0.conf")) && existsSync(join(out, "default.conf")));
    // The command may make the folder again in between.
    await until("a file in its place", () => {
      rmSync(out, { recursive: true, maxRetries: 10, force: true });
      try {
        writeFileSync(out, "in the way\n", { flag: "wx" });
        return true;
      } catch {
        return false;
      }
    });
    save("web", pod("web-1"));
    await until("the fault", () => said.includes("can't be written (ENOTDIR)"));
    rmSync(out);
    await until("the new file", () => existsSync(join(out, "shop/web-1.conf")));
  });

  it("reports an object that gets a duplicate in another file", { timeout: 120_000 }, async () => {
    await until("the first write", () => said.includes("3 written"));
    save("again", pod("web-0", "hostname: again"));
    await until("the duplicate", () => said.includes("Pod shop/web-0: defined again"));
  });

  it(
    "keeps the last good version of a file that breaks, and reports the error once",
    { timeout: 120_000 },
    async () => {
      await until("the first write", () => said.includes("3 written"));
      save("web", "kind: Pod\nmetadata: {name: \n");
      await until("the fault", () => said.includes("error: "));
      save("more", pod("other"));
      await until("another pod", () => existsSync(join(out, "shop/other.conf")));
      expect(existsSync(join(out, "shop/web-0.conf"))).toBe(true);
      expect(said.match(/error: /g)).toHaveLength(1);
    },
  );
});
