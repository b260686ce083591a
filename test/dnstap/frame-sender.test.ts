// The sender over real sockets: the handshake, receivers that go, stall, or are none.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { FrameSender } from "../../src/dnstap/frame-sender.ts";
import type { FrameTarget } from "../../src/dnstap/frame-sender.ts";
import { control, DnstapReceiver } from "../support/query-log/dnstap-receiver.ts";

const folder = mkdtempSync(join(tmpdir(), "dnstap-"));
const path = join(folder, "tap.sock");
const cleanUp: (() => Promise<unknown>)[] = [];
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
  rmSync(path, { force: true });
});

async function receive(where: string | number = path): Promise<DnstapReceiver> {
  const receiver = await DnstapReceiver.open(where);
  cleanUp.push(() => receiver.close());
  return receiver;
}

/** A server that is no receiver as it should be. */
async function listen(serve: (socket: Socket) => void): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(path);
  await once(server, "listening");
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
}

function send(target: FrameTarget = { path }): { sender: FrameSender; events: string[] } {
  const events: string[] = [];
  const sender = new FrameSender(target, {
    onConnected: () => events.push("connected"),
    onLost: (reason) => events.push(reason),
  });
  cleanUp.push(() => sender.close());
  return { sender, events };
}

/** A data frame with `size` bytes. */
function frame(size: number, fill = 1): Buffer {
  const bytes = Buffer.alloc(4 + size, fill);
  bytes.writeUInt32BE(size);
  return bytes;
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000 });

describe("a sender", () => {
  test.each([["unix"], ["tcp"]])("shakes hands, sends frames of any size, and ends in good order: %s", async (kind) => {
    const receiver = await receive(kind === "unix" ? path : 0);
    const { sender, events } = send(kind === "unix" ? { path } : { host: "127.0.0.1", port: receiver.port });
    expect(sender.send(frame(10))).toBe(false);
    await until(() => expect(events).toEqual(["connected"]));
    const sizes = [10, 60_000, 10_000, 70_000, 1, 131_072];
    for (const [i, size] of sizes.entries()) expect(sender.send(frame(size, i))).toBe(true);
    await sender.close();
    expect(receiver.frames.map((each) => [each.length, each[0]])).toEqual(sizes.map((size, i) => [size, i]));
    expect(receiver.controls).toEqual([4, 2, 3]);
    expect(sender.send(frame(1))).toBe(false);
    expect(events).toEqual(["connected"]);
  });

  test("connects when the receiver comes, and again when it has gone", async () => {
    const { sender, events } = send();
    await until(() => expect(events).toEqual([expect.stringContaining("ENOENT")]));
    const receiver = await receive();
    await until(() => expect(events.slice(1)).toEqual(["connected"]));
    receiver.cut();
    // How the end of the connection shows depends on what was under way.
    const ended = expect.stringMatching(/^it closes the connection$|ECONNRESET/);
    await until(() => expect(events.slice(2)).toEqual([ended, "connected"]));
    expect([receiver.connections, sender.send(frame(1))]).toEqual([2, true]);
  });

  test("holds a bounded number of bytes for a receiver that stalls", async () => {
    await listen((socket) => {
      socket.write(control(1));
      socket.pause();
    });
    const { sender, events } = send();
    await until(() => expect(events).toEqual(["connected"]));
    const sent = Array.from({ length: 200 }, () => sender.send(frame(60_000))).filter(Boolean).length;
    expect(sent).toBeGreaterThan(50);
    expect(sent).toBeLessThan(80);
  });

  test("says once why there is no receiver, while it looks for one", async () => {
    let connections = 0;
    await listen((socket) => {
      connections++;
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const { events } = send();
    await until(() => expect(connections).toBe(2));
    expect(events).toEqual(["it is no receiver of dnstap"]);
  });

  test("gives up a receiver that does not answer the handshake", async () => {
    const receiver = await receive();
    receiver.accepts = undefined;
    const { events } = send();
    await until(() => expect(events).toEqual(["it does not answer the handshake"]));
  });
});
