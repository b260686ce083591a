// A batched socket seen from outside: address sharing, family, buffer size, timeout, and the errors of refused calls.
import { readdirSync } from "node:fs";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import type { Libc } from "../../src/server/libc.ts";
import type { ListenAddress } from "../../src/net/listen-address.ts";
import { openBatchSocket } from "../../src/server/udp-batch-socket.ts";
import type { BatchSocket } from "../../src/server/udp-batch-socket.ts";
import { BatchClient } from "../support/batch/batch-client.ts";
import { needLibc, portOf, reasonAgainstBatches } from "../support/batch/open-batch.ts";

describe.skipIf(reasonAgainstBatches() !== undefined)("a batched socket", () => {
  const libc: Libc = reasonAgainstBatches() === undefined ? needLibc() : ({} as Libc);
  const sockets: BatchSocket[] = [];
  afterEach(() => sockets.splice(0).forEach(({ fd }) => libc.close(fd)));

  function open(host: string, port = 0): BatchSocket {
    const socket = openBatchSocket(libc, { host, port });
    sockets.push(socket);
    return socket;
  }

  test.each([
    ["127.0.0.1", false],
    ["0.0.0.0", true],
    ["::1", false],
    ["::", true],
  ])("%s shares its port with others of its kind; has packet info: %s", (host, hasPacketInfo) => {
    const first = open(host);
    const port = portOf(first.fd);
    expect(first.hasPacketInfo).toBe(hasPacketInfo);
    expect(portOf(open(host, port).fd)).toBe(port);
  });

  test("IPv6's wildcard leaves IPv4's port alone", async () => {
    const port = portOf(open("::").fd);
    const other = createSocket("udp4").bind({ port, address: "0.0.0.0", exclusive: true });
    await once(other, "listening");
    other.close();
  });

  test.each<[what: string, address: (taken: number) => ListenAddress, code: string]>([
    ["a port that is not shared", (port) => ({ host: "127.0.0.1", port }), "EADDRINUSE"],
    ["an address of another machine", () => ({ host: "192.0.2.254", port: 0 }), "EADDRNOTAVAIL"],
    ["an IPv6 address of another machine", () => ({ host: "2001:db8::1", port: 0 }), "EADDRNOTAVAIL"],
    ["no address", () => ({ host: "localhost", port: 0 }), "EADDRNOTAVAIL"],
  ])("%s is refused, and leaves no descriptor", async (_, address, code) => {
    const holder = createSocket("udp4").bind({ port: 0, address: "127.0.0.1", exclusive: true });
    await once(holder, "listening");
    const before = readdirSync("/proc/self/fd").length;
    expect(() => openBatchSocket(libc, address(holder.address().port))).toThrow(
      expect.objectContaining({ name: "Error", code, message: `bind: ${code}` }) as Error,
    );
    expect(readdirSync("/proc/self/fd").length).toBe(before);
    holder.close();
  });

  test("a call waits some tens of milliseconds, then says that nothing came", () => {
    const client = new BatchClient(libc, { host: "127.0.0.1", port: portOf(open("127.0.0.1").fd) });
    const startedAtMs = performance.now();
    expect(client.receive(1, 1)).toEqual([]);
    const tookMs = performance.now() - startedAtMs;
    client.close();
    expect(tookMs).toBeGreaterThan(25);
    expect(tookMs).toBeLessThan(1_000);
  });

  test("holds a burst that the system's default would not", (context) => {
    context.skip(process.getuid?.() !== 0, "without rights the kernel's own limit holds");
    const { fd } = open("127.0.0.1");
    const client = new BatchClient(libc, { host: "127.0.0.1", port: portOf(fd) });
    const count = 4_000;
    client.send(Array.from({ length: count }, () => Buffer.alloc(100)));
    client.close();
    let held = 0;
    const one = new Uint8Array(64);
    while (libc.recvmmsg(fd, one, 1, 0x40, null) === 1) held++;
    expect(held).toBe(count);
  });
});
