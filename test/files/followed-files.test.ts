// Files that are read and followed, as an editor or a mounted secret changes them.
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FOLLOWED_BYTES_MAX, followFiles } from "../../src/files/followed-files.ts";
import type { FollowedFiles } from "../../src/files/followed-files.ts";

/** A disk that is slow when a test says so: reads go on when `until` does. */
const disk = vi.hoisted(() => ({ until: Promise.resolve(), reads: 0 }));
vi.mock(import("node:fs/promises"), async (importActual) => {
  const actual = await importActual();
  const open: typeof actual.open = async (...args) => {
    const { until } = disk;
    disk.reads++;
    const handle = await actual.open(...args);
    await until;
    return handle;
  };
  return { ...actual, open };
});

let folder: string;
let followed: FollowedFiles | undefined;
let seen: (readonly string[])[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "followed-"));
  seen = [];
});
afterEach(async () => {
  await followed?.close();
  followed = undefined;
  rmSync(folder, { recursive: true });
});

async function follow(...names: readonly string[]): Promise<readonly string[]> {
  followed = await followFiles(
    names.map((name) => join(folder, name)),
    (texts) => void seen.push(texts),
  );
  return followed.texts;
}

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const untilSeen = (texts: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(seen.at(-1)).toEqual(texts), { timeout: 15_000, interval: 20 });

test("read at the start, and told together when one changes", async () => {
  write("a", "1");
  write("b", "2");
  expect(await follow("a", "b")).toEqual(["1", "2"]);
  write("b", "3");
  await untilSeen(["1", "3"]);
  write("a.new", "4");
  renameSync(join(folder, "a.new"), join(folder, "a"));
  await untilSeen(["4", "3"]);
  expect(seen).toHaveLength(2);
});

test("the link above a mounted secret is switched", async () => {
  for (const [version, text] of [
    ["v1", "old"],
    ["v2", "new"],
  ] as const) {
    mkdirSync(join(folder, version));
    write(`${version}/key`, text);
  }
  symlinkSync("v1", join(folder, "..data"));
  symlinkSync("..data/key", join(folder, "key"));
  expect(await follow("key")).toEqual(["old"]);
  symlinkSync("v2", join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  await untilSeen(["new"]);
});

test("a file that goes away counts as unchanged, and is read again when it is back", async () => {
  write("a", "1");
  await follow("a");
  rmSync(join(folder, "a"));
  write("other", "x");
  write("a", "2");
  await untilSeen(["2"]);
  expect(seen).toEqual([["2"]]);
});

test("one that can't be read at the start is told of", async () => {
  await expect(follow("none")).rejects.toThrow(/none can't be read \(ENOENT\): name a file/);
  mkdirSync(join(folder, "folder"));
  await expect(follow("folder")).rejects.toThrow(/folder is not a regular file: name a regular file/);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  await expect(follow("pipe")).rejects.toThrow(/pipe is not a regular file: name a regular file/);
  write("large", "x".repeat(FOLLOWED_BYTES_MAX + 1));
  await expect(follow("large")).rejects.toThrow(/large holds 1048577 bytes, more than the 1048576/);
  write("largest", "x".repeat(FOLLOWED_BYTES_MAX));
  expect(await follow("largest")).toEqual(["x".repeat(FOLLOWED_BYTES_MAX)]);
});

test("what is no file to be read any more counts as unchanged", async () => {
  write("a", "1");
  await follow("a");
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const { reads } = disk;
  renameSync(join(folder, "pipe"), join(folder, "a"));
  await vi.waitFor(() => expect(disk.reads).toBeGreaterThan(reads), 15_000);
  write("a.new", "2");
  renameSync(join(folder, "a.new"), join(folder, "a"));
  await untilSeen(["2"]);
  expect(seen).toEqual([["2"]]);
});

test("a slow read is not put over a later one, and what happened meanwhile is read after it", async () => {
  const replace = (text: string): void => {
    write("a.new", text);
    renameSync(join(folder, "a.new"), join(folder, "a"));
  };
  write("a", "1");
  await follow("a");
  const { promise, resolve } = Promise.withResolvers<void>();
  disk.until = promise;
  const { reads } = disk;
  replace("2");
  await vi.waitFor(() => expect(disk.reads).toBe(reads + 1), 15_000);
  disk.until = Promise.resolve();
  replace("3");
  // Longer than a look waits for quiet: where looks overlap, the second is over before the first.
  await new Promise((done) => setTimeout(done, 300));
  resolve();
  await untilSeen(["3"]);
  // The slow one may have read the one or the other; never is the older told after the newer.
  expect(seen.length).toBeLessThanOrEqual(2);
  expect(seen.at(-1)).toEqual(["3"]);
});

test("a file that is written in place is read when it is closed", async () => {
  write("a", "one");
  await follow("a");
  const fd = openSync(join(folder, "a"), "w");
  writeSync(fd, "t");
  // Longer than the files must be quiet.
  await new Promise((resolve) => setTimeout(resolve, 500));
  writeSync(fd, "wo");
  closeSync(fd);
  await untilSeen(["two"]);
  expect(seen).toHaveLength(1);
});

test("read again when asked, and told whether or not they have changed", async () => {
  write("a", "1");
  await follow("a");
  await followed!.reread();
  expect(seen).toEqual([["1"]]);
  write("a.new", "2");
  renameSync(join(folder, "a.new"), join(folder, "a"));
  await followed!.reread();
  expect(seen).toEqual([["1"], ["2"]]);
  rmSync(join(folder, "a"));
  await expect(followed!.reread()).rejects.toThrow(/a can't be read \(ENOENT\)/);
  write("a", "3");
  await untilSeen(["3"]);
  await followed!.close();
  await followed!.reread();
  expect(seen).toEqual([["1"], ["2"], ["3"]]);
});
