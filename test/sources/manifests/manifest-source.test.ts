// Manifests behind the port of a source: its status, and what a closed source no longer says. The files themselves are
// the matter of manifests.test.ts.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ManifestSource } from "../../../src/sources/manifests/manifest-source.ts";
import { WatchedFolder } from "../../../src/sources/manifests/watched-folder.ts";
import type { SourceSink } from "../../../src/sources/source.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "manifest-source-"));
  writeFileSync(join(folder, "a.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sinkOf(statuses: string[]): SourceSink {
  return {
    change: () => undefined,
    replaceZones: () => undefined,
    setProblems: () => undefined,
    setStatus: ({ state }) => void statuses.push(state),
  };
}

test("is synced once it has handed over its files, stale while a path is gone, and synced when that is back", async () => {
  const statuses: string[] = [];
  const source = new ManifestSource({ paths: [folder], namespace: "default" });
  try {
    expect(source.status).toEqual({ state: "syncing" });
    await source.start(sinkOf(statuses));
    expect(statuses).toEqual(["synced"]);
    renameSync(folder, `${folder}-away`);
    await expect.poll(() => statuses, { timeout: 30_000 }).toEqual(["synced", "stale"]);
    expect(source.status).toMatchObject({ state: "stale", reason: `${folder} is gone` });
    renameSync(`${folder}-away`, folder);
    await expect.poll(() => statuses, { timeout: 30_000 }).toEqual(["synced", "stale", "synced"]);
    expect(source.describe()).toMatchObject({ paths: [folder], files: 1 });
  } finally {
    await source.close();
  }
});

test("closed while it loads, it never says that it has synced", async () => {
  const statuses: string[] = [];
  const source = new ManifestSource({ paths: [folder], namespace: "default" });
  const started = source.start(sinkOf(statuses));
  await source.close();
  await started;
  expect([statuses, source.status]).toEqual([[], { state: "syncing" }]);
});

test("refreshed, it looks at everything at once, as it does from time to time", async () => {
  const poll = vi.spyOn(WatchedFolder.prototype, "poll");
  const source = new ManifestSource({ paths: [folder], namespace: "default" });
  // Nothing is loaded yet.
  await source.refresh();
  await source.start(sinkOf([]));
  await source.refresh();
  expect(poll).toHaveBeenLastCalledWith(0);
  await source.close();
  const { length } = poll.mock.calls;
  await source.refresh();
  expect(poll.mock.calls).toHaveLength(length);
});
