// Bodies of requests, from streams in place of sockets: any chunks, too many bytes, no room, a peer that goes away.
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { HttpsExchange } from "../../src/server/https-exchange.ts";

const client = new KnownClient("https");

/** A request whose body comes in these chunks; without an end where it is cut. */
function makeIncoming(chunks: readonly Uint8Array[], headers: Record<string, string> = {}): IncomingMessage {
  const incoming = new IncomingMessage(new Socket());
  Object.assign(incoming.headers, headers);
  for (const chunk of chunks) incoming.push(Buffer.from(chunk));
  return incoming;
}

describe("a body", () => {
  test("comes whole, whatever its chunks are, and is counted until the end", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        const incoming = makeIncoming(parts.filter((part) => part.length > 0));
        incoming.push(null);
        let held = 0;
        const exchange = new HttpsExchange(incoming, client, (bytes) => {
          held += bytes;
          return true;
        });
        const body = await exchange.readBody(1_000);
        expect(Buffer.from(body as Uint8Array)).toEqual(Buffer.concat(parts));
        expect(held).toBeGreaterThanOrEqual(body.length);
        expect(held).toBeLessThanOrEqual(Math.max(2 * body.length, 0));
        expect(exchange.end()).toBe(held);
      }),
    );
  });

  test.each<[string, number, Record<string, string>, unknown]>([
    ["of as many bytes as may be", 100, {}, 100],
    ["one larger", 101, {}, "too large"],
    ["that says it is larger, before it comes", 0, { "content-length": "101" }, "too large"],
    ["that says it is smaller than it is", 101, { "content-length": "5" }, "too large"],
  ])("%s", async (_name, size, headers, outcome) => {
    const incoming = makeIncoming(
      [new Uint8Array(size)].filter((chunk) => chunk.length > 0),
      headers,
    );
    if (size <= 100 && outcome !== "too large") incoming.push(null);
    const body = await new HttpsExchange(incoming, client, () => true).readBody(100);
    expect(typeof body === "string" ? body : body.length).toBe(outcome);
  });

  test("without room for it", async () => {
    const exchange = new HttpsExchange(makeIncoming([new Uint8Array(50)]), client, (bytes) => bytes < 50);
    expect(await exchange.readBody(100)).toBe("no room");
    expect(exchange.end()).toBe(0);
  });

  test.each([
    ["by a reset", new Error("reset")],
    ["without a word", undefined],
  ])("whose sender goes away %s", async (_name, error) => {
    const incoming = makeIncoming([new Uint8Array(50)]);
    const body = new HttpsExchange(incoming, client, () => true).readBody(100);
    incoming.destroy(error);
    expect(await body).toBe("cut");
  });
});

test("nothing is counted for an exchange that is over", () => {
  let held = 0;
  const exchange = new HttpsExchange(makeIncoming([]), client, (bytes) => {
    held += bytes;
    return true;
  });
  expect(exchange.hold(10)).toBe(true);
  expect(exchange.end()).toBe(10);
  expect(exchange.hold(10)).toBe(false);
  expect(held).toBe(10);
});
