import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { connectionsThatFit, openFilesMax } from "../../src/server/descriptor-limit.ts";
import { ROOT } from "../support/process.ts";

test.each([
  [1, 1_024, 832],
  [3, 1_024, 277],
  [1, 64, 16],
  [0, 1_024, 832],
  [2, Infinity, Infinity],
])("%i listeners and %i open files: %i connections each", (listeners, limit, connections) => {
  expect(connectionsThatFit(listeners, limit)).toBe(connections);
});

test("the limit is that of the process", () => {
  const program = `import { openFilesMax } from "./src/server/descriptor-limit.ts"; console.log(openFilesMax());`;
  const command = `ulimit -n 200 && exec "$0" --input-type=module -e "$1"`;
  const out = execFileSync("/bin/sh", ["-c", command, process.execPath, program], { cwd: ROOT, encoding: "utf8" });
  expect(out).toBe("200\n");
  expect(openFilesMax()).toBeGreaterThan(0);
});
