// Both ends of a channel in one process: what one sends, the other receives, with the open files.
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acceptChannel, connectToPath, listenAtPath } from "../../src/server/descriptor-channel.ts";
import type { DescriptorChannel } from "../../src/server/descriptor-channel.ts";
import type { Libc } from "../../src/server/libc.ts";
import { needLibc, reasonAgainstBatches } from "../support/batch/open-batch.ts";

describe.skipIf(reasonAgainstBatches() !== undefined)("a channel", () => {
  const libc: Libc = reasonAgainstBatches() === undefined ? needLibc() : ({} as Libc);
  let folder: string;
  let path: string;
  let listening: number;
  let ends: readonly [DescriptorChannel, DescriptorChannel];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "channel-"));
    path = join(folder, "socket");
    listening = listenAtPath(libc, path);
    const first = connectToPath(libc, path);
    ends = [first, acceptChannel(libc, listening)!];
  });
  afterEach(() => {
    for (const end of ends) end.close();
    libc.close(listening);
    rmSync(folder, { recursive: true });
  });

  test("is for this user only", () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("keeps the borders of messages, in both directions", () => {
    expect(ends[1].receive()).toBeUndefined();
    ends[0].send("one");
    ends[0].send("two é");
    expect(ends[1].receive()).toEqual({ text: "one", descriptor: undefined });
    expect(ends[1].receive()).toEqual({ text: "two é", descriptor: undefined });
    ends[1].send("three");
    expect(ends[0].receive()).toEqual({ text: "three", descriptor: undefined });
  });

  test("passes open files, each with its message", () => {
    for (const name of ["a", "b"]) {
      writeFileSync(join(folder, name), name);
      const fd = openSync(join(folder, name), "r");
      expect(ends[0].send(name, fd)).toBe(true);
      closeSync(fd);
    }
    for (const name of ["a", "b"]) {
      const received = ends[1].receive();
      if (received === undefined || received === "closed") throw new Error("nothing came");
      expect(readFileSync(received.descriptor!, "utf8")).toBe(name);
      closeSync(received.descriptor!);
    }
  });

  test("a channel that nobody reads refuses more without waiting, and leaves no descriptor", () => {
    const before = readdirSync("/proc/self/fd").length;
    let sent = 0;
    while (sent < 10_000 && ends[0].send("x".repeat(1_000))) sent++;
    expect(sent).toBeLessThan(10_000);
    expect(readdirSync("/proc/self/fd")).toHaveLength(before);
  });

  test("the other end learns of a close, and nothing can be sent any more", () => {
    ends[0].send("last");
    ends[0].close();
    expect(ends[1].receive()).toEqual({ text: "last", descriptor: undefined });
    expect(ends[1].receive()).toBe("closed");
    expect(ends[1].send("too late")).toBe(false);
    expect(ends[0].receive()).toBe("closed");
  });

  test.each([
    ["where nothing is", "missing", "ENOENT"],
    ["where nobody listens any more", "socket", "ECONNREFUSED"],
  ])("a connection %s fails", (_title, name, code) => {
    libc.close(listening);
    expect(() => connectToPath(libc, join(folder, name))).toThrow(expect.objectContaining({ code }));
    listening = listenAtPath(libc, join(folder, "other"));
  });
});
