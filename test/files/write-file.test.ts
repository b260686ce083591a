import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile, syncFolder } from "../../src/files/write-file.ts";

let root: string;
let path: string;

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "write-"));
  path = join(root, "a");
});
afterEach(() => fs.rmSync(root, { recursive: true }));

test("the file is another one each time, with its mode whatever the umask, and leaves nothing beside it", async () => {
  const before = process.umask(0o777);
  try {
    await replaceFile(path, "1", { mode: 0o640 });
    const { ino, mode } = fs.statSync(path);
    expect(mode & 0o777).toBe(0o640);
    await replaceFile(path, "2", { mode: 0o644, temporary: join(root, "b") });
    expect(fs.statSync(path).ino).not.toBe(ino);
    expect(fs.statSync(path).mode & 0o777).toBe(0o644);
    await syncFolder(root);
  } finally {
    process.umask(before);
  }
  expect(fs.readFileSync(path, "utf8")).toBe("2");
  expect(fs.readdirSync(root)).toEqual(["a"]);
});

test("a write that fails leaves the file as it was", async () => {
  fs.writeFileSync(path, "1");
  fs.mkdirSync(`${path}.new`);
  await expect(replaceFile(path, "2", { mode: 0o600 })).rejects.toMatchObject({ code: "EISDIR" });
  expect(fs.readFileSync(path, "utf8")).toBe("1");
});

test("a link at the temporary path is not followed", async () => {
  fs.writeFileSync(join(root, "victim"), "mine");
  fs.symlinkSync("victim", `${path}.new`);
  await expect(replaceFile(path, "2", { mode: 0o600 })).rejects.toMatchObject({ code: "ELOOP" });
  expect(fs.readFileSync(join(root, "victim"), "utf8")).toBe("mine");
});
