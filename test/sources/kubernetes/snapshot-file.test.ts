import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseObject } from "../../../src/objects/parse-object.ts";
import { readSnapshot, writeSnapshot } from "../../../src/sources/kubernetes/snapshot-file.ts";

const folder = mkdtempSync(join(tmpdir(), "snapshot-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "snapshot");

const objects = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { clusterIP: "10.96.0.80", selector: { app: "web" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.1"], hostname: "map" }],
    ports: [{ name: "http", port: 8080 }],
  },
].map((object) => parseObject(object, { namespace: "", locate: () => undefined, isLive: true }).object!);

test("what is written is read again, by its owner alone", async () => {
  expect(await writeSnapshot(path, { cluster: "c", takenAtMs: 7 }, objects)).toEqual([]);
  expect(await readSnapshot(path, "c")).toEqual({ snapshot: { cluster: "c", takenAtMs: 7, objects }, problems: [] });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("of a cluster without objects", async () => {
  await writeSnapshot(path, { cluster: "c", takenAtMs: 7 }, []);
  expect((await readSnapshot(path, "c")).snapshot?.objects).toEqual([]);
});

test.each<[title: string, prepare: () => void, message: RegExp]>([
  ["a folder", () => undefined, /can't be read/],
  ["text of another program", () => writeFileSync(path, "hello\n".repeat(100)), /is damaged; it is not served/],
])("%s is no snapshot", async (title, prepare, message) => {
  prepare();
  const { snapshot, problems } = await readSnapshot(title === "a folder" ? folder : path, "c");
  expect(snapshot).toBeUndefined();
  expect(problems).toMatchObject([{ code: "snapshot", message: expect.stringMatching(message) }]);
});

test("no file is no problem", async () => {
  expect(await readSnapshot(join(folder, "none"), "c")).toEqual({ problems: [] });
});
