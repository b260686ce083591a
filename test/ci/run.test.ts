// .ci/run with an npm of the test's own: what its last line and exit code make of what the tests did.
import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
/** The programs of the script's table. */
const PROGRAMS = /<<'PROGRAMS'\n(.*?)\nPROGRAMS\n/s
  .exec(readFileSync(join(REPOSITORY, ".ci/run"), "utf8"))![1]!
  .split("\n")
  .map((row) => row.split(" ")[0]!);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cluster-dns-ci-"));
  mkdirSync(join(root, ".ci"));
  mkdirSync(join(root, "path"));
  cpSync(join(REPOSITORY, ".ci/run"), join(root, ".ci/run"));
  // So that nothing is looked for, let alone installed.
  for (const program of PROGRAMS) writeProgram(program, "exit 0");
});
afterEach(() => rmSync(root, { recursive: true }));

function writeProgram(name: string, script: string): void {
  const file = join(root, "path", name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** `ci` and `test` are what npm does then, as shell script. */
function writeNpm(ci: string, onTest: string): void {
  writeProgram("npm", `case $1 in\nci) ${ci} ;;\ntest) echo "tests: $*"; ${onTest} ;;\n*) exit 99 ;;\nesac`);
}

function runCi(): Promise<{ code: number; lines: string[] }> {
  const env = { PATH: `${join(root, "path")}:${process.env["PATH"]}`, TMPDIR: root };
  return new Promise((resolve) => {
    execFile(join(root, ".ci/run"), { env, cwd: tmpdir() }, (error, stdout) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, lines: stdout.trimEnd().split("\n") });
    });
  });
}

describe(".ci/run", () => {
  test.each([
    ["all passed", "echo '5 passed, 0 failed' >$TEST_COUNTS_FILE", 0, ["5 passed, 0 failed"]],
    [
      "some skipped",
      "printf 'skipped: a > b: no dig\\n5 passed, 0 failed, 1 skipped\\n' >$TEST_COUNTS_FILE",
      0,
      ["skipped: a > b: no dig", "5 passed, 0 failed, 1 skipped"],
    ],
    ["some failed", "echo '5 passed, 2 failed' >$TEST_COUNTS_FILE; exit 1", 1, ["5 passed, 2 failed"]],
    ["the runner failed by itself", "echo '5 passed, 0 failed' >$TEST_COUNTS_FILE; exit 3", 3, ["5 passed, 1 failed"]],
    ["no report", "exit 139", 139, ["the test runner ended without a report, exit code 139", "0 passed, 1 failed"]],
    ["no report, though all seemed well", "exit 0", 1, ["0 passed, 1 failed"]],
  ])("%s", async (_, onTest, code, last) => {
    writeNpm("exit 0", onTest);
    const outcome = await runCi();
    expect(outcome.code).toBe(code);
    expect(outcome.lines.slice(-last.length)).toEqual(last);
  });

  test("installs before it tests, by the README's command, and leaves nothing behind", async () => {
    writeNpm("echo installed", "echo '1 passed, 0 failed' >$TEST_COUNTS_FILE; echo $TEST_COUNTS_FILE");
    const { lines } = await runCi();
    expect(lines[0]).toBe("installed");
    expect(lines[1]).toMatch(/^tests: test -- /);
    expect(lines[2]).toContain(root);
    expect(existsSync(lines[2] ?? "")).toBe(false);
  });

  test("a failed installation is a failed run", async () => {
    writeNpm("exit 1", "exit 0");
    expect(await runCi()).toEqual({ code: 1, lines: ["npm ci failed", "0 passed, 1 failed"] });
  });
});
