// The reporter in a real run of vitest over a few small files.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const VITEST = join(REPOSITORY, "node_modules/vitest/vitest.mjs");

const FILES = {
  "mixed.test.ts": `
    import { describe, expect, test } from "vitest";
    describe("group", () => {
      test("good", () => expect(1).toBe(1));
      test("bad", () => expect(1).toBe(2));
      test("reasoned", (context) => context.skip("no dig here"));
    });
    test.skip("plain", () => {});
    test.todo("later");
  `,
  "unloadable.test.ts": `import "./missing.ts";`,
  "hook.test.ts": `
    import { beforeAll, test } from "vitest";
    beforeAll(() => { throw new Error("no"); });
    test("never", () => {});
  `,
  "stray.test.ts": `
    import { test } from "vitest";
    test("good", async () => { setTimeout(() => { throw new Error("stray"); }, 0); await new Promise((r) => setTimeout(r, 50)); });
  `,
  "killed.test.ts": `
    import { test } from "vitest";
    test("first", () => process.kill(process.pid, "SIGKILL"));
    test("second", () => {});
  `,
};

test("counts tests, files that did not run or were cut off, and stray errors; names what was skipped", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "cluster-dns-reporter-")));
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  try {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text);
    const counts = join(root, "counts");
    const reporter = join(REPOSITORY, ".ci/count-reporter.ts");
    const args = [VITEST, "run", "--root", root, `--reporter=${reporter}`, "--maxWorkers=1"];
    const env = { ...process.env, TEST_COUNTS_FILE: counts };
    await new Promise((resolve) => void execFile(process.execPath, args, { env, cwd: root }, resolve));
    const lines = readFileSync(counts, "utf8").trimEnd().split("\n");
    expect(lines.slice(0, -1).sort()).toEqual([
      "failed: 2 errors outside of any test",
      "failed: hook.test.ts did not run to its end",
      "failed: killed.test.ts was cut off, with 2 tests to go",
      "failed: unloadable.test.ts did not run to its end",
      "skipped: hook.test.ts > never",
      "skipped: mixed.test.ts > group > reasoned: no dig here",
      "skipped: mixed.test.ts > later",
      "skipped: mixed.test.ts > plain",
    ]);
    expect(lines.at(-1)).toBe("2 passed, 7 failed, 4 skipped");
  } finally {
    rmSync(root, { recursive: true });
  }
});
