import { expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { parseIp } from "../../src/net/ip.ts";

test.each([
  ["10.1.2.3", [10, 1, 2, 3]],
  ["::ffff:10.1.2.3", [10, 1, 2, 3]],
  ["::fffe:10.1.2.3", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 10, 1, 2, 3]],
  ["64:ff9b::10.1.2.3", [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3]],
])("a client at %s", (text, bytes) => {
  const into = new Uint8Array(16);
  const size = new KnownClient("udp", parseIp(text)).readAddress(into);
  expect([...into.subarray(0, size)]).toEqual(bytes);
});

test("a client of whom nothing is known", () => {
  const client = new KnownClient("tcp");
  expect([client.readAddress(new Uint8Array(16)), client.port]).toEqual([0, 0]);
});
