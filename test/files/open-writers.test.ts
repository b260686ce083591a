// Whether a file is open for writing, seen by opening it here and in another process.
import { spawn } from "node:child_process";
import { closeSync, linkSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OpenWriters } from "../../src/files/open-writers.ts";

const writers = new OpenWriters();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "writers-"));
  path = join(folder, "a.yaml");
  writeFileSync(path, "a");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.runIf(process.platform === "linux").each(["r+", "w", "a"])("a writer that opened it with %s", (flags) => {
  const fd = openSync(path, flags);
  expect(writers.has(path)).toBe(true);
  closeSync(fd);
  expect(writers.has(path)).toBe(false);
});

test.runIf(process.platform === "linux")("a writer behind another name", () => {
  linkSync(path, join(folder, "b.yaml"));
  symlinkSync(path, join(folder, "c.yaml"));
  const fd = openSync(join(folder, "b.yaml"), "a");
  expect(writers.has(join(folder, "c.yaml"))).toBe(true);
  closeSync(fd);
});

test("readers are no writers, and what is not there has none", () => {
  const fd = openSync(path, "r");
  expect(writers.has(path)).toBe(false);
  closeSync(fd);
  expect(writers.has(join(folder, "missing.yaml"))).toBe(false);
});

test.runIf(process.platform === "linux")(
  "another program opens the file all the while: nobody is held up or ended",
  async () => {
    const writer = spawn("sh", ["-c", `for i in $(seq 2000); do printf a >> '${path}'; done`]);
    const exited = once(writer, "exit");
    let asked = 0;
    while (writer.exitCode === null) {
      writers.has(path);
      asked++;
      if (asked % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await exited).toEqual([0, null]);
    expect(writers.has(path)).toBe(false);
  },
);
