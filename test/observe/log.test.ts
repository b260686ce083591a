import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createLog } from "../../src/observe/log.ts";
import { LogOutput } from "../../src/observe/log-output.ts";
import { ROOT } from "../support/process.ts";

/** What a program prints that logs one line at each level. */
function printed(level: string): string[] {
  const program = `
    import { createLog } from "./src/observe/log.ts";
    const log = createLog(${JSON.stringify(level)});
    log.debug({ n: 1 }, "d"); log.info({ n: 2 }, "i"); log.warn("w"); log.error({ name: "a\\nb\\u001b[31m" }, "e");`;
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT, encoding: "utf8" });
  return text.split("\n").slice(0, -1);
}

describe("createLog", () => {
  test("writes one JSON line an event, from its level on", () => {
    const lines = printed("info").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ msg }) => msg)).toEqual(["i", "w", "e"]);
    expect(lines[0]).toMatchObject({ level: 30, n: 2 });
    expect(Date.parse(String(lines[0]!.time))).toBeGreaterThan(0);
  });

  test("keeps what it logs on one line", () => {
    expect(printed("error")).toHaveLength(1);
  });

  test("is silent at the level `silent`", () => {
    expect(printed("silent")).toEqual([]);
    expect(createLog("silent").isLevelEnabled("fatal")).toBe(false);
  });

  test.each(["silent", "info"])("may get another level later than %s", (level) => {
    const lines: string[] = [];
    const output = new LogOutput((bytes, done) => {
      lines.push(bytes.toString());
      done(null, bytes.length);
    });
    const log = createLog(level, output);
    log.debug("early");
    log.level = "debug";
    log.debug("late");
    log.level = "silent";
    log.error("too late");
    expect(lines).toEqual([expect.stringContaining('"msg":"late"')]);
  });
});
