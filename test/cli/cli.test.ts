import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { memoryIo } from "./memory-io.ts";

const PACKAGE = fileURLToPath(new URL("../../package.json", import.meta.url));
const CLI = fileURLToPath(new URL("../../src/cli/start.ts", import.meta.url));

const COMMANDS = [
  "serve",
  "check",
  "explain",
  "expect",
  "list",
  "dump",
  "register",
  "diff",
  "top",
  "doctor",
  "query",
  "resolv-conf",
  "env",
  "install-resolver",
  "import-corefile",
  "completion",
];

describe("runCli", () => {
  test.each([["--help"], ["-h"], ["help"]])("%s names every command", async (arg) => {
    const io = memoryIo();
    expect(await runCli([arg], io)).toBe(0);
    for (const command of COMMANDS) expect(io.out()).toContain(`\n  ${command} `);
    expect(io.err()).toBe("");
  });

  test("without a command: the help, as an error", async () => {
    const io = memoryIo();
    expect(await runCli([], io)).toBe(2);
    expect(io.err()).toContain("Usage: cluster-dns COMMAND");
    expect(io.out()).toBe("");
  });

  test.each(COMMANDS)("%s has the same help in every spelling", async (command) => {
    const texts: string[] = [];
    for (const args of [
      ["help", command],
      ["--help", command],
      [command, "--help"],
      [command, "x", "-h"],
    ]) {
      const io = memoryIo();
      expect(await runCli(args, io)).toBe(0);
      expect(io.err()).toBe("");
      texts.push(io.out());
    }
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain(`Usage: cluster-dns ${command} `);
  });

  test.each(["--version", "-V"])("%s is the package's", async (flag) => {
    const { version } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string };
    const io = memoryIo();
    expect(await runCli([flag], io)).toBe(0);
    expect(io.out()).toBe(`cluster-dns ${version}\n`);
  });

  test.each([
    [["sevre", "zones"], "unknown command sevre; did you mean serve?"],
    [["resolvconf"], "unknown command resolvconf; did you mean resolv-conf?"],
    [["help", "quary"], "unknown command quary; did you mean query?"],
    [["zones"], "unknown command zones\n"],
    [["--listen", "127.0.0.1", "serve"], "the command comes first, before --listen\n"],
    [["--verison"], "the command comes first, before --verison; did you mean --version?"],
  ])("%j: %s", async (args, message) => {
    const io = memoryIo();
    expect(await runCli(args, io)).toBe(2);
    expect(io.err()).toContain(`cluster-dns: ${message}`);
    expect(io.err()).toContain(`Commands are ${COMMANDS.join(", ")}.`);
    expect(io.out()).toBe("");
  });

  test.each([
    [{}, false],
    [{ CLUSTER_DNS_DEBUG: "1" }, true],
  ])("an internal error is one line and code 70, and its stack with %j", async (env, shown) => {
    const io = memoryIo(env);
    Object.defineProperty(io, "stdout", {
      get(): never {
        throw new TypeError("broken\nin two lines");
      },
    });
    expect(await runCli(["--version"], io)).toBe(70);
    expect(io.err()).toMatch(
      /^cluster-dns: internal error: TypeError: broken(; CLUSTER_DNS_DEBUG=1 shows its stack)?\n/,
    );
    expect(/\n\s+at /.test(io.err())).toBe(shown);
  });
});

test("a reader that closes the pipe is no error", async () => {
  const child = spawn(process.execPath, [CLI, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test.skipIf(!existsSync("/dev/full"))("output that can't be written is a failure", async () => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [CLI, "--help"], { stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  const [err, [code]] = await Promise.all([text(child.stderr!), once(child, "close")]);
  expect([err, code]).toEqual(["cluster-dns: the output can't be written (ENOSPC)\n", 1]);
});
