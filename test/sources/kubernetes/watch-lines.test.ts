// Lines of a watch: what tells of the object is read before the object is parsed.
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvents, WatchEvent } from "../../../src/sources/kubernetes/watch-lines.ts";

const SERVICE = {
  kind: "Service",
  apiVersion: "v1",
  metadata: { name: "web", namespace: "shop", uid: "6f1c-11", resourceVersion: "1234", labels: { app: "web" } },
  spec: { clusterIP: "10.96.0.7" },
};
const OF = { namespace: "shop", name: "web", version: "1234" };

function lineOf(type: string, object: unknown): string {
  return JSON.stringify({ type, object });
}

describe("WatchEvent", () => {
  test.each([
    ["as API servers write it", lineOf("ADDED", SERVICE), OF],
    ["apiVersion first", lineOf("MODIFIED", { apiVersion: "v1", kind: "Service", metadata: SERVICE.metadata }), OF],
    [
      "a generated name",
      lineOf("DELETED", {
        kind: "EndpointSlice",
        apiVersion: "discovery.k8s.io/v1",
        metadata: { name: "web-x2k", generateName: "web-", namespace: "shop", resourceVersion: "9" },
      }),
      { namespace: "shop", name: "web-x2k", version: "9" },
    ],
    [
      "no namespace",
      lineOf("ADDED", { kind: "Namespace", apiVersion: "v1", metadata: { name: "shop", resourceVersion: "7" } }),
      { namespace: "", name: "shop", version: "7" },
    ],
    [
      "labels first",
      lineOf("ADDED", { kind: "Service", apiVersion: "v1", metadata: { labels: {}, name: "web" } }),
      undefined,
    ],
    ["space", `{"type": "ADDED", "object": ${JSON.stringify(SERVICE)}}`, undefined],
    ["a bookmark", lineOf("BOOKMARK", { kind: "Service", metadata: { resourceVersion: "8" } }), undefined],
  ])("%s", (_, line, of) => {
    const event = new WatchEvent(line);
    expect(event.of).toEqual(of);
    expect({ type: event.type, object: event.object }).toEqual(JSON.parse(line));
  });

  test("what it tells before the object is what the object says, in any form of line", () => {
    const text = fc.oneof(fc.constantFrom("web", "a.b-c", "kube-dns", ""), fc.string());
    const metadata = fc.record(
      {
        name: text,
        generateName: text,
        namespace: text,
        uid: text,
        resourceVersion: text,
        labels: fc.dictionary(text, text),
      },
      { requiredKeys: [] },
    );
    const kinds = { kind: fc.constantFrom("Service", "EndpointSlice"), apiVersion: fc.constantFrom("v1", "a/b") };
    fc.assert(
      fc.property(fc.record({ ...kinds, metadata }), (object) => {
        const { of } = new WatchEvent(lineOf("ADDED", object));
        if (of === undefined) return;
        const { namespace = "", name, resourceVersion: version } = object.metadata;
        expect(of).toEqual({ namespace, name, version });
      }),
    );
  });

  test("an object that is cut is a fault when it is read", () => {
    const event = new WatchEvent(lineOf("ADDED", SERVICE).slice(0, -10));
    expect(event.of).toEqual(OF);
    expect(() => event.object).toThrow("a line that is no event");
  });

  test.each(["", "null", "[]", '"text"', '{"object":{}}', "{", '{"type":1}'])("%o is no event", (line) => {
    expect(() => new WatchEvent(line)).toThrow("a line that is no event");
  });
});

test("reads lines over chunks of any size", async () => {
  const bytes = Buffer.from(`${lineOf("ADDED", SERVICE)}\n\n${lineOf("DELETED", SERVICE)}\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), async (sizes) => {
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!)
        chunks.push(bytes.subarray(at, at + sizes[i % sizes.length]!));
      const types: string[] = [];
      for await (const { type, object } of readEvents(Readable.from(chunks))) {
        types.push(type);
        expect(object).toEqual(SERVICE);
      }
      expect(types).toEqual(["ADDED", "DELETED"]);
    }),
    { numRuns: 30 },
  );
});
