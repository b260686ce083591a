// Section D, limits: connections that stay silent, never read, or are too many. They run at the same time, as each waits
// for a timer of the server. RFC 7766 6.2.3 and 10, RFC 9210 4.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { frame, type Endpoint } from "../support/network.ts";
import { expectMsBelow } from "../support/timing.ts";
import { readMessage, writeOpt, writeQuery, writeOption, writeQuestion } from "../support/wire.ts";
import { testName } from "./catalog.ts";
import { LARGE, largeName } from "./fixture.ts";
import { isAlive, linkTo, watchedConnection } from "./links.ts";
import { KUBERNETES, message, OPTION } from "./packets.ts";
import { FAMILIES, SERVER_KINDS, useServers } from "./target.ts";
import { needPid, residentBytes } from "./usage.ts";

const KIND = SERVER_KINDS[0]!;
const targetOf = useServers("whole", [KIND]);
const TIMER_TEST_MS = 40_000;
/** The longest that a silent or idle connection may stay; peers are set up to be shorter. */
const MOST_SILENT_MS = 8_000;
const MOST_IDLE_MS = 14_000;
/** More connections than a server should take from one client, and from all. */
const MOST_OF_CLIENT = 1_100;
const MOST_OF_ALL = 5_000;
const goodFrame = frame(writeQuery({ name: KUBERNETES, type: "A", id: 1 }));

/** Whether the server's end of the connection from that port is established. */
function isEstablished(clientPort: number): boolean {
  const remote = `:${clientPort.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["tcp", "tcp6"]
    .flatMap((table) => readFileSync(`/proc/net/${table}`, "latin1").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .some(([, , peer, state]) => peer?.endsWith(remote) === true && state === "01");
}

async function closedWithin(closedMs: Promise<number>, limitMs: number): Promise<number | "still open"> {
  const timeout = Promise.withResolvers<"still open">();
  const timer = setTimeout(() => timeout.resolve("still open"), limitMs);
  const result = await Promise.race([closedMs, timeout.promise]);
  clearTimeout(timer);
  return result;
}

/** One reply of a connection, read in flowing mode. */
async function replyOn(socket: Socket, query: Buffer): Promise<Buffer> {
  const reply = once(socket, "data") as Promise<[Buffer]>;
  socket.write(query);
  return (await reply)[0].subarray(2);
}

/** Runs a check over each address family at once: each waits for the same timer. */
function checkTimer(name: string, run: (server: Endpoint, hold: typeof expect) => Promise<void>): void {
  test.concurrent(
    name,
    async ({ expect: hold }) => {
      const { v4, v6 } = targetOf(KIND);
      await Promise.all([v4, v6].filter((server) => server !== undefined).map((server) => run(server, hold)));
    },
    TIMER_TEST_MS,
  );
}

// At most five, which is how many vitest runs at the same time.
describe(`${KIND} timers`, () => {
  checkTimer(testName("D06"), async (server, hold) => {
    const { socket, closedMs } = await watchedConnection(server);
    socket.resume();
    const closed = await closedWithin(closedMs, MOST_SILENT_MS);
    socket.destroy();
    hold(closed).not.toBe("still open");
  });

  checkTimer(testName("B35"), async (server, hold) => {
    const { socket, closedMs } = await watchedConnection(server);
    socket.resume().write(Buffer.from("7f7f4142", "hex"));
    const closed = await closedWithin(closedMs, MOST_IDLE_MS);
    socket.destroy();
    hold(closed).not.toBe("still open");
    hold(await isAlive(linkTo("tcp", server))).toBe(true);
  });

  checkTimer(testName("D07"), async (server, hold) => {
    const { socket, closedMs } = await watchedConnection(server);
    await replyOn(socket, goodFrame);
    const closed = await closedWithin(closedMs, MOST_IDLE_MS);
    socket.destroy();
    hold(closed).not.toBe("still open");
    hold(closed).toBeGreaterThan(1_000);
  });

  checkTimer(`${testName("D07")}: the time that keepalive told`, async (server, hold) => {
    const { socket, closedMs } = await watchedConnection(server);
    const options = writeOption(OPTION.KEEPALIVE);
    const asked = message(0, [1, 0, 0, 1], writeQuestion(KUBERNETES), writeOpt({ size: 1232, options }));
    const { opt } = readMessage(await replyOn(socket, frame(asked)));
    const told = opt?.options.find(({ code }) => code === OPTION.KEEPALIVE);
    // Whether there is one at all is for C22 to tell.
    if (told === undefined) return void socket.destroy();
    const toldMs = told.data.readUInt16BE(0) * 100;
    const closed = await closedWithin(closedMs, toldMs + 10_000);
    socket.destroy();
    hold(toldMs).toBeGreaterThan(0);
    hold(closed).toBeGreaterThan(toldMs - 1_000);
    hold(closed).not.toBe("still open");
    expectMsBelow(Number(closed), toldMs + 1_000);
  });

  test.concurrent(
    testName("D10"),
    async (context) => {
      const { expect: hold } = context;
      const pid = needPid(targetOf(KIND), context);
      const before = residentBytes(pid);
      const asked = frame(writeQuery({ name: largeName(LARGE.huge), type: "A", id: 1 }));
      const { socket } = await watchedConnection(server());
      // 26 MB of answers: more than the kernel holds for a client that does not read.
      socket.pause().write(Buffer.concat(Array.from({ length: 400 }, () => asked)));
      const port = socket.localPort!;
      await hold.poll(() => isEstablished(port), { timeout: 25_000, interval: 200 }).toBe(false);
      hold(residentBytes(pid) - before).toBeLessThan(16 * 1024 * 1024);
      socket.destroy();
      hold(await isAlive(linkTo("tcp", server()))).toBe(true);
    },
    TIMER_TEST_MS,
  );

  const server = () => {
    const target = targetOf(KIND);
    return (target.v4 ?? target.v6)!;
  };

  /** Connections with a query each, one after the other, until `isFull` or there are `most`. */
  async function openMany(most: number, addressOf: (n: number) => string, isFull: () => boolean): Promise<Socket[]> {
    const sockets: Socket[] = [];
    while (sockets.length < most && !isFull()) {
      const { socket } = await watchedConnection(server(), addressOf(sockets.length));
      sockets.push(socket);
      await Promise.race([replyOn(socket, goodFrame), once(socket, "close")]);
    }
    return sockets;
  }

  /** Opens a connection and tells when it is closed. */
  async function witness(localAddress: string): Promise<{ socket: Socket; isClosed: () => boolean }> {
    const { socket, closedMs } = await watchedConnection(server(), localAddress);
    await replyOn(socket, goodFrame);
    let closed = false;
    void closedMs.then(() => (closed = true));
    return { socket, isClosed: () => closed };
  }

  test.skipIf(FAMILIES[0] === 6)(
    testName("D12"),
    async (context) => {
      needPid(targetOf(KIND), context);
      const other = await witness("127.0.0.3");
      const first = await witness("127.0.0.2");
      const sockets = await openMany(MOST_OF_CLIENT, () => "127.0.0.2", first.isClosed);
      const [newest] = sockets.slice(-1);
      try {
        expect({ count: sockets.length, isFirstClosed: first.isClosed() }).toMatchObject({ isFirstClosed: true });
        expect(other.isClosed()).toBe(false);
        expect(readMessage(await replyOn(newest!, goodFrame)).answer[0]?.rdata).toBe("10.96.0.1");
        expect(readMessage(await replyOn(other.socket, goodFrame)).answer[0]?.rdata).toBe("10.96.0.1");
      } finally {
        for (const socket of [...sockets, other.socket, first.socket]) socket.destroy();
      }
    },
    TIMER_TEST_MS,
  );

  test.skipIf(FAMILIES[0] === 6)(
    testName("D11"),
    async (context) => {
      needPid(targetOf(KIND), context);
      const first = await witness("127.0.1.1");
      // Few of each client, so that it is not a client's own limit that is met.
      const addressOf = (n: number): string => `127.0.${2 + Math.floor(n / 1_000)}.${1 + Math.floor((n % 1_000) / 4)}`;
      const sockets = await openMany(MOST_OF_ALL, addressOf, first.isClosed);
      const startedMs = performance.now();
      const next = await witness("127.0.99.1");
      try {
        expect({ count: sockets.length, isFirstClosed: first.isClosed() }).toMatchObject({ isFirstClosed: true });
        expectMsBelow(performance.now() - startedMs, 1_000);
      } finally {
        for (const socket of [...sockets, next.socket, first.socket]) socket.destroy();
      }
    },
    TIMER_TEST_MS,
  );
});
