import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DirectoryWatch } from "../../src/files/watch-directory.ts";
import { watchDirectory } from "../../src/files/watch-directory.ts";

const WITHIN_MS = 10_000;
let root: string;
let watch: DirectoryWatch | undefined;

beforeEach(() => (root = fs.mkdtempSync(join(tmpdir(), "watch-"))));
afterEach(async () => {
  await watch?.close();
  fs.rmSync(root, { recursive: true, force: true });
});

test("names of entries, and none for the directory itself", async () => {
  const names: (string | undefined)[] = [];
  watch = watchDirectory(root, (name) => names.push(name));
  await watch.ready;
  expect(watch.hasFailed).toBe(false);
  fs.writeFileSync(join(root, "a"), "1");
  fs.writeFileSync(join(root, "b"), "1");
  fs.renameSync(join(root, "b"), join(root, "c"));
  await vi.waitFor(() => expect(new Set(names)).toEqual(new Set(["a", "b", "c"])), WITHIN_MS);
  names.length = 0;
  fs.writeFileSync(join(root, "a"), "2");
  await vi.waitFor(() => expect(names).toContain("a"), WITHIN_MS);
  fs.rmSync(root, { recursive: true });
  await vi.waitFor(() => expect(names).toContain(undefined), WITHIN_MS);
});

test("what happens below an entry is not told", async () => {
  fs.mkdirSync(join(root, "below"));
  const names: (string | undefined)[] = [];
  watch = watchDirectory(root, (name) => names.push(name));
  await watch.ready;
  fs.writeFileSync(join(root, "below", "a"), "1");
  fs.writeFileSync(join(root, "b"), "1");
  await vi.waitFor(() => expect(names).toContain("b"), WITHIN_MS);
  expect(names).not.toContain("a");
});

test("nothing is told after closing", async () => {
  const names: (string | undefined)[] = [];
  watch = watchDirectory(root, (name) => names.push(name));
  const other = watchDirectory(root, (name) => names.push(`other ${name}`));
  await Promise.all([watch.ready, other.ready]);
  await watch.close();
  fs.writeFileSync(join(root, "a"), "1");
  await vi.waitFor(() => expect(names).toContain("other a"), WITHIN_MS);
  await other.close();
  expect(names).not.toContain("a");
});

test("a watch that is closed before it is ready is waited for no longer", async () => {
  watch = watchDirectory(root, () => undefined);
  await watch.close();
  await watch.ready;
  expect(watch.hasFailed).toBe(false);
});
