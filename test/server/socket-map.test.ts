// Values found by the ends of an accepted socket.
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { SocketMap } from "../../src/server/socket-map.ts";

/** A socket that is not connected, with these ends. */
function socketOf(remoteAddress: string, remotePort: number, localAddress: string): Socket {
  return Object.defineProperties(new Socket(), {
    remoteAddress: { value: remoteAddress },
    remotePort: { value: remotePort },
    localAddress: { value: localAddress },
  });
}

test("each end counts: the client's address, its port, and the address that it came to", () => {
  const map = new SocketMap<object>();
  const ends: readonly [string, number, string][] = [
    ["10.0.0.1", 4000, "10.0.0.9"],
    ["10.0.0.2", 4000, "10.0.0.9"],
    ["10.0.0.1", 4001, "10.0.0.9"],
    ["10.0.0.1", 4000, "10.0.0.8"],
  ];
  const values = ends.map(() => ({}));
  ends.forEach((each, i) => map.set(socketOf(...each), values[i]!));
  for (const [i, each] of ends.entries()) expect(map.get(socketOf(...each))).toBe(values[i]);
  expect(map.get(socketOf("10.0.0.3", 4000, "10.0.0.9"))).toBeUndefined();
});

test("a socket that closes is forgotten, and not the client's next one from the same port", () => {
  const map = new SocketMap<object>();
  const [first, second] = [socketOf("::1", 4000, "::1"), socketOf("::1", 4000, "::1")];
  const value = {};
  map.set(first, {});
  map.set(second, value);
  first.emit("close");
  expect(map.get(first)).toBe(value);
  second.emit("close");
  expect(map.get(second)).toBeUndefined();
});
