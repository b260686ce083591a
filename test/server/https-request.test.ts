// Request bodies, from streams in place of sockets: any chunks, too many bytes, the limit of the connection, aborts.
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { HttpsRequest, type Incoming } from "../../src/server/https-request.ts";

const client = new KnownClient("https");

/** A request whose body comes in these chunks; without an end where it is cut. */
function makeIncoming(chunks: readonly Uint8Array[], contentLength?: string): Incoming & { body: IncomingMessage } {
  const body = new IncomingMessage(new Socket());
  for (const chunk of chunks) body.push(Buffer.from(chunk));
  return { method: "POST", url: "/dns-query", contentType: undefined, contentLength, body };
}

describe("a body", () => {
  test("comes whole whatever its chunks are, and its bytes are counted until the end", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        const incoming = makeIncoming(parts.filter((part) => part.length > 0));
        incoming.body.push(null);
        let reserved = 0;
        const request = new HttpsRequest(incoming, client, (bytes) => {
          reserved += bytes;
          return true;
        });
        const body = await request.readBody(1_000);
        expect(Buffer.from(body as Uint8Array)).toEqual(Buffer.concat(parts));
        expect(reserved).toBeGreaterThanOrEqual(body.length);
        expect(reserved).toBeLessThanOrEqual(Math.max(2 * body.length, 0));
        expect(request.end()).toBe(reserved);
      }),
    );
  });

  test.each<[string, number, string | undefined, unknown]>([
    ["of as many bytes as may be", 100, undefined, 100],
    ["one larger", 101, undefined, "too large"],
    ["that says it is larger, before it comes", 0, "101", "too large"],
    ["that says it is smaller than it is", 101, "5", "too large"],
  ])("%s", async (_name, size, contentLength, outcome) => {
    const incoming = makeIncoming(
      [new Uint8Array(size)].filter((chunk) => chunk.length > 0),
      contentLength,
    );
    if (size <= 100 && outcome !== "too large") incoming.body.push(null);
    const body = await new HttpsRequest(incoming, client, () => true).readBody(100);
    expect(typeof body === "string" ? body : body.length).toBe(outcome);
  });

  test("beyond the limit of the connection", async () => {
    const request = new HttpsRequest(makeIncoming([new Uint8Array(50)]), client, (bytes) => bytes < 50);
    expect(await request.readBody(100)).toBe("over limit");
    expect(request.end()).toBe(0);
  });

  test.each([
    ["by a reset", new Error("reset")],
    ["without a word", undefined],
  ])("whose sender goes away %s", async (_name, error) => {
    const incoming = makeIncoming([new Uint8Array(50)]);
    const body = new HttpsRequest(incoming, client, () => true).readBody(100);
    incoming.body.destroy(error);
    expect(await body).toBe("cut");
  });
});

test("nothing is counted for an request that is over", () => {
  let reserved = 0;
  const request = new HttpsRequest(makeIncoming([]), client, (bytes) => {
    reserved += bytes;
    return true;
  });
  expect(request.reserve(10)).toBe(true);
  expect(request.end()).toBe(10);
  expect(request.reserve(10)).toBe(false);
  expect(reserved).toBe(10);
});

test.each([
  ["/dns-query?dns=AA", "/dns-query?dns=AA"],
  ["https://dns.example/dns-query?dns=AA", "/dns-query?dns=AA"],
  ["HTTP://dns.example:8443/", "/"],
  ["*", "*"],
])("the target of %s", (url, target) => {
  expect(new HttpsRequest({ ...makeIncoming([]), url }, client, () => true).target).toBe(target);
});
