// Files that are read and followed, as an editor or a mounted secret changes them.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followFiles } from "../../src/sources/followed-files.ts";
import type { FollowedFiles } from "../../src/sources/followed-files.ts";

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
  vi.waitFor(() => expect(seen.at(-1)).toEqual(texts), { timeout: 5_000, interval: 20 });

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
  await expect(follow("folder")).rejects.toThrow(/can't be read \(EISDIR\)/);
});
