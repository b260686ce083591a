import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MODULE = fileURLToPath(new URL("../../src/cli/stop-signal.ts", import.meta.url));
/** Says what it hears, and lives on until it is killed. */
const PROGRAM = `
import { untilStopSignal } from ${JSON.stringify(MODULE)};
const stopped = untilStopSignal();
setInterval(() => undefined, 1000);
process.stdout.write("ready\\n");
await stopped;
process.stdout.write("stopped\\n");
`;

describe("a stop signal", () => {
  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("%s resolves once, and ends the process the second time", async (signal, exitCode) => {
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", PROGRAM]);
    const exited = once(child, "exit");
    try {
      for (const line of ["ready\n", "stopped\n"]) {
        const [said] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
        expect(said).toBe(line);
        // Within a tenth of a second the same signal would still be the first one, passed on by a parent.
        await new Promise((resolve) => setTimeout(resolve, 150));
        child.kill(signal);
      }
      expect(await exited).toEqual([exitCode, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
