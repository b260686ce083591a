// Single replies from a batched socket to real sockets.
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { LateSender } from "../../src/server/late-sender.ts";
import type { Libc } from "../../src/server/libc.ts";
import { openBatchSocket } from "../../src/server/udp-batch-socket.ts";
import { needLibc, reasonAgainstBatches } from "../support/batch/open-batch.ts";

const NO_PACKET_INFO = new Uint8Array(0);

describe.skipIf(reasonAgainstBatches() !== undefined)("LateSender", () => {
  const libc: Libc = reasonAgainstBatches() === undefined ? needLibc() : ({} as Libc);
  const cleanUp: (() => void)[] = [];
  afterEach(() => cleanUp.splice(0).forEach((step) => step()));

  function open(host: string): { fd: number; sender: LateSender } {
    const { fd } = openBatchSocket(libc, { host, port: 0 });
    cleanUp.push(() => void libc.close(fd));
    return { fd, sender: new LateSender(libc, fd) };
  }

  async function receiver(host: string): Promise<{ socket: Socket; address: Uint8Array }> {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4").bind(0, host);
    cleanUp.push(() => socket.close());
    await once(socket, "listening");
    const { port } = socket.address();
    const ip = host === "::1" ? [...Array(15).fill(0), 1] : host.split(".").map(Number);
    const head = [host === "::1" ? 10 : 2, 0, port >> 8, port & 0xff];
    return {
      socket,
      address: Uint8Array.from(
        host === "::1" ? [...head, 0, 0, 0, 0, ...ip, 0, 0, 0, 0] : [...head, ...ip, ...Array(8).fill(0)],
      ),
    };
  }

  test.each(["127.0.0.1", "::1"])("sends whole replies to %s, one after the other", async (host) => {
    const { sender } = open(host);
    const { socket, address } = await receiver(host);
    for (const size of [12, 1, 1232, 60_000]) {
      const reply = Buffer.alloc(size, size);
      const arrived = once(socket, "message");
      expect(sender.send(reply, address, NO_PACKET_INFO)).toBe(true);
      expect(((await arrived) as [Buffer])[0].equals(reply)).toBe(true);
    }
  });

  test("sends from the address that the packet info names", async () => {
    const { sender } = open("0.0.0.0");
    const { socket, address } = await receiver("127.0.0.1");
    // struct cmsghdr with an in_pktinfo: 28 bytes, level IP, type IP_PKTINFO, any interface, source 127.0.1.5.
    const packetInfo = Uint8Array.from([28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 127, 0, 1, 5]);
    const whole = new Uint8Array(32);
    whole.set(packetInfo);
    const arrived = once(socket, "message");
    expect(sender.send(Buffer.from("hello"), address, whole)).toBe(true);
    expect(await arrived).toMatchObject([Buffer.from("hello"), { address: "127.0.1.5" }]);
  });

  test("false where the system refuses, and the next one is sent", async () => {
    const { sender } = open("127.0.0.1");
    const { socket, address } = await receiver("127.0.0.1");
    expect(sender.send(new Uint8Array(65_535), address, NO_PACKET_INFO)).toBe(false);
    const toPortZero = Uint8Array.from(address);
    toPortZero.fill(0, 2, 4);
    expect(sender.send(new Uint8Array(12), toPortZero, NO_PACKET_INFO)).toBe(false);
    const arrived = once(socket, "message");
    expect(sender.send(Buffer.from("after"), address, NO_PACKET_INFO)).toBe(true);
    expect(((await arrived) as [Buffer])[0].toString()).toBe("after");
  });
});
