import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBoundedFile, readBoundedFileSync, signatureOf } from "../../src/files/read-file.ts";

let root: string;
let path: string;

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "read-"));
  path = join(root, "a");
});
afterEach(() => fs.rmSync(root, { recursive: true }));

describe.each([
  ["with a promise", readBoundedFile],
  ["at once", async (...args: [string, number]) => readBoundedFileSync(...args)],
])("%s", (_title, read) => {
  test("what the file held, and its state at that moment", async () => {
    fs.writeFileSync(path, "äb");
    const result = await read(path, 3);
    if ("fault" in result) throw new Error(result.fault);
    expect(result.bytes.toString()).toBe("äb");
    expect(signatureOf(result.stats)).toBe(signatureOf(fs.statSync(path, { bigint: true })));
    expect(result.isStill).toBe(true);
  });

  test.each<[title: string, make: () => void, fault: object]>([
    ["nothing", () => {}, { fault: "failed", code: "ENOENT", cause: expect.any(Error) as Error }],
    ["a folder", () => fs.mkdirSync(path), { fault: "not-a-file" }],
    ["a pipe", () => execFileSync("mkfifo", [path]), { fault: "not-a-file" }],
    ["a device behind a link", () => fs.symlinkSync("/dev/zero", path), { fault: "not-a-file" }],
    ["a byte too many", () => fs.writeFileSync(path, "1234"), { fault: "too-large", bytes: 4 }],
  ])("%s is a fault", async (_what, make, fault) => {
    make();
    expect(await read(path, 3)).toEqual(fault);
  });
});

test("a link is followed unless the caller says no", async () => {
  fs.writeFileSync(join(root, "target"), "x");
  fs.symlinkSync("target", path);
  expect(await readBoundedFile(path, 3)).toMatchObject({ bytes: Buffer.from("x") });
  expect(await readBoundedFile(path, 3, { noFollow: true })).toMatchObject({ fault: "failed", code: "ELOOP" });
});
