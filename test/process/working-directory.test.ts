// A process whose working directory is removed and made anew is in the new one after `follow`, and not before it is there.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WorkingDirectory } from "../../src/process/working-directory.ts";

const BEFORE = process.cwd();

let parent: string;
let folder: string;
let working: WorkingDirectory;

beforeEach(() => {
  parent = mkdtempSync(`${tmpdir()}/working-directory-`);
  folder = `${parent}/here`;
  mkdirSync(folder);
  writeFileSync(`${folder}/file`, "old");
  process.chdir(folder);
  working = new WorkingDirectory();
});
afterEach(() => {
  process.chdir(BEFORE);
  rmSync(parent, { recursive: true });
});

const read = (): Promise<string> => readFile("file", "utf8");

test("stays where nothing happened", async () => {
  await working.follow();
  expect(await read()).toBe("old");
});

test("follows a folder that was removed, once it is there again", async () => {
  rmSync(folder, { recursive: true });
  await working.follow();
  await expect(read()).rejects.toThrow("ENOENT");
  mkdirSync(folder);
  writeFileSync(`${folder}/file`, "new");
  await expect(read()).rejects.toThrow("ENOENT");
  await working.follow();
  expect(await read()).toBe("new");
});

test("stays in a folder that was moved, or that the program went to", async () => {
  renameSync(folder, `${parent}/old`);
  mkdirSync(folder);
  await working.follow();
  expect(await read()).toBe("old");
  process.chdir(parent);
  await working.follow();
  expect(process.cwd()).toBe(parent);
});

test("follows the path, if that is wanted, also where the folder was moved", async () => {
  await working.followPath();
  expect(await read()).toBe("old");
  renameSync(folder, `${parent}/old`);
  await working.followPath();
  expect(await read()).toBe("old");
  mkdirSync(folder);
  writeFileSync(`${folder}/file`, "new");
  await working.followPath();
  expect(await read()).toBe("new");
});
