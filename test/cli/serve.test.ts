// `cluster-dns serve` as a real process, started by bin/cluster-dns: start, faults, signals.
import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { run as query } from "../../src/cli/query.ts";
import { formatDig, formatFallbacks } from "../../src/cli/serve.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { memoryIo } from "./memory-io.ts";
import { liveService, NAMESPACE } from "../sources/kubernetes/mirror.ts";
import { ApiServer } from "../support/api-server/api-server.ts";
import type { KubeconfigOptions } from "../support/api-server/kubeconfig.ts";
import { frame } from "../support/network.ts";
import { startServed } from "../support/served.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { expectMsBelow } from "../support/timing.ts";
import { writeQuery } from "../support/wire.ts";

/** For what takes a moment on an idle machine. */
const WAIT = { timeout: 40_000 };
const LAUNCHER = fileURLToPath(new URL("../../bin/cluster-dns", import.meta.url));
const ZONES = fileURLToPath(new URL("../../zones", import.meta.url));
const SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.77, ports: [{ port: 80 }] }
`;

const processes: ChildProcess[] = [];
const holders: Server[] = [];
afterEach(() => {
  for (const child of processes.splice(0)) child.kill("SIGKILL");
  for (const holder of holders.splice(0)) holder.close();
});

/** A started `serve`. `address` resolves once it serves; `ended` when it has ended. */
interface Serving {
  readonly child: ChildProcessWithoutNullStreams;
  readonly address: Promise<string>;
  readonly ended: Promise<{ code: number | null; err: string }>;
}

function serve(args: readonly string[], user?: number, cwd = "/", openFiles = 4_096): Serving {
  const child = spawn("/bin/sh", ["-c", `ulimit -n ${openFiles} && exec "$0" "$@"`, LAUNCHER, "serve", ...args], {
    ...(user === undefined ? {} : { uid: user, gid: user }),
    cwd,
  });
  processes.push(child);
  let [out, err] = ["", ""];
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const address = new Promise<string>((resolve) => {
    child.stdout.on("data", (data: Buffer) => {
      out += data.toString();
      const found = /"addresses":\["([^"]+)"/.exec(out)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, err }));
  return { child, address, ended };
}

/** Takes a free TCP port of 127.0.0.1 and keeps it. */
async function holdPort(): Promise<number> {
  const holder = createServer();
  holders.push(holder.listen(0, "127.0.0.1"));
  await once(holder, "listening");
  return (holder.address() as AddressInfo).port;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const port = await holdPort();
  const holder = holders.pop();
  await new Promise((resolve) => holder?.close(resolve));
  return port;
}

async function ask(name: string, server: string): Promise<string> {
  const io = memoryIo();
  expect(await query([name, "--server", server], io), io.err()).toBe(0);
  return io.out();
}

describe("a server", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("serves, and ends with code 0 on %s", async (signal) => {
    const { child, address, ended } = serve([ZONES, "--listen", "127.0.0.1:0"]);
    expect(await ask("kubernetes.default.svc.cluster.local", await address)).toContain("\tA\t10.96.0.1\n");
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, err: "" });
  });

  test("reads standard input", async () => {
    const { child, address, ended } = serve(["-", "--listen", "127.0.0.1:0"]);
    child.stdin.end(SERVICE);
    expect(await ask("web.shop.svc.cluster.local", await address)).toContain("\tA\t10.96.0.77\n");
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  });

  test.each<[user: string, options: KubeconfigOptions]>([
    ["a token", { token: "t" }],
    ["an exec plugin", { exec: { command: "echo", args: ['{"status":{"token":"t"}}'] } }],
  ])("follows the API of a cluster by %s, with manifests beside it", async (_user, options) => {
    const api = await ApiServer.start({ tls: true, tokens: { t: "system:dns" } });
    const folder = mkdtempSync(join(tmpdir(), "serve-"));
    try {
      api.put(NAMESPACE, liveService("live", "10.96.0.80"));
      writeFileSync(join(folder, "kubeconfig"), api.kubeconfig(options));
      const source = ["--source=kubernetes", `--kubeconfig=${join(folder, "kubeconfig")}`, "--listen=127.0.0.1:0"];
      const { child, address, ended } = serve([...source, ZONES]);
      const at = await address;
      expect(await ask("live.default.svc.cluster.local", at)).toContain("\tA\t10.96.0.80\n");
      expect(await ask("api.edge.svc.cluster.local", at)).toContain("\tA\t10.96.30.7\n");
      child.kill("SIGTERM");
      expect(await ended).toEqual({ code: 0, err: "" });
    } finally {
      await api.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("serves two clusters with domains of their own, and says which one a problem is of", async () => {
    const names = ["east", "west"];
    const apis = await Promise.all(names.map(() => ApiServer.start()));
    const folder = mkdtempSync(join(tmpdir(), "serve-"));
    try {
      apis.forEach((api, i) => {
        api.put(NAMESPACE, liveService("web", `10.96.0.8${i}`));
        writeFileSync(join(folder, `${names[i]}.yaml`), api.kubeconfig());
      });
      apis[1]!.script.next({ resource: "endpointslices" }, { failure: "forbidden" });
      const clusters = [
        "--cluster=east=kubeconfig:east.yaml,domain=east.local",
        "--cluster=west=kubeconfig:west.yaml,context=scripted,domain=west.local",
      ];
      const taken = ["--listen", `127.0.0.1:${await holdPort()}`, "--fallback-port", `${await freePort()}`];
      const { child, address, ended, log } = startServed([...clusters, ...taken], { cwd: folder });
      processes.push(child);
      const at = await address;
      expect(await ask("web.default.svc.east.local", at)).toContain("\tA\t10.96.0.80\n");
      expect(await ask("web.default.svc.west.local", at)).toContain("\tA\t10.96.0.81\n");
      expect(await query(["kubernetes.default.svc.cluster.local", "--server", at], memoryIo())).toBe(1);
      expect(log.find(({ code }) => code === "api-forbidden")?.["msg"]).toMatch(/^cluster west: /);
      expect(log.find(({ msg }) => msg === "serving")).toMatchObject({
        services: 2,
        sources: { "kubernetes/east": { objects: 2 }, "kubernetes/west": { objects: 2 } },
      });
      child.kill("SIGTERM");
      expect(await ended).toMatchObject({
        code: 0,
        err: expect.stringContaining("default.svc.east.local\n") as string,
      });
    } finally {
      for (const api of apis) await api.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("serves the folder that takes the place of its working directory", async () => {
    const folder = join(mkdtempSync(join(tmpdir(), "serve-")), "manifests");
    const write = (name: string): void => {
      mkdirSync(folder);
      writeFileSync(join(folder, "a.yaml"), SERVICE.replace("name: web", `name: ${name}`));
    };
    write("old");
    const { child, address } = serve([".", "--listen", "127.0.0.1:0"], undefined, folder);
    const at = await address;
    expect(await ask("old.shop.svc.cluster.local", at)).toContain("\tA\t10.96.0.77\n");
    rmSync(folder, { recursive: true });
    write("new");
    await expect.poll(() => query(["new.shop.svc.cluster.local", "--server", at], memoryIo()), WAIT).toBe(0);
    child.kill("SIGTERM");
    rmSync(dirname(folder), { recursive: true });
  });

  test("can be ended before it is ready", async () => {
    const port = await freePort();
    const { child, ended } = serve(["-", "--listen", `127.0.0.1:${port}`]);
    // It waits for the end of standard input; that it takes queries shows that the signal finds it waiting.
    const args = ["a.cluster.local", "--server", `127.0.0.1:${port}`, "--timeout", "0.2"];
    await expect.poll(() => query(args, memoryIo()), { timeout: 40_000 }).toBe(1);
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, err: "" });
  });

  test("goes on for a while after a signal if it is told to, and ends at once on a second one", async () => {
    const { child, address, ended } = serve([ZONES, "--listen", "127.0.0.1:0", "--lameduck", "300"]);
    const at = await address;
    child.kill("SIGTERM");
    const [told] = (await once(child.stdout, "data")) as [Buffer];
    expect(told.toString()).toContain("answers go on");
    expect(await ask("kubernetes.default.svc.cluster.local", at)).toContain("\tA\t10.96.0.1\n");
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, err: "" });
  });

  test("goes on no longer than it is told to", async () => {
    const { child, address, ended } = serve([ZONES, "--listen", "127.0.0.1:0", "--lameduck", "1"]);
    await address;
    const startedAtMs = performance.now();
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, err: "" });
    expect(performance.now() - startedAtMs).toBeGreaterThan(990);
  });

  test("ends at once on a second signal, with that signal's code", async () => {
    const { child, address, ended } = serve([ZONES, "--listen", "127.0.0.1:0"]);
    await address;
    // Stopped, so that both signals are there when it goes on; which of them comes second is up to the kernel.
    for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) child.kill(signal);
    const { code, err } = await ended;
    expect([130, 143]).toContain(code);
    expect(err).toBe("");
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s that comes twice at once, as npm passes it on, is one",
    async (signal) => {
      const { child, address, ended } = serve([ZONES, "--listen", "127.0.0.1:0"]);
      await address;
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, err: "" });
    },
  );

  test("keeps descriptors for itself when clients open more connections than fit", async () => {
    const { child, address } = serve([ZONES, "--listen", "127.0.0.1:0"], undefined, "/", 300);
    const [host, port] = (await address).split(":") as [string, string];
    const sockets = Array.from({ length: 400 }, () => connect(Number(port), host).on("error", () => undefined));
    try {
      await Promise.all(sockets.map((socket) => once(socket, "connect")));
      // The server has seen all of them when the last one is answered.
      const last = sockets.at(-1)!;
      last.write(frame(writeQuery({ name: "kubernetes.default.svc.cluster.local.", type: "A" })));
      await once(last, "data");
      expect(readdirSync(`/proc/${child.pid}/fd`).length).toBeLessThan(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  test("takes the fallback port where its own is taken, and says so", async () => {
    const [taken, free] = [await holdPort(), await freePort()];
    const { child, address, ended } = serve([ZONES, `--listen=127.0.0.1:${taken}`, `--fallback-port=${free}`]);
    expect(await address).toBe(`127.0.0.1:${free}`);
    await ask("kubernetes.default.svc.cluster.local", `127.0.0.1:${free}`);
    child.kill("SIGTERM");
    const dig = `dig @127.0.0.1 -p ${free} kubernetes.default.svc.cluster.local`;
    const line = `port ${taken} is taken or not permitted: listening on 127.0.0.1:${free} — try: ${dig}\n`;
    expect(await ended).toEqual({ code: 0, err: line });
  });
});

describe("a start that fails is one line and code 1, soon", () => {
  async function expectFailure(args: readonly string[], message: string, user?: number): Promise<void> {
    const start = performance.now();
    const { code, err } = await serve(args, user).ended;
    expectMsBelow(performance.now() - start, 1_000);
    expect({ code, lines: err.split("\n").length }, err).toEqual({ code: 1, lines: 2 });
    expect(err).toMatch(/^cluster-dns serve: /);
    expect(err).toContain(message);
  }

  test("the port is taken", async () => {
    const port = await holdPort();
    await expectFailure([ZONES, `--listen=127.0.0.1:${port}`], `cannot listen on 127.0.0.1:${port}`);
  });

  test("another server has the port", async () => {
    const first = serve([ZONES, "--listen=127.0.0.1:0"]);
    const address = await first.address;
    await expectFailure([ZONES, "--listen", address], `cannot listen on ${address}`);
  });

  test("the address is not one of this machine", async () => {
    await expectFailure([ZONES, "--listen=192.0.2.1:5300"], "cannot listen on 192.0.2.1:5300");
  });

  test("there is no cluster, or no such kubeconfig", async () => {
    const source = ["--source=kubernetes", "--listen=127.0.0.1:0"];
    await expectFailure(source, "this is not a pod of a cluster");
    await expectFailure([...source, "--kubeconfig=/nowhere/config"], "/nowhere/config can't be read (ENOENT)");
  });

  test("the port is not permitted", async (context) => {
    context.skip(process.platform !== "linux", "other systems let every user take low ports, or never");
    context.skip(process.getuid?.() !== 0, "only root can start a process of a user without rights");
    const firstFreePort = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
    context.skip(firstFreePort <= 53, "here every user may take port 53");
    await expectFailure([ZONES, "--listen=127.0.0.1:53"], "permission denied", 65_534);
  });

  test("a path does not exist", async () => {
    await expectFailure(["/nowhere/manifests", "--listen=127.0.0.1:0"], "/nowhere/manifests");
  });
});

describe("bad usage is code 2", () => {
  test.each([
    [[], "no manifests given"],
    [["zones", "--lisen", "x"], "unknown flag --lisen; did you mean --listen?"],
    [["zones", "--ttl=x", "--pods=x"], '--pods: "x" is not one of insecure, verified, disabled'],
  ])("%j: %s", async (args, message) => {
    const { code, err } = await serve(args).ended;
    expect(code).toBe(2);
    expect(err).toContain(`cluster-dns serve: ${message}`);
    expect(err).toContain("Run cluster-dns serve --help for the flags.\n");
  });
});

describe("on a terminal", () => {
  skipAll(whyNot("script"));

  test("the start is at most six lines, and ends with a command to try", WAIT, async () => {
    const command = `${LAUNCHER} serve ${ZONES} --listen 127.0.0.1:0 --upstream none`;
    const child = spawn("script", ["-qec", command, "/dev/null"]);
    processes.push(child);
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    await vi.waitFor(() => expect(out).toContain("try: "), WAIT);
    const lines = stripVTControlCharacters(out).trim().split(/\r?\n/);
    expect(lines.length, out).toBeLessThanOrEqual(6);
    expect(lines.at(-1)).toMatch(/try: dig @127\.0\.0\.1 -p \d+ kubernetes\.default\.svc\.cluster\.local$/);
  });
});

test.each([
  [["tls://127.0.0.1:853", "0.0.0.0:53"], "dig @127.0.0.1 -p 53"],
  [["tls://127.0.0.1:853"], "dig +tls @127.0.0.1 -p 853"],
  [["https://[::1]:443"], "dig +https @::1 -p 443"],
])("a command for %j", (listen, command) => {
  const options = optionsFromSettings({ listen, tlsCert: "a", tlsKey: "b", clusterDomain: "k8s.test" });
  expect(formatDig(options.clusterDomain, options.listen)).toBe(`${command} kubernetes.default.svc.k8s.test`);
});

describe("formatFallbacks", () => {
  const options = optionsFromSettings({
    listen: ["127.0.0.1:53", "[::]:53", "0.0.0.0:53", "127.0.0.2:0"],
    clusterDomain: "k8s.example",
  });

  test("nothing when every port is the one given, or 0 was given", () => {
    const addresses = options.listen.map((each) => (each.port === 0 ? { ...each, port: 40_000 } : each));
    expect(formatFallbacks(options, addresses)).toBe("");
  });

  test("a line for each fallback port, with an address to query", () => {
    const addresses = options.listen.map(({ host }) => ({ host, port: 5300 }));
    const lines = formatFallbacks(options, addresses).split("\n");
    const name = "kubernetes.default.svc.k8s.example";
    expect(lines).toEqual([
      `port 53 is taken or not permitted: listening on 127.0.0.1:5300 — try: dig @127.0.0.1 -p 5300 ${name}`,
      `port 53 is taken or not permitted: listening on [::]:5300 — try: dig @::1 -p 5300 ${name}`,
      `port 53 is taken or not permitted: listening on 0.0.0.0:5300 — try: dig @127.0.0.1 -p 5300 ${name}`,
      "",
    ]);
  });

  test("an address with a scheme keeps it", () => {
    const [listen] = [[{ scheme: "tls", host: "127.0.0.1", port: 853 } as const]];
    const line = formatFallbacks({ ...options, listen }, [{ ...listen[0]!, port: 5300 }]);
    expect(line).toContain("listening on tls://127.0.0.1:5300");
  });
});
