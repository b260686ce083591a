import { expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { ClientShares } from "../../src/forward/client-shares.ts";

test("a client may wait while it waits less often than there is room", () => {
  const shares = new ClientShares();
  const key = shares.keyOf(new KnownClient("udp", Uint8Array.of(10, 0, 0, 1)));
  expect(shares.keyOf(new KnownClient("tcp", Uint8Array.of(10, 0, 0, 1)))).toBe(key);
  expect(shares.keyOf(new KnownClient("udp", Uint8Array.of(10, 0, 0, 2)))).not.toBe(key);
  expect([shares.mayWait(key, 1), shares.mayWait(key, 0)]).toEqual([true, false]);
  shares.add(key);
  expect([shares.mayWait(key, 2), shares.mayWait(key, 1)]).toEqual([true, false]);
  shares.remove(key);
  expect(shares.mayWait(key, 1)).toBe(true);
});
