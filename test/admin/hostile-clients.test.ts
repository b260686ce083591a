// A real server while clients of its admin server stall, flood and never read: DNS is answered as before, probes too,
// and memory does not grow.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { frame, TcpClient, UdpClient } from "../support/network.ts";
import { ROOT } from "../support/process.ts";
import { startServed } from "../support/served.ts";
import type { Served } from "../support/served.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const GET = "GET /ready?verbose HTTP/1.1\r\nHost: localhost\r\n\r\n";
/** Of one client's address; see HTTP_LIMITS. */
const CONNECTIONS_MAX = 32;
const QUERIES = 300;
const MB = 1024;

const sockets: Socket[] = [];
let served: Served | undefined;
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  served?.child.kill("SIGKILL");
});

/** Busy, but no more: with it the heap gets its size. */
const askAllTheTime = (socket: Socket): void => {
  socket.on("data", () => socket.write(GET));
  socket.write(GET);
};

/** What each kind of hostile client does with its connection. */
const ATTACKS: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => undefined,
  "writes headers without an end, a byte at a time": (socket) => {
    let sent = 0;
    const timer = setInterval(() => socket.write(GET[sent++] ?? "a"), 20);
    socket.on("close", () => clearInterval(timer));
  },
  "writes one header without an end": (socket) => {
    const more = (): void => void (socket.write("a".repeat(64 * MB)) ? setImmediate(more) : socket.once("drain", more));
    socket.write(`${GET.slice(0, -2)}A: `, more);
  },
  "never reads, and asks for more": (socket) => {
    socket.pause();
    socket.write(GET.repeat(4));
  },
};

test("hostile clients of the admin server cost DNS clients nothing", async () => {
  served = startServed([`${ROOT}zones`, "--listen=127.0.0.1:0", "--admin=0", "--upstream=none"]);
  const [host, port] = (await served.address).split(":") as [string, string];
  const server = { host, port: Number(port) };
  const [admin] = served.log.find(({ msg }) => msg === "serving")!["admin"] as [string];
  const adminPort = Number(new URL(admin).port);

  const udp = await UdpClient.open(server);
  const ask = async (): Promise<void> => {
    const tcp = await TcpClient.open(server);
    for (let id = 0; id < QUERIES; id++) {
      const query = writeQuery({ name: "kubernetes.default.svc.cluster.local.", type: "A", id });
      await tcp.write(frame(query));
      const replies = await Promise.all([udp.ask(query), tcp.next()]);
      expect(replies.map((reply) => readMessage(reply).answer[0]?.rdata)).toEqual(["10.96.0.1", "10.96.0.1"]);
    }
    tcp.close();
  };
  const residentKilobytes = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${served!.pid}/status`, "utf8"))![1]);
  const probe = async (): Promise<number> => (await fetch(`${admin}/health`)).status;

  const meet = async (attack: (socket: Socket) => void): Promise<void> => {
    for (let i = 0; i < 2 * CONNECTIONS_MAX; i++) {
      const socket = connect(adminPort, "127.0.0.1").on("error", () => undefined);
      sockets.push(socket);
      socket.once("connect", () => attack(socket));
    }
    await Promise.all(sockets.map(async (socket) => socket.connecting && (await once(socket, "connect"))));
    await ask();
    expect(await probe()).toBe(200);
  };
  await meet(askAllTheTime);
  for (const socket of sockets.splice(0)) socket.destroy();
  const before = residentKilobytes();
  for (const attack of Object.values(ATTACKS)) await meet(attack);
  udp.close();
  // Those that were evicted, or wrote too much, learn of it when they are read.
  for (const socket of sockets) socket.resume();
  await expect.poll(() => sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(CONNECTIONS_MAX);
  expect(residentKilobytes() - before).toBeLessThan(8 * MB);
  expect(served.log.filter(({ level }) => Number(level) > 30)).toEqual([]);
});
