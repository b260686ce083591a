// A server that takes over from one that runs, as real processes: what clients see, and what becomes of a successor that
// fails; and a server that gets its sockets from a service manager.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectToPath, listenAtPath } from "../../src/server/descriptor-channel.ts";
import { descriptorOf } from "../../src/server/descriptor-of.ts";
import { openBatchSocket } from "../../src/server/udp-batch-socket.ts";
import { needLibc, reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { askTcp, frame, TcpClient, UdpClient } from "../support/network.ts";
import type { Endpoint } from "../support/network.ts";
import { freePort, LAUNCHER } from "../support/process.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const WAIT = { timeout: 40_000 };

let folder: string;
let manifest: string;
let socket: string;
let server: Endpoint;
let children: ChildProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "takeover-"));
  manifest = join(folder, "web.yaml");
  socket = join(folder, "socket");
  writeService(1);
  server = { host: "127.0.0.1", port: await freePort() };
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function writeService(last: number): void {
  const service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
  writeFileSync(manifest, `${service}spec: {clusterIP: 10.96.0.${last}, ports: [{port: 80}]}\n`);
}

interface Serving {
  readonly child: ChildProcess;
  /** Resolves when it serves. */
  readonly serving: Promise<void>;
  /** Resolves with its exit code and what it wrote to standard error. */
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}

function serve(...more: readonly string[]): Serving {
  const at = `${server.host}:${server.port}`;
  const args = ["serve", manifest, "--listen", at, "--upstream", "none", "--takeover", socket, ...more];
  return follow(spawn(LAUNCHER, args));
}

function follow(child: ChildProcess): Serving {
  children.push(child);
  let [out, err] = ["", ""];
  child.stderr!.on("data", (data: Buffer) => (err += data.toString()));
  const serving = new Promise<void>((resolve) => {
    child.stdout!.on("data", (data: Buffer) => {
      out += data.toString();
      if (out.includes('"msg":"serving"')) resolve();
    });
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, err }));
  return { child, serving, ended };
}

const queryOf = (id: number): Buffer => writeQuery({ id, name: "web.default.svc.cluster.local", type: "A" });

function addressIn(reply: Buffer): string {
  return readMessage(reply)
    .answer.map(({ rdata }) => rdata)
    .join();
}

async function askOn(connection: TcpClient, query: Buffer): Promise<Buffer> {
  await connection.write(frame(query));
  return connection.next();
}

/** Asks over UDP and TCP without a pause until it is stopped; no answer may be missing or wrong. */
class Client {
  readonly #udp: Promise<UdpClient>;
  readonly #tcp: Promise<TcpClient>;
  readonly #loops: Promise<void>;
  readonly answers = new Map<string, number>();
  asked = 0;
  #isStopped = false;

  constructor() {
    this.#udp = UdpClient.open(server);
    this.#tcp = TcpClient.open(server);
    this.#loops = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loops;
    (await this.#udp).close();
    (await this.#tcp).close();
  }

  async #run(): Promise<void> {
    const [udp, tcp] = [await this.#udp, await this.#tcp];
    const ways: ((query: Buffer) => Promise<Buffer>)[] = [
      (query) => udp.ask(query),
      // One connection for all of them.
      (query) => askOn(tcp, query),
      (query) => askTcp(server, query),
    ];
    await Promise.all(ways.map((ask) => this.#loop(ask)));
  }

  async #loop(ask: (query: Buffer) => Promise<Buffer>): Promise<void> {
    while (!this.#isStopped) {
      const address = addressIn(await ask(queryOf(this.asked++ & 0xffff)));
      this.answers.set(address, (this.answers.get(address) ?? 0) + 1);
    }
  }
}

describe.skipIf(reasonAgainstBatches() !== undefined)("a takeover", () => {
  test("loses no query of clients that ask all the while, and serves what the successor has read", async () => {
    let running = serve();
    await running.serving;
    const client = new Client();
    for (const last of [2, 3, 4]) {
      await expect.poll(() => client.asked, WAIT).toBeGreaterThan(0);
      const before = running;
      running = serve();
      await running.serving;
      expect(await before.ended).toEqual({ code: 0, err: "" });
      writeService(last);
      await expect.poll(() => [...client.answers.keys()].at(-1), WAIT).toBe(`10.96.0.${last}`);
    }
    await client.stop();
    expect([...client.answers.keys()]).toEqual(["10.96.0.1", "10.96.0.2", "10.96.0.3", "10.96.0.4"]);
    running.child.kill("SIGTERM");
    expect(await running.ended).toEqual({ code: 0, err: "" });
    expect(existsSync(socket)).toBe(false);
  });

  test("a query that is half sent is answered by whoever has its connection", async () => {
    const first = serve();
    await first.serving;
    const tcp = await TcpClient.open(server);
    await askOn(tcp, queryOf(1));
    const bytes = frame(queryOf(2));
    await tcp.write(bytes.subarray(0, 7));
    const second = serve();
    await second.serving;
    await tcp.write(bytes.subarray(7));
    expect(addressIn(await tcp.next())).toBe("10.96.0.1");
    expect(addressIn(await askOn(tcp, queryOf(3)))).toBe("10.96.0.1");
    expect(await first.ended).toEqual({ code: 0, err: "" });
    expect(addressIn(await askOn(tcp, queryOf(4)))).toBe("10.96.0.1");
    tcp.close();
  });

  test("a connection to an address that the successor does not have is closed", async () => {
    const dropped = { host: "127.0.0.1", port: await freePort() };
    const first = serve("--listen", `127.0.0.1:${dropped.port}`);
    await first.serving;
    const tcp = await TcpClient.open(dropped);
    expect(addressIn(await askOn(tcp, queryOf(1)))).toBe("10.96.0.1");
    const second = serve();
    await second.serving;
    expect(await first.ended).toEqual({ code: 0, err: "" });
    await expect(tcp.next()).rejects.toThrow("the server closed");
    await expect(askTcp(dropped, queryOf(2))).rejects.toThrow("ECONNREFUSED");
    expect(addressIn(await askTcp(server, queryOf(3)))).toBe("10.96.0.1");
  });

  test("probes of the admin server meet no gap, and its port may go to another use", async () => {
    const [port, other] = [await freePort(), await freePort()];
    let running = serve("--admin", String(port));
    await running.serving;
    const statuses = new Set<unknown>();
    let probes = 0;
    let isStopped = false;
    const probing = (async () => {
      for (; !isStopped; probes++) {
        const probe = fetch(`http://127.0.0.1:${port}/ready`, { headers: { connection: "close" } });
        statuses.add(await probe.then(({ status }) => status).catch((error: Error) => error.cause));
      }
    })();
    for (const args of [
      ["--admin", String(port)],
      ["--ready", String(port), "--admin", String(other)],
    ]) {
      const [before, probesBefore] = [running, probes];
      running = serve(...args);
      await running.serving;
      expect(await before.ended).toEqual({ code: 0, err: "" });
      await expect.poll(() => probes, WAIT).toBeGreaterThan(probesBefore);
    }
    isStopped = true;
    await probing;
    expect([...statuses]).toEqual([200]);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${other}/health`)).status).toBe(200);
  });

  test("a successor with another number of workers takes all sockets over", async () => {
    const first = serve("--udp-workers", "3");
    await first.serving;
    const clients = await Promise.all(Array.from({ length: 24 }, () => UdpClient.open(server)));
    const askAll = async (): Promise<Set<string>> => {
      const replies = await Promise.all(clients.map((client, i) => client.ask(queryOf(i))));
      return new Set(replies.map(addressIn));
    };
    expect(await askAll()).toEqual(new Set(["10.96.0.1"]));
    for (const workers of ["1", "4"]) {
      const next = serve("--udp-workers", workers);
      await next.serving;
      expect(await askAll()).toEqual(new Set(["10.96.0.1"]));
    }
    expect(await first.ended).toEqual({ code: 0, err: "" });
    clients.forEach((client) => client.close());
  });

  test("a successor that can't start leaves the running server as it was", async () => {
    const first = serve();
    await first.serving;
    const failed = follow(
      spawn(LAUNCHER, ["serve", join(folder, "missing"), "--listen", `127.0.0.1:${server.port}`, "--takeover", socket]),
    );
    const { code, err } = await failed.ended;
    expect(code).toBe(1);
    expect(err).toContain("no such file or folder");
    expect(addressIn(await askTcp(server, queryOf(1)))).toBe("10.96.0.1");
    const second = serve();
    await second.serving;
    expect(await first.ended).toEqual({ code: 0, err: "" });
  });

  test("a successor that dies when it has the sockets leaves the running server as it was", async () => {
    const first = serve();
    await first.serving;
    const channel = connectToPath(needLibc(), socket);
    await expect.poll(() => channel.receive(), WAIT).toMatchObject({ text: expect.stringContaining("hello") });
    channel.send(JSON.stringify({ type: "take" }));
    let complete = false;
    await expect
      .poll(() => {
        for (let got; (got = channel.receive()) !== undefined && got !== "closed";) {
          if (got.descriptor !== undefined) needLibc().close(got.descriptor);
          complete ||= got.text.includes("complete");
        }
        return complete;
      }, WAIT)
      .toBe(true);
    channel.close();
    const client = await UdpClient.open(server);
    expect(addressIn(await client.ask(queryOf(1)))).toBe("10.96.0.1");
    client.close();
    const second = serve();
    await second.serving;
    expect(await first.ended).toEqual({ code: 0, err: "" });
  });

  test("a socket that a killed server left is no obstacle", async () => {
    const first = serve();
    await first.serving;
    first.child.kill("SIGKILL");
    await first.ended;
    expect(existsSync(socket)).toBe(true);
    const second = serve();
    await second.serving;
    expect(addressIn(await askTcp(server, queryOf(1)))).toBe("10.96.0.1");
  });

  test("a server there that says nothing is told, with what to do", async () => {
    const listening = listenAtPath(needLibc(), socket);
    const { code, err } = await serve().ended;
    needLibc().close(listening);
    expect(code).toBe(1);
    expect(err).toBe(
      `cluster-dns serve: --takeover ${socket}: the server there does not hand over its sockets: end it, or remove the socket\n`,
    );
  });

  test.each([
    ["a folder that is missing", "missing/socket", [], "can't make the socket (ENOENT)"],
    ["node:dgram", "socket", ["--udp-transport", "dgram"], "--takeover needs UDP in batches"],
  ])("%s is told at the start", async (_title, name, more, message) => {
    socket = join(folder, name);
    const { code, err } = await serve(...more).ended;
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});

describe.skipIf(reasonAgainstBatches() !== undefined)("sockets of a service manager", () => {
  /** Starts a server with sockets that are bound here, as sd_listen_fds(3) has it. */
  async function serveActivated(...more: readonly string[]): Promise<Serving> {
    const libc = needLibc();
    const tcp = createServer().listen(server.port, server.host);
    await once(tcp, "listening");
    const { fd: udp } = openBatchSocket(libc, server);
    const args = ["serve", manifest, "--upstream", "none", ...more];
    const script = 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$0" "$@"';
    const child = spawn("/bin/sh", ["-c", script, LAUNCHER, ...args], {
      stdio: ["ignore", "pipe", "pipe", descriptorOf(tcp), udp],
    });
    tcp.close();
    libc.close(udp);
    return follow(child);
  }

  test("are answered on, with as many workers as are wanted", async () => {
    const { child, serving, ended } = await serveActivated(
      "--listen",
      `127.0.0.1:${server.port}`,
      "--udp-workers",
      "2",
    );
    await serving;
    const clients = await Promise.all(Array.from({ length: 8 }, () => UdpClient.open(server)));
    const replies = await Promise.all(clients.map((client, i) => client.ask(queryOf(i))));
    expect(new Set(replies.map(addressIn))).toEqual(new Set(["10.96.0.1"]));
    expect(addressIn(await askTcp(server, queryOf(1)))).toBe("10.96.0.1");
    clients.forEach((client) => client.close());
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, err: "" });
  });

  test("keep the queries that come before everything is loaded", async () => {
    const { child, ended } = await serveActivated("--listen", `127.0.0.1:${server.port}`);
    const client = await UdpClient.open(server);
    const replies = await Promise.all([client.ask(queryOf(1)), askTcp(server, queryOf(2))]);
    expect(replies.map(addressIn)).toEqual(["10.96.0.1", "10.96.0.1"]);
    client.close();
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, err: "" });
  });

  test("of another address are told, with what to do", async () => {
    const { ended } = await serveActivated("--listen", "127.0.0.1:0");
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain(`passed a TCP socket at 127.0.0.1:${server.port}: add --listen 127.0.0.1:${server.port}`);
  });
});
