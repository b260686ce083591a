import { stripVTControlCharacters } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { formatEvent, prettyTo } from "../../src/observe/pretty.ts";
import { keptLog } from "../support/kept-log.ts";

describe("an event as a line", () => {
  test.each<[event: Record<string, unknown>, line: string]>([
    [{ level: 30, time: "2026-01-02T03:04:05Z", msg: "published" }, "published"],
    [
      { msg: "serving", addresses: ["127.0.0.1:53", "[::1]:53"], tookMs: 7 },
      "serving addresses=127.0.0.1:53,[::1]:53 tookMs=7",
    ],
    [{ msg: "m", reason: "it ended", ok: true, none: null }, 'm reason="it ended" ok=true'],
    [{ msg: "m", sources: { manifests: { files: 4 } }, list: [], text: "" }, "m"],
    [{ msg: "a\u001b[31m", file: "b\nc" }, 'a\\u{1b}[31m file="b\\\\u{a}c"'],
    [
      { msg: "fault", count: 1, err: { message: "m", stack: "Error: m\n    at f" } },
      "fault count=1 err=\nError: m\n    at f",
    ],
    [{}, ""],
  ])("%j", (event, line) => {
    expect(formatEvent(event)).toBe(line);
  });
});

test("has the time, the level and the line, and keeps the order", async () => {
  const { output, lines } = keptLog();
  const stream = prettyTo(output);
  stream.write('{"level":30,"time":"2026-01-02T03:04:05.678Z","n":1,"msg":"one"}\n');
  stream.write('{"level":40,"time":"2026-01-02T03:04:05.678Z","msg":"two"}\n');
  await vi.waitFor(() => expect(lines()).toHaveLength(2));
  const plain = lines().map(stripVTControlCharacters);
  expect(plain[0]).toMatch(/^\[\d\d:04:05\] INFO: one n=1$/);
  expect(plain[1]).toMatch(/^\[\d\d:04:05\] WARN: two$/);
});
