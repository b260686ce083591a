import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { LogOutput } from "../../src/observe/log-output.ts";
import type { WriteSome } from "../../src/observe/log-output.ts";
import { ROOT } from "../support/process.ts";

/** A target that keeps what it is given while `fault` is undefined, at most `size` bytes at a time. */
class Target {
  #written = Buffer.alloc(0);
  fault: string | undefined;
  size = Infinity;
  readonly write: WriteSome = (bytes, done) => {
    setImmediate(() => {
      if (this.fault !== undefined) return done(Object.assign(new Error(this.fault), { code: this.fault }), 0);
      const taken = bytes.subarray(0, this.size);
      this.#written = Buffer.concat([this.#written, taken]);
      done(null, taken.length);
    });
  };

  get text(): string {
    return this.#written.toString();
  }
}

describe("LogOutput", () => {
  test("writes lines in order, whatever a write takes at once", async () => {
    const target = new Target();
    target.size = 3;
    const output = new LogOutput(target.write);
    for (const line of ["one\n", "zwei ü\n", "three\n"]) output.write(line);
    await output.flush(10_000);
    expect(target.text).toBe("one\nzwei ü\nthree\n");
  });

  test.each(["ENOSPC", "EIO", "EAGAIN", "EPIPE"])("tries again after %s", async (code) => {
    const target = new Target();
    target.fault = code;
    const output = new LogOutput(target.write);
    output.write("a line\n");
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(target.text).toBe("");
    target.fault = undefined;
    await output.flush(10_000);
    expect(target.text).toBe("a line\n");
  });

  test("loses lines beyond its bound, and tells how many when it can write again", async () => {
    const target = new Target();
    target.fault = "ENOSPC";
    const output = new LogOutput(target.write);
    const lost: number[] = [];
    output.onLost = (count) => lost.push(count);
    const line = `${"x".repeat(1_023)}\n`;
    for (let i = 0; i < 2_000; i++) output.write(line);
    target.fault = undefined;
    await output.flush(10_000);
    const written = target.text.length / line.length;
    expect(written).toBeGreaterThanOrEqual(1_000);
    expect(written).toBeLessThanOrEqual(1_100);
    expect(lost).toEqual([2_000 - written]);
  });

  test("lines of less weight leave room for the others, which are not lost", async () => {
    const target = new Target();
    target.fault = "ENOSPC";
    const output = new LogOutput(target.write);
    const lost: number[] = [];
    output.onLost = (count) => lost.push(count);
    const line = `${"x".repeat(1_023)}\n`;
    const queued = Array.from({ length: 2_000 }, () => output.writeIfRoom(line)).filter(Boolean).length;
    expect(queued).toBeGreaterThan(600);
    expect(queued).toBeLessThan(900);
    for (let i = 0; i < 100; i++) output.write("important\n");
    target.fault = undefined;
    await output.flush(10_000);
    expect([target.text.split("important\n").length - 1, lost]).toEqual([100, []]);
    expect(output.writeIfRoom(line)).toBe(true);
  });

  test("writes what is queued when the process ends", () => {
    const flushed: string[] = [];
    const output = new LogOutput(
      () => undefined,
      (bytes) => flushed.push(bytes.toString()),
    );
    for (const line of ["in a write already\n", "queued\n"]) output.write(line);
    output.flushNow();
    expect(flushed).toEqual(["queued\n"]);
  });
});

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  // With the programs that the shell has started.
  for (const { pid } of children.splice(0)) process.kill(-pid!, "SIGKILL");
});

/** A program that logs 20,000 lines while its timer counts turns, and says on stderr that it went on. */
const PROGRAM = `
  import { createLog } from "./src/observe/log.ts";
  const log = createLog("info");
  const text = "x".repeat(200);
  let turns = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 200; i++) log.info(text);
    if (++turns === 100) { clearInterval(timer); process.stderr.write("went on\\n"); process.exit(0); }
  }, 1);`;

function run(command: string): ReturnType<typeof spawn> {
  const child = spawn("/bin/sh", ["-c", command, process.execPath, PROGRAM], { cwd: ROOT, detached: true });
  children.push(child);
  return child;
}

describe("a process with a log", () => {
  test("goes on when the disk is full", async () => {
    const child = run(`"$0" --input-type=module -e "$1" > /dev/full`);
    let err = "";
    child.stderr!.on("data", (data: Buffer) => (err += data.toString()));
    const [code] = (await once(child, "close")) as [number];
    children.pop();
    expect({ code, err }).toEqual({ code: 0, err: "went on\n" });
  });

  test.each([
    ["pipe", `"$0" --input-type=module -e "$1" | sleep 600`],
    // Nobody reads it.
    ["socket", `"$0" --input-type=module -e "$1"; sleep 600`],
  ])("goes on when the reader of its log has stalled: a %s", async (_what, command) => {
    const child = run(command);
    const [data] = (await once(child.stderr!, "data")) as [Buffer];
    expect(data.toString()).toBe("went on\n");
  });

  test("goes on when the reader of its log has ended", async () => {
    const child = run(`{ "$0" --input-type=module -e "$1"; echo "ended with $?" >&2; } | head -c 1 > /dev/null`);
    let err = "";
    child.stderr!.on("data", (data: Buffer) => (err += data.toString()));
    await once(child, "close");
    children.pop();
    expect(err).toBe("went on\nended with 0\n");
  });
});
