import { afterAll, beforeAll, expect, test } from "vitest";
import { makeServices } from "../../bench/cluster.ts";
import { FakeApiServer } from "../../bench/fake-apiserver.ts";

const RESOURCES = [
  ["/api/v1/namespaces", "Namespace", 5],
  ["/api/v1/services", "Service", 5],
  ["/apis/discovery.k8s.io/v1/endpointslices", "EndpointSlice", 5],
] as const;

let api: FakeApiServer;
beforeAll(async () => {
  api = await FakeApiServer.start(makeServices({ services: 5, endpoints: 2 }));
});
afterAll(() => api.close());

test.each(RESOURCES)("a list of %s", async (path, kind, count) => {
  const list = (await (await fetch(`${api.url}${path}?limit=500&resourceVersion=0`)).json()) as {
    readonly kind: string;
    readonly metadata: { readonly resourceVersion: string };
    readonly items: readonly { readonly kind: string; readonly metadata: { readonly resourceVersion: string } }[];
  };
  expect(list.kind).toBe(`${kind}List`);
  expect(list.metadata.resourceVersion).not.toBe("");
  expect(list.items).toHaveLength(count);
  expect(list.items.every((item) => item.kind === kind && item.metadata.resourceVersion !== "")).toBe(true);
});

test.each(RESOURCES)("a streamed list of %s ends with its bookmark and stays open", async (path, kind, count) => {
  const ended = new AbortController();
  const url = `${api.url}${path}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true`;
  const { body } = await fetch(url, { signal: ended.signal });
  const reader = body!.getReader();
  let text = "";
  while (!text.includes("initial-events-end")) {
    const { done, value } = await reader.read();
    expect(done).toBe(false);
    text += Buffer.from(value).toString();
  }
  const events = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; object: { kind: string } });
  expect(events.map(({ type }) => type)).toEqual([...Array.from({ length: count }, () => "ADDED"), "BOOKMARK"]);
  expect(events.every(({ object }) => object.kind === kind)).toBe(true);
  const next = await Promise.race([
    reader.read().then(() => "more"),
    new Promise((resolve) => setTimeout(resolve, 50)),
  ]);
  expect(next).toBeUndefined();
  ended.abort();
});

test("what it does not have is not found", async () => {
  const response = await fetch(`${api.url}/api/v1/secrets`);
  expect([response.status, ((await response.json()) as { kind: string }).kind]).toEqual([404, "Status"]);
});
