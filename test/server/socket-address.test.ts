import { expect, test } from "vitest";
import { formatIp, parseIp } from "../../src/net/ip.ts";
import { canReplyTo, clientOf, DatagramClient, formatSocketAddress } from "../../src/server/socket-address.ts";
import type { Client } from "../../src/answer/client.ts";

function addressOf(client: Client): string {
  const into = new Uint8Array(16);
  return formatIp(into.subarray(0, client.readAddress(into)));
}

test("clients of datagrams stand beside each other, of both families", () => {
  const addresses = new Uint8Array(96);
  addresses.set([2, 0, 0x14, 0xe9, 10, 1, 2, 3], 0);
  addresses.set([10, 0, 0xff, 0xfe, 0, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], 32);
  addresses.set([10, 0, 0, 53, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 9, 8, 7], 64);
  const client = new DatagramClient(addresses);
  const seen = [0, 32, 64].map((at) => {
    client.at = at;
    return `${addressOf(client)} ${client.port}`;
  });
  expect(seen).toEqual(["10.1.2.3 5353", "fd00::9 65534", "10.9.8.7 53"]);
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:127.0.0.1", "127.0.0.1"],
  ["fe80::1%eth0", "fe80::1"],
])("node's %s", (text, address) => {
  const client = clientOf("tcp", text, 5353);
  expect([client.transport, addressOf(client), client.port]).toEqual(["tcp", address, 5353]);
});

test.each([
  ["10.1.2.3", 5353, true],
  ["10.1.2.3", 256, true],
  ["10.1.2.3", 0, false],
  ["223.255.255.255", 53, true],
  ["224.0.0.251", 53, false],
  ["255.255.255.255", 53, false],
  ["fd00::9", 5353, true],
  ["fd00::9", 0, false],
  ["ff02::fb", 53, false],
])("%s port %i in the kernel's form; replied to: %s", (text, port, expected) => {
  const isV6 = text.includes(":");
  const ip = parseIp(text)!;
  const address = formatSocketAddress(ip, port);
  const family = isV6 ? [10, 0] : [2, 0];
  const rest = isV6 ? [0, 0, 0, 0, ...ip, 0, 0, 0, 0] : [...ip, 0, 0, 0, 0, 0, 0, 0, 0];
  expect([...address]).toEqual([...family, port >> 8, port & 0xff, ...rest]);
  const addresses = new Uint8Array(64);
  addresses.set(address, 32);
  expect(canReplyTo(addresses, 32)).toBe(expected);
});
